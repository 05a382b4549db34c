import type { CameraView, FrameId } from '@slowlight/protocol';
import { useEffect, useRef, useState } from 'react';
import type { Picture } from '../parts/live-picture.tsx';
import { later, stopwatch } from '../server/clock.ts';
import { pictureOf, thumbnailOf } from '../server/queries.ts';

/** How long the picture may stay the same while a newer frame waits for its thumbnail, ms. */
const THUMBNAIL_WAIT_MS = 2500;

/**
 * The picture to show of a camera's newest frame: its thumbnail as soon as that is made, the whole picture where the screen
 * has room for more, or where thumbnails come too late (a backlog; frames that come faster than thumbnails). Until then null
 * (or, in `LivePicture`, the one before).
 */
export function useNewestPicture(newest: CameraView['newest']): Picture | null {
  const frameId = newest?.frameId ?? null;
  const ready = newest?.thumbnail ?? false;
  const [shown, setShown] = useState<{ frameId: FrameId; whole: boolean } | null>(
    frameId === null ? null : { frameId, whole: !ready },
  );
  const sinceShown = useRef(stopwatch());
  // At once, not in an effect: that would be after the next paint.
  if (frameId !== null && ready && (shown?.frameId !== frameId || shown.whole)) setShown({ frameId, whole: false });
  useEffect(() => {
    if (frameId === null || ready) {
      sinceShown.current = stopwatch();
      return undefined;
    }
    return later(Math.max(0, THUMBNAIL_WAIT_MS - sinceShown.current()), () => {
      sinceShown.current = stopwatch();
      setShown({ frameId, whole: true });
    });
  }, [frameId, ready]);
  if (newest === null || shown === null) return null;
  const whole = pictureOf(shown.frameId);
  if (shown.whole) return { key: shown.frameId, src: whole };
  const thumbnail = thumbnailOf(shown.frameId, 'large');
  return { key: shown.frameId, src: thumbnail, srcSet: `${thumbnail} 800w, ${whole} 1920w` };
}
