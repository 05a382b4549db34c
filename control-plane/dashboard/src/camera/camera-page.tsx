/** One place: its newest picture, the frames of a day, how complete that day is, and what can be done here. */
import type { CameraId, CameraView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { dayOf } from '../moments/zone.ts';
import { Loaded } from '../parts/loaded.tsx';
import { useTitle } from '../parts/title.ts';
import { useByClock } from '../server/clock.ts';
import { findFrameBefore } from '../server/find-frame.ts';
import { queries } from '../server/queries.ts';
import { useSiteZone } from '../server/zones.ts';
import { CameraAside } from './camera-aside.tsx';
import { CameraHead } from './camera-head.tsx';
import { Curves } from './curves.tsx';
import { DayCoverage } from './day-coverage.tsx';
import { FrameBrowser } from './frame-browser.tsx';
import type { CameraPlace } from './place.ts';
import { useDayFrames } from './use-day-frames.ts';
import './camera.css';

export function CameraPage() {
  const { cameraId } = useParams({ from: '/cameras/$cameraId' });
  const camera = useQuery(queries.camera(cameraId as CameraId));
  const sites = useQuery(queries.sites);
  useTitle(camera.data?.name);
  return (
    <div className="page">
      <Loaded query={camera} waiting={<div className="skeleton camera-bone" />}>
        {(found) => sites.data !== undefined && <Camera key={found.id} camera={found} />}
      </Loaded>
    </div>
  );
}

function Camera({ camera }: { camera: CameraView }) {
  const place = useSearch({ from: '/cameras/$cameraId' });
  const navigate = useNavigate({ from: '/cameras/$cameraId' });
  const zone = useSiteZone()(camera.siteId);
  const today = useByClock((now) => dayOf(now, zone));
  const day = place.day ?? today;
  const go = (next: CameraPlace, replace = false) => void navigate({ search: next, replace, resetScroll: false });
  const toMoment = async (at: number) => {
    const frame = await findFrameBefore(camera.id, { from: at - 1, to: at });
    if (frame !== null) go({ ...place, day: dayOf(at, zone), frame }, true);
  };
  const shown = useDayFrames(camera, place, { day, today, zone });
  return (
    <>
      <CameraHead camera={camera} zone={zone} onShow={(frame) => go({ frame })} />
      <div className="camera">
        <FrameBrowser camera={camera} zone={zone} today={today} place={place} day={day} shown={shown} go={go}>
          <DayCoverage
            camera={camera}
            zone={zone}
            place={place}
            day={day}
            here={shown.live ? undefined : shown.frame}
            go={go}
          />
          <Curves camera={camera} zone={zone} day={day} place={place} go={go} onPick={(at) => void toMoment(at)} />
        </FrameBrowser>
        <CameraAside camera={camera} zone={zone} frameId={shown.chosen ?? null} />
      </div>
    </>
  );
}
