/** Keeps the picture of a layout up to date while it is edited: a moment after the last change, and only the newest. */
import type { FrameId, OverlayLayout } from '@slowlight/protocol';
import { useEffect, useState } from 'react';
import { later } from '../server/clock.ts';
import { type DrawnBox, drawOverlay } from '../server/place-actions.ts';
import { isServerFault, mayPass, type ServerFault } from '../server/request.ts';

const PAUSE_MS = 120;
const AGAIN_MS = 3000;

export interface Drawing {
  src: string;
  widthPx: number;
  heightPx: number;
  boxes: readonly DrawnBox[];
}
export interface Drawn {
  /** The newest that came; null: none yet. */
  drawing: Drawing | null;
  /** A newer one is on its way. */
  busy: boolean;
  fault: ServerFault | null;
}

/** @param frameId null: a drawn landscape; undefined: not known yet, nothing is drawn */
export function useDrawing(layout: OverlayLayout, frameId: FrameId | null | undefined, timeZone: string): Drawn {
  const [drawing, setDrawing] = useState<(Drawing & { key: string }) | null>(null);
  const [fault, setFault] = useState<{ key: string; fault: ServerFault } | null>(null);
  const [tries, setTries] = useState(0);
  const key = JSON.stringify([layout, frameId, timeZone]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a number of tries is asked for again
  useEffect(() => {
    if (frameId === undefined) return undefined;
    const stopped = new AbortController();
    const [wanted] = JSON.parse(key) as [OverlayLayout];
    let callOff = later(PAUSE_MS, () => {
      drawOverlay({ layout: wanted, frameId, timeZone }, stopped.signal).then(
        ({ picture, ...rest }) => {
          setFault(null);
          setDrawing({ ...rest, key, src: URL.createObjectURL(picture) });
        },
        (thrown: unknown) => {
          if (stopped.signal.aborted || !isServerFault(thrown)) return;
          setFault({ key, fault: thrown });
          if (mayPass(thrown)) callOff = later(AGAIN_MS, () => setTries((before) => before + 1));
        },
      );
    });
    return () => {
      callOff();
      stopped.abort();
    };
  }, [key, frameId, timeZone, tries]);
  const src = drawing?.src;
  useEffect(() => () => URL.revokeObjectURL(src ?? ''), [src]);
  return {
    drawing,
    busy: drawing?.key !== key && fault?.key !== key,
    fault: fault?.key === key ? fault.fault : null,
  };
}
