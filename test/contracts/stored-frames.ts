import type { VideoInput } from '@slowlight/protocol';
import { frameOf } from '../rig/edge.ts';
import type { RecordsScene } from '../rig/records-scene.ts';

export const MINUTE = 60_000;
export const LEASE = 30_000;

/** Frames of consecutive minutes, every fifth one flagged, all stored. */
export async function storeFrames({ records, edge, timelapse, cameraId, now }: RecordsScene, count: number) {
  const events = Array.from({ length: count }, (_, index) =>
    index % 5 === 4
      ? edge.flagged(timelapse.id, cameraId, now + index * MINUTE)
      : edge.captured(timelapse.id, cameraId, now + index * MINUTE),
  );
  await records.recordEvents(events);
  for (const event of events) await records.pictureStored(frameOf(event));
  return events.map(frameOf);
}

export async function wanted<Value>(found: Promise<Value | null>): Promise<Value> {
  const value = await found;
  if (value === null) throw new Error('there is none');
  return value;
}

export const filmOf = (timelapseId: VideoInput['timelapseId']): VideoInput => ({
  timelapseId,
  fps: 24,
  heightPx: 1080,
  quality: 'medium',
  from: null,
  to: null,
  flagged: false,
});
