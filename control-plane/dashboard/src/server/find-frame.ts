import type { CameraId, FrameId } from '@slowlight/protocol';
import { getFrames } from './api/frames.ts';

/** The last frame of a camera at or before a moment; null where there is none or it cannot be asked for now. */
export async function findFrameBefore(
  cameraId: CameraId,
  { from, to }: { from: number; to: number },
): Promise<FrameId | null> {
  const query = { cameraId, from: Math.round(from), to: Math.round(to) + 1, order: 'newest' as const, limit: 1 };
  const page = await getFrames({ query }).catch(() => null);
  return page?.items[0]?.id ?? null;
}
