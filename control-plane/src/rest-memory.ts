/**
 * Gives memory back when there is time for it. V8 keeps what it once needed for as long as nothing presses it: a control plane
 * that has started, or has caught up with a day of a thousand cameras, would hold for weeks what it used for a minute. Where
 * the launcher lets us (`--expose-gc`), everything that nobody needs is collected in a quiet moment, and handed to the system;
 * elsewhere nothing happens.
 */
import type { Clock } from '@slowlight/protocol/kit';

/** After a start, and then how often it is looked, ms. */
const FIRST_MS = 8000;
const EVERY_MS = 60_000;
/** Of one core, in the time before: the pause of some 100 ms is to disturb nobody. */
const MOST_BUSY = 0.1;
/** Less is not worth the pause. */
const WORTH_BYTES = 12 * 1024 * 1024;

export interface MemoryOfProcess {
  /** undefined: this process may not. */
  collect: (() => void) | undefined;
  residentBytes(): number;
  /** Processor time since the start, ms. */
  usedMs(): number;
}

const own: MemoryOfProcess = {
  // Told that there is no more memory, V8 also makes the place smaller in which it puts what is new.
  collect: globalThis.gc && (() => void globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })),
  residentBytes: () => process.memoryUsage.rss(),
  usedMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/** Ends when the signal aborts. Collects once after the start, and then after each time of much work, when it is over. */
export async function restMemory(clock: Clock, signal: AbortSignal, memory: MemoryOfProcess = own): Promise<void> {
  const { collect, residentBytes, usedMs } = memory;
  if (collect === undefined) return;
  await clock.sleep(FIRST_MS, signal);
  for (let restedAt = 0; !signal.aborted; ) {
    if (residentBytes() > restedAt + WORTH_BYTES) {
      collect();
      restedAt = residentBytes();
    }
    let quiet = false;
    while (!quiet && !signal.aborted) {
      const [began, used] = [clock.monotonicMs(), usedMs()];
      await clock.sleep(EVERY_MS, signal);
      quiet = usedMs() - used < MOST_BUSY * (clock.monotonicMs() - began);
    }
  }
}
