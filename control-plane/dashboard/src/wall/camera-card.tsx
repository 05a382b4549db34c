import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { sayMoment, sayNumber, sayPart } from '../moments/say.ts';
import { ownZone } from '../moments/zone.ts';
import { Icon } from '../parts/icon.tsx';
import { LivePicture } from '../parts/live-picture.tsx';
import { Ago, Moment } from '../parts/moment.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { sayHealth } from '../pieces/health.ts';
import { useNewestPicture } from '../pieces/newest-picture.ts';
import { NextSlot, NothingPlanned } from '../pieces/next-slot.tsx';
import { sayRhythm } from '../pieces/schedule-words.ts';
import { ShareBar } from '../pieces/share-bar.tsx';
import { words } from '../words.ts';
import type { Placed } from './arrange.ts';

interface Props {
  placed: Placed;
  /** How many stand beside each other, so that a picture of the right size is loaded. */
  columns: number;
  heading: 'h2' | 'h3';
}

export const CameraCard = memo(function CameraCard({ placed, columns, heading: Heading }: Props) {
  const { camera, agent, item } = placed;
  const health = sayHealth(camera, agent);
  return (
    <>
      <CardPicture placed={placed} sizes={`${Math.ceil(100 / columns)}vw`} />
      <div className="card-lines">
        <Heading className="card-name">
          <Link to="/cameras/$cameraId" params={{ cameraId: camera.id }}>
            {camera.name}
          </Link>
        </Heading>
        <StateDot tone={health.tone} title={health.why ?? undefined}>
          {health.text}
        </StateDot>
      </div>
      {health.why !== null && <p className="card-why">{health.why}</p>}
      <CardTimelapse placed={placed} />
      {item?.today ? <ShareBar coverage={item.today} /> : <div className="share-bar" aria-hidden="true" />}
    </>
  );
});

/** Also used where nothing but pictures is shown. */
export function CardPicture({ placed, sizes }: { placed: Placed; sizes: string }) {
  const { camera, site, item } = placed;
  const zone = site?.timeZone ?? ownZone();
  const { newest } = camera;
  const picture = useNewestPicture(newest);
  const faults = item?.verdict?.faults ?? [];
  return (
    // The name below leads to the same place: one stop of the keyboard is enough.
    <Link
      to="/cameras/$cameraId"
      params={{ cameraId: camera.id }}
      className="card-picture"
      tabIndex={-1}
      aria-hidden={picture === null ? true : undefined}
    >
      {picture === null || newest === null ? (
        <span className="card-empty">
          <Icon name="camera" />
          {words.wall.noPicture}
        </span>
      ) : (
        <>
          <LivePicture
            picture={picture}
            sizes={sizes}
            alt={words.wall.picture(camera.name, sayMoment(newest.at, zone, 'time-exact'))}
          />
          <span className="card-time chip">
            <Moment at={newest.at} zone={zone} style="time-exact" />
            <span className="chip-quiet">
              <Ago at={newest.at} />
            </span>
          </span>
          <span className="card-marks">
            {item !== undefined && item.waiting.frames > 0 && (
              <span className="chip" title={words.wall.waitingTitle(item.waiting.frames)}>
                <Icon name="cloud" /> {sayNumber(item.waiting.frames)}
                <span className="unseen">{words.wall.waitingTitle(item.waiting.frames)}</span>
              </span>
            )}
            {faults.length > 0 ? (
              <span className="chip chip-warn">
                <Icon name="flag" /> {faults.map((fault) => words.faults[fault]).join(', ')}
              </span>
            ) : (
              item?.verdict && (
                <span className="chip chip-quiet" title={words.wall.scoreTitle(item.verdict.score)}>
                  {item.verdict.score}
                  <span className="unseen">{words.wall.scoreTitle(item.verdict.score)}</span>
                </span>
              )
            )}
          </span>
        </>
      )}
    </Link>
  );
}

function CardTimelapse({ placed: { camera, item } }: { placed: Placed }) {
  const timelapse = item?.timelapse;
  if (camera.timelapseId === null) return <p className="card-facts small muted">{words.wall.notRecording}</p>;
  const covered = item?.today?.covered;
  return (
    <p className="card-facts small muted">
      <span>
        {timelapse === undefined || timelapse === null
          ? '…'
          : timelapse.state === 'running'
            ? sayRhythm(timelapse.schedule)
            : words.timelapseStates[timelapse.state]}
      </span>
      {timelapse?.state === 'running' && <NextSlot nextDueAt={camera.nextDueAt} schedule={timelapse.schedule} />}
      {timelapse && <NothingPlanned timelapse={timelapse} />}
      <span className="card-part">
        {covered === undefined ? '' : covered === null ? words.wall.nothingToday : words.wall.today(sayPart(covered))}
      </span>
    </p>
  );
}
