const HOUR_MS = 3_600_000;

export interface Stretch {
  /** Begins of its first and of its last hour, ms. */
  from: number;
  until: number;
  /** Those that are asked for, newest first. */
  hours: number[];
}

/**
 * Pure: hours as stretches that can each be asked for at once, newest first. What does not fit into `most` stretches is left
 * out: it is wanted again.
 * @param hours begins, ms, newest first
 */
export function stretchesOf(
  hours: readonly number[],
  { mostHours, most }: { mostHours: number; most: number },
): Stretch[] {
  const stretches: Stretch[] = [];
  for (const hour of hours) {
    const last = stretches.at(-1);
    if (last !== undefined && last.until - hour < mostHours * HOUR_MS) {
      last.from = hour;
      last.hours.push(hour);
    } else if (stretches.length === most) break;
    else stretches.push({ from: hour, until: hour, hours: [hour] });
  }
  return stretches;
}
