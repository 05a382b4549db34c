/** Waits for the first picture, and shows it as soon as it is there. */
import type { CameraView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { sayMoment } from '../moments/say.ts';
import { Icon } from '../parts/icon.tsx';
import { LivePicture } from '../parts/live-picture.tsx';
import { useNewestPicture } from '../pieces/newest-picture.ts';
import { NextSlot } from '../pieces/next-slot.tsx';
import { queries } from '../server/queries.ts';
import { useSiteZone } from '../server/zones.ts';
import { words } from '../words.ts';

export function FirstStep({ camera }: { camera: CameraView }) {
  const { id: cameraId, newest, timelapseId } = camera;
  const zone = useSiteZone()(camera.siteId);
  const picture = useNewestPicture(newest);
  // The feed brings it; asking now and then covers a feed that is just being opened.
  const { refetch } = useQuery({ ...queries.camera(cameraId), refetchInterval: newest === null ? 2000 : false });
  useEffect(() => void refetch(), [refetch]);
  const timelapse = useQuery({
    ...queries.timelapse(timelapseId ?? ('' as NonNullable<typeof timelapseId>)),
    enabled: timelapseId !== null,
  }).data;
  const here = newest !== null && picture !== null;
  return (
    <div className="form panel">
      {here ? (
        <>
          <div className="wizard-picture is-live">
            <LivePicture
              picture={picture}
              alt={words.wall.picture(camera.name, sayMoment(newest.at, zone, 'time-exact'))}
            />
          </div>
          <p className="test-good" role="status">
            <Icon name="check" />
            {words.wizard.here}
          </p>
        </>
      ) : (
        <div className="wizard-picture is-waiting" role="status">
          <span className="spinner" aria-hidden="true" /> {words.wizard.waiting}
        </div>
      )}
      <p className="muted">
        {here ? words.wizard.goesOn : words.wizard.waitingHelp}{' '}
        <NextSlot nextDueAt={camera.nextDueAt} schedule={timelapse?.schedule} />
      </p>
      <div className="dialog-foot">
        {timelapseId !== null && (
          <Link className="button" to="/timelapses/$timelapseId" params={{ timelapseId }}>
            <Icon name="film" />
            {words.wizard.toFilms}
          </Link>
        )}
        <Link className="button button-strong" to="/cameras/$cameraId" params={{ cameraId }}>
          {words.wizard.toCamera}
        </Link>
      </div>
    </div>
  );
}
