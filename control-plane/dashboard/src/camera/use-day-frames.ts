import type { CameraView, FrameId, FrameView } from '@slowlight/protocol';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { boundsOfDay, type Day } from '../moments/zone.ts';
import { type FrameListQuery, queries } from '../server/queries.ts';
import type { CameraPlace } from './place.ts';

export interface DayFrames {
  list: FrameListQuery;
  /** Newest first, as far as loaded. */
  frames: readonly FrameView[];
  /** Nobody picked a frame: the newest is shown as it comes. */
  live: boolean;
  /** The frame that is shown. */
  chosen: FrameId | undefined;
  frame: FrameView | undefined;
  waiting: boolean;
}

/** Never asked: only the shape that a query needs while it is off. */
const NONE = '' as FrameId;

/** The frames of a day and which of them is shown: the one in the address, else the newest with a picture. */
export function useDayFrames(
  camera: CameraView,
  place: CameraPlace,
  days: { day: Day; today: Day; zone: string },
): DayFrames {
  const { day, today, zone } = days;
  const flagged = place.flagged === true;
  const list = useInfiniteQuery(queries.frames({ cameraId: camera.id, ...boundsOfDay(day, zone), flagged }));
  const frames = list.data?.pages.flatMap((page) => page.items) ?? [];
  const live = place.frame === undefined && day === today && !flagged;
  const first = frames.find(({ picture }) => picture === 'stored') ?? frames[0];
  const chosen = place.frame ?? (live ? camera.newest?.frameId : first?.id);
  const listed = frames.find(({ id }) => id === chosen);
  const asked = useQuery({
    ...queries.frame(chosen ?? NONE),
    enabled: chosen !== undefined && listed === undefined && !list.isPending,
  });
  const frame = listed ?? (asked.data?.id === chosen ? asked.data : undefined);
  return { list, frames, live, chosen, frame, waiting: list.isPending || asked.isFetching };
}
