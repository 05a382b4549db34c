/** What the server's renderer draws, as something that can be shown; what is not wanted any more is called off. */
import type { FrameId, TimelapseOverlayView } from '@slowlight/protocol';
import { useEffect, useState } from 'react';
import { later } from '../server/clock.ts';
import { drawOverlay } from '../server/place-actions.ts';

interface Wish {
  of: TimelapseOverlayView;
  frameId: FrameId;
  timeZone: string;
}
const PAUSE_MS = 150;

/** The address of a frame with what its timelapse shows over it; null: nothing is wished for, or it is not here yet. */
export function useOverlayPicture(wish: Wish | null): string | null {
  const [shown, setShown] = useState<{ key: string; src: string } | null>(null);
  const key = wish === null ? '' : `${wish.of.timelapseId} ${wish.of.revision} ${wish.frameId}`;
  const { of, frameId, timeZone } = wish ?? {};
  useEffect(() => {
    if (of === undefined || frameId === undefined || timeZone === undefined) return undefined;
    const stopped = new AbortController();
    const { templateId, version, changes } = of;
    const layout = { templateId, ...(version === null ? {} : { version }), changes };
    const callOff = later(PAUSE_MS, () => {
      drawOverlay({ ...layout, frameId, timeZone }, stopped.signal).then(
        ({ picture }) => setShown({ key, src: URL.createObjectURL(picture) }),
        () => {
          // The picture without it stays.
        },
      );
    });
    return () => {
      callOff();
      stopped.abort();
    };
  }, [key, of, frameId, timeZone]);
  const src = shown?.src;
  useEffect(() => () => URL.revokeObjectURL(src ?? ''), [src]);
  return shown !== null && shown.key === key ? shown.src : null;
}
