import type { FrameId } from '@slowlight/protocol';
import { type Day, isDay } from '../moments/zone.ts';

/** What the address of a camera's page says beside the camera: which day, which frame, what of it. Nothing: live, today. */
export interface CameraPlace {
  day?: Day;
  frame?: FrameId;
  flagged?: true;
  view?: 'grid';
  /** The frame that the shown one is compared with. */
  with?: FrameId;
  /** How; nothing: with a slider. */
  how?: 'onion' | 'side';
  /** The days of the curves; nothing: the day that is shown. */
  curves?: 'week' | 'month';
}

/** Reads an address as it may be typed: what is not right is left out. */
export function readCameraPlace(search: Record<string, unknown>): CameraPlace {
  const { day, frame, flagged, view, with: other, how, curves } = search;
  return {
    ...(isDay(day) ? { day } : {}),
    ...(isFrame(frame) ? { frame } : {}),
    ...(flagged === true || flagged === 'true' ? { flagged: true as const } : {}),
    ...(view === 'grid' ? { view } : {}),
    ...(isFrame(other) ? { with: other } : {}),
    ...(how === 'onion' || how === 'side' ? { how } : {}),
    ...(curves === 'week' || curves === 'month' ? { curves } : {}),
  };
}

const isFrame = (value: unknown): value is FrameId =>
  typeof value === 'string' && /^frm-[0-9a-z]{16}-[0-9]{1,16}$/.test(value);
