/**
 * What to give up when the card is full and nobody takes the frames: every second one of a camera's hour, so that the film
 * of that time gets coarser but has no hole. Before an hour is halved a second time, every other hour has been halved once,
 * so the backlog is equally dense everywhere, within a factor of two. Flagged and manual frames stand at the end and go last.
 */

export interface Spareable {
  frameId: string;
  cameraId: string;
  sizeBytes: number;
  /** How often the time around it was thinned. */
  thinned: number;
  /** Flagged, or taken by hand. */
  precious: boolean;
  /** The newest of its camera: it shows how things are now, and stays. */
  newest: boolean;
}

/**
 * Frames go in pairs of neighbours of one camera, of one density: the first of a pair stays and counts as thinned once more,
 * the second leaves. What has no neighbour yet waits for one. Pure.
 * @param spareable in the order precious, thinned, hour, camera, time
 * @param bytes how many are needed
 */
export function chooseEvicted<Frame extends Spareable>(
  spareable: readonly Frame[],
  bytes: number,
): { evicted: Frame[]; thinned: Frame[] } {
  const evicted: Frame[] = [];
  const thinned: Frame[] = [];
  const alone = new Map<string, Frame>();
  let freed = 0;
  for (const frame of spareable) {
    if (freed >= bytes) break;
    const kind = `${frame.cameraId} ${frame.precious} ${frame.thinned}`;
    const before = alone.get(kind);
    if (before === undefined || frame.newest) {
      alone.set(kind, frame);
      continue;
    }
    alone.delete(kind);
    thinned.push(before);
    evicted.push(frame);
    freed += frame.sizeBytes;
  }
  return { evicted, thinned };
}
