/** What stands around every page of a timelapse: its name, how it is, what can be done with it, and the ways to its pages. */
import type { TimelapseId, TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from '../parts/icon.tsx';
import { useCurrentInSight } from '../parts/in-sight.ts';
import { Loaded } from '../parts/loaded.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { useTitle } from '../parts/title.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { NextSlot, NothingPlanned } from './next-slot.tsx';
import { sayRhythm } from './schedule-words.ts';
import { ShareTimelapse } from './share-timelapse.tsx';
import { TimelapseControls } from './timelapse-controls.tsx';
import { toneOfState } from './timelapse-state.ts';
import './timelapse-frame.css';

const TABS = [
  { to: '/timelapses/$timelapseId', text: words.tabs.films },
  { to: '/timelapses/$timelapseId/calendar', text: words.tabs.calendar },
  { to: '/timelapses/$timelapseId/frames', text: words.tabs.frames },
  { to: '/timelapses/$timelapseId/overlay', text: words.tabs.overlay },
  { to: '/timelapses/$timelapseId/rules', text: words.tabs.rules },
] as const;

interface Props {
  timelapseId: string;
  children: (timelapse: TimelapseView) => ReactNode;
}

export function TimelapseFrame({ timelapseId, children }: Props) {
  const timelapse = useQuery(queries.timelapse(timelapseId as TimelapseId));
  useTitle(timelapse.data?.name);
  return (
    <div className="page timelapse-page">
      <Loaded query={timelapse}>
        {(found) => (
          <>
            <Head timelapse={found} />
            <Tabs timelapseId={timelapseId} />
            {children(found)}
          </>
        )}
      </Loaded>
    </div>
  );
}

function Tabs({ timelapseId }: { timelapseId: string }) {
  const row = useCurrentInSight(useLocation().pathname);
  return (
    <nav ref={row} className="tabs" aria-label={words.tabs.title}>
      {TABS.map(({ to, text }) => (
        <Link
          key={to}
          to={to}
          params={{ timelapseId }}
          search={{}}
          activeOptions={{ exact: true, includeSearch: false }}
        >
          {text}
        </Link>
      ))}
    </nav>
  );
}

function Head({ timelapse }: { timelapse: TimelapseView }) {
  const { cameraId, state, schedule } = timelapse;
  const camera = useQuery(queries.camera(cameraId)).data;
  return (
    <header className="page-head">
      <Link
        to="/cameras/$cameraId"
        params={{ cameraId }}
        className="button button-quiet button-bare"
        aria-label={words.common.back}
        title={camera?.name}
      >
        <Icon name="left" />
      </Link>
      <div className="page-title">
        <h1>{timelapse.name}</h1>
        <p className="row muted">
          <StateDot tone={toneOfState[state]}>{words.timelapseStates[state]}</StateDot>
          <span>{sayRhythm(schedule)}</span>
          {camera !== undefined && (
            <Link to="/cameras/$cameraId" params={{ cameraId }}>
              {camera.name}
            </Link>
          )}
          {state === 'running' && <NextSlot nextDueAt={timelapse.nextDueAt} schedule={schedule} />}
          <NothingPlanned timelapse={timelapse} />
        </p>
      </div>
      <div className="actions timelapse-actions">
        <ShareTimelapse timelapse={timelapse} />
        <TimelapseControls timelapse={timelapse} />
      </div>
    </header>
  );
}
