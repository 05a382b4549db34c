/**
 * Makes room on the card: frames that are forgotten already go first; then, as far as that is not enough, a part of the
 * backlog is given up and reported. One at a time, so that cameras that are due together do not give up more than is needed.
 */
import type { Log } from './frame.ts';

export interface MakeRoomDeps {
  log: Log;
  buffer: {
    heldBytes(): number;
    thinBacklog(bytes: number): readonly string[];
    clean(): Promise<number>;
  };
  /** Free bytes of the disk and how many of them must stay free; never older than `lookAgain`. */
  disk(): Promise<{ diskFreeBytes: number; floorBytes: number }>;
  lookAgain(): void;
  /** A part of the backlog was given up: there is something to tell. */
  onEvicted(): void;
}

/**
 * Free bytes as readiness sees them: the disk's own, or what the quota leaves, whichever is less.
 * @param mostBytes what pictures may take; null: what the disk has
 */
export function freeWithinQuota(
  disk: { diskFreeBytes: number; floorBytes: number },
  { heldBytes, mostBytes }: { heldBytes: number; mostBytes: number | null },
): number {
  return mostBytes === null
    ? disk.diskFreeBytes
    : Math.min(disk.diskFreeBytes, disk.floorBytes + mostBytes - heldBytes);
}

/** @returns a verb that gives how many frames have left; 0: nothing could be spared */
export function createMakeRoom({ log, buffer, disk, lookAgain, onEvicted }: MakeRoomDeps) {
  let making: Promise<unknown> = Promise.resolve();

  async function clean(): Promise<number> {
    let cleaned = 0;
    for (let some = await buffer.clean(); some > 0; some = await buffer.clean()) cleaned += some;
    lookAgain();
    return cleaned;
  }

  async function makeRoom(): Promise<number> {
    const before = await missing();
    // Somebody else has made room meanwhile.
    if (before <= 0) return 1;
    const cleaned = await clean();
    const bytes = await missing();
    if (bytes <= 0) return cleaned;
    const spared = buffer.thinBacklog(bytes);
    if (spared.length === 0) return cleaned;
    log.error({ frames: spared.length }, 'the card is full: a part of the backlog was given up and reported');
    onEvicted();
    return cleaned + (await clean());
  }

  async function missing(): Promise<number> {
    lookAgain();
    const { diskFreeBytes, floorBytes } = await disk();
    return floorBytes - diskFreeBytes;
  }

  return (): Promise<number> => {
    const mine = making.then(makeRoom, makeRoom);
    making = mine;
    return mine;
  };
}
