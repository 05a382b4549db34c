import type { FrameId, TimelapseId, TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { placeQueries } from '../server/place-queries.ts';
import type { EditorPlace } from './place.ts';

export interface SomeFrame {
  id: FrameId;
  at: number;
}
/** So many out of a timelapse, evenly apart, to look at an overlay by day and by night. */
const SOME = 12;

/** A frame to look at a template on: the one that was picked, else the newest; null: the drawn landscape; undefined: not known yet. */
export function useSomeFrame(timelapseId: TimelapseId | undefined, { frame }: EditorPlace) {
  const some = useQuery({
    ...placeQueries.someFrames(timelapseId ?? ('' as TimelapseView['id']), SOME),
    enabled: timelapseId !== undefined,
  });
  const frames: readonly SomeFrame[] = some.data ?? [];
  const waits = timelapseId !== undefined && some.isPending;
  return { frames, frameId: frame ?? frames.at(-1)?.id ?? (waits ? undefined : null) };
}
