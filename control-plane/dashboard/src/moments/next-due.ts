import type { Schedule } from '@slowlight/protocol';

/**
 * When the next slot is due, told on from what the server said last: an interval goes on by itself until the answer is asked
 * for again (only across a change of the clocks it may be off until then). null: not known now.
 */
export function nextDueAfter(now: number, said: number | null, schedule: Schedule | undefined): number | null {
  if (said === null || said > now) return said;
  if (schedule?.rhythm.kind !== 'interval') return null;
  const { windows = [], sunWindows = [], overrides = [] } = schedule;
  // Where it may be closed, only the server knows.
  if (windows.length + sunWindows.length + overrides.length > 0) return null;
  const { everyMs } = schedule.rhythm;
  const next = said + (Math.floor((now - said) / everyMs) + 1) * everyMs;
  return schedule.endsAt !== null && next >= schedule.endsAt ? null : next;
}
