import { setTimeout as wait } from 'node:timers/promises';

/** Does the work for so many slots, one after the other: the next is the first that is still far enough ahead. */
export async function eachSlot(
  { slots, everyMs, aheadMs }: { slots: number; everyMs: number; aheadMs: () => number },
  work: (dueAt: number) => Promise<void>,
): Promise<void> {
  for (let slot = 0; slot < slots; slot += 1) {
    const dueAt = Math.ceil((Date.now() + aheadMs()) / everyMs) * everyMs;
    await wait(dueAt - aheadMs() - Date.now());
    await work(dueAt);
  }
}
