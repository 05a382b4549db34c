/** What the addresses of a timelapse's pages say beside the timelapse. What is not right is left out. */
import type { FrameId } from '@slowlight/protocol';
import { type Day, isDay } from '../moments/zone.ts';

export interface CalendarPlace {
  day?: Day;
}
export function readCalendarPlace({ day }: Record<string, unknown>): CalendarPlace {
  return isDay(day) ? { day } : {};
}

/** Which day's frames (nothing: the newest day with any), which of them, and the one that is looked at. */
export interface FramesPlace {
  day?: Day;
  show?: 'flagged' | 'excluded';
  /** All days at once. */
  all?: true;
  frame?: FrameId;
}
export function readFramesPlace({ day, show, all, frame }: Record<string, unknown>): FramesPlace {
  return {
    ...(isDay(day) ? { day } : {}),
    ...(show === 'flagged' || show === 'excluded' ? { show } : {}),
    ...(all === true || all === 'true' ? { all: true as const } : {}),
    ...(typeof frame === 'string' && /^frm-[0-9a-z]{16}-[0-9]{1,16}$/.test(frame) ? { frame: frame as FrameId } : {}),
  };
}
