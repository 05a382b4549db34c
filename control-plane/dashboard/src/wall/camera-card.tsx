import type { CameraView, TimelapseId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sayMoment, sayPart } from '../moments/say.ts';
import { Icon } from '../parts/icon.tsx';
import { LivePicture } from '../parts/live-picture.tsx';
import { Ago, Moment } from '../parts/moment.tsx';
import { StateDot } from '../parts/state-dot.tsx';
import { sayHealth } from '../pieces/health.ts';
import { useNewestPicture } from '../pieces/newest-picture.ts';
import { NextSlot, NothingPlanned } from '../pieces/next-slot.tsx';
import { sayRhythm } from '../pieces/schedule-words.ts';
import { ShareBar } from '../pieces/share-bar.tsx';
import { queries } from '../server/queries.ts';
import { useSiteZone } from '../server/zones.ts';
import { words } from '../words.ts';

/** `columns`: how many stand beside each other, so that a picture of the right size is loaded. */
export function CameraCard({ camera, columns }: { camera: CameraView; columns: number }) {
  const zone = useSiteZone()(camera.siteId);
  const agent = useQuery(queries.agents).data?.find(({ id }) => id === camera.agentId);
  const health = sayHealth(camera, agent);
  const { newest } = camera;
  const picture = useNewestPicture(newest);
  const sizes = `${Math.ceil(100 / columns)}vw`;
  return (
    <li className="card">
      <Link to="/cameras/$cameraId" params={{ cameraId: camera.id }} className="card-picture">
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
            <span className="card-time">
              <Moment at={newest.at} zone={zone} style="time-exact" />
              <span className="card-age">
                <Ago at={newest.at} />
              </span>
            </span>
          </>
        )}
      </Link>
      <div className="card-lines">
        <h2>
          <Link to="/cameras/$cameraId" params={{ cameraId: camera.id }}>
            {camera.name}
          </Link>
        </h2>
        <StateDot tone={health.tone} title={health.why ?? undefined}>
          {health.text}
        </StateDot>
      </div>
      {health.why !== null && <p className="card-why">{health.why}</p>}
      {camera.timelapseId === null ? (
        <p className="small muted">{words.wall.notRecording}</p>
      ) : (
        <CardTimelapse id={camera.timelapseId} nextDueAt={camera.nextDueAt} />
      )}
    </li>
  );
}

function CardTimelapse({ id, nextDueAt }: { id: TimelapseId; nextDueAt: number | null }) {
  const timelapse = useQuery(queries.timelapse(id)).data;
  const coverage = useQuery(queries.coverage(id, null)).data;
  return (
    <>
      <p className="card-facts small muted">
        <span>
          {timelapse === undefined
            ? '…'
            : timelapse.state === 'running'
              ? sayRhythm(timelapse.schedule)
              : words.timelapseStates[timelapse.state]}
        </span>
        {timelapse?.state === 'running' && <NextSlot nextDueAt={nextDueAt} schedule={timelapse.schedule} />}
        {timelapse !== undefined && <NothingPlanned timelapse={timelapse} />}
        <span className="card-part">
          {coverage === undefined
            ? ''
            : coverage.covered === null
              ? words.wall.nothingToday
              : words.wall.today(sayPart(coverage.covered))}
        </span>
      </p>
      {coverage === undefined ? <div className="share-bar" /> : <ShareBar coverage={coverage} />}
    </>
  );
}
