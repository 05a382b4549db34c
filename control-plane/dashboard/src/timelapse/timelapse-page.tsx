/** One recording campaign: what came of it so far, and the films of it. */
import type { TimelapseId, TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { sayBytes, sayNumber, sayPart } from '../moments/say.ts';
import { Facts, Figures } from '../parts/facts.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Moment } from '../parts/moment.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { useTitle } from '../parts/title.ts';
import { sayCounts } from '../pieces/coverage.ts';
import { GapList } from '../pieces/gap-list.tsx';
import { NextSlot, NothingPlanned } from '../pieces/next-slot.tsx';
import { sayRhythm } from '../pieces/schedule-words.ts';
import { ShareBar } from '../pieces/share-bar.tsx';
import { TimelapseControls } from '../pieces/timelapse-controls.tsx';
import { toneOfState } from '../pieces/timelapse-state.ts';
import { useNow } from '../server/clock.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { Films } from './films.tsx';
import './timelapse.css';

const MINUTE_MS = 60_000;
/** The server counts at most 400 days at once. */
const LONGEST_MS = 399 * 86_400_000;

export function TimelapsePage() {
  const { timelapseId } = useParams({ from: '/timelapses/$timelapseId' });
  const timelapse = useQuery(queries.timelapse(timelapseId as TimelapseId));
  useTitle(timelapse.data?.name);
  return (
    <div className="page timelapse-page">
      <Loaded query={timelapse}>{(found) => <Timelapse timelapse={found} />}</Loaded>
    </div>
  );
}

function Timelapse({ timelapse }: { timelapse: TimelapseView }) {
  const { cameraId, state, schedule } = timelapse;
  const camera = useQuery(queries.camera(cameraId)).data;
  const zone = schedule.timeZone;
  return (
    <>
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
        <TimelapseControls timelapse={timelapse} />
      </header>
      <div className="timelapse">
        <Films timelapse={timelapse} />
        <div className="stack">
          <section className="panel">
            <Figures
              figures={[
                [
                  words.timelapse.frames,
                  sayNumber(timelapse.frames),
                  timelapse.flagged > 0 ? `${sayNumber(timelapse.flagged)} ${words.outcomes.flagged}` : undefined,
                ],
                [words.timelapse.size, sayBytes(timelapse.bytes)],
                [words.timelapse.day, sayNumber(timelapse.dayNumber)],
              ]}
            />
            <Facts
              facts={{
                [words.timelapse.first]: moment(timelapse.firstFrameAt, zone),
                [words.timelapse.last]: moment(timelapse.lastFrameAt, zone),
                [words.timelapse.ends]: schedule.endsAt === null ? undefined : moment(schedule.endsAt, zone),
                [words.timelapseStates.completed]:
                  timelapse.completedAt === null ? undefined : moment(timelapse.completedAt, zone),
              }}
            />
          </section>
          <Coverage timelapse={timelapse} />
        </div>
      </div>
    </>
  );
}

const moment = (at: number | null, zone: string) =>
  at === null ? words.common.none : <Moment at={at} zone={zone} style="date-time-exact" />;

function Coverage({ timelapse }: { timelapse: TimelapseView }) {
  // To the minute, so that it stays the same question for a while.
  const now = Math.ceil(useNow() / MINUTE_MS) * MINUTE_MS;
  const to = timelapse.completedAt ?? Math.floor(now / (5 * MINUTE_MS)) * 5 * MINUTE_MS + 5 * MINUTE_MS;
  const from = Math.max(timelapse.startedAt, to - LONGEST_MS);
  const coverage = useQuery({
    ...queries.coverage(timelapse.id, { from, to: Math.max(from, Math.min(to, now)) }, MINUTE_MS),
    placeholderData: (before) => before,
  });
  return (
    <section className="panel stack">
      <h2>{words.timelapse.coverage}</h2>
      <Loaded query={coverage} waiting={<div className="skeleton coverage-bone" />}>
        {(answer) => (
          <>
            <p className="coverage-line">
              <span className="coverage-part">{answer.covered === null ? '–' : sayPart(answer.covered)}</span>
              <span className="muted">{words.timelapse.coverageAll}</span>
            </p>
            <ShareBar coverage={answer} />
            <p className="muted small">{answer.planned === 0 ? words.coverage.none : sayCounts(answer)}</p>
            <GapList coverage={answer} zone={timelapse.schedule.timeZone} withDate />
          </>
        )}
      </Loaded>
    </section>
  );
}
