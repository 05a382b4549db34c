import type { FrameId } from '@slowlight/protocol';
import { type Day, isDay } from '../moments/zone.ts';

/** What the address of a camera's page says beside the camera: which day, which frame, what of it. Nothing: live, today. */
export interface CameraPlace {
  day?: Day;
  frame?: FrameId;
  flagged?: true;
  view?: 'grid';
}

/** Reads an address as it may be typed: what is not right is left out. */
export function readCameraPlace(search: Record<string, unknown>): CameraPlace {
  const { day, frame, flagged, view } = search;
  return {
    ...(isDay(day) ? { day } : {}),
    ...(typeof frame === 'string' && /^frm-[0-9a-z]{16}-[0-9]{1,16}$/.test(frame) ? { frame: frame as FrameId } : {}),
    ...(flagged === true || flagged === 'true' ? { flagged: true as const } : {}),
    ...(view === 'grid' ? { view } : {}),
  };
}
