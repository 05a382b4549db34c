/**
 * Takes the flicker out of a film's light. Pure.
 *
 * The brightness of each picture is known (the judge measured it), so the whole course of the light can be looked at before
 * anything is encoded: the true light is a robust local line through the logarithms of the brightnesses (Cleveland 1979,
 * "Robust locally weighted regression"), the gain of a picture is what brings it onto that line. Where the light jumps for
 * good (lamps are switched on) the line is broken, and each side stands for itself, so that the jump stays sharp.
 */

/** Pictures to each side that have a say. What lies farther away never changes a picture's gain. */
const REACH = 18;
/** Before and behind a jump, to tell one from jitter. */
const SIDE = 8;
const NOISE_REACH = 20;
/** How far from its first guess a jump is looked for. */
const SEAM_REACH = 4;
/** A jump is at least so large (natural logarithm: 20 %), and so many times the jitter of the mean of one side. */
const LEAST_JUMP = 0.18;
const JUMP_TO_NOISE = 5;
/** Gains are steps of this, so that a far picture's tiny influence encodes nothing anew. */
const STEP = 0.002;
const MOST_GAIN = 2;
/** Half of the values lie closer than this many standard deviations of a normal distribution, inverted. */
const MAD_TO_SIGMA = 1.4826;

/**
 * How much brighter each picture is to be made.
 * @param brightnesses mean luma, 0 to 255; null where it is not known (its gain is 1)
 * @param strength 0: nothing is done; 1: all of the flicker goes
 */
export function deflicker(brightnesses: readonly (number | null)[], strength: number): number[] {
  const known = brightnesses.flatMap((value, index) =>
    value === null ? [] : [{ index, log: Math.log(Math.max(1, value)) }],
  );
  const gains = brightnesses.map(() => 1);
  if (strength <= 0) return gains;
  const logs = known.map(({ log }) => log);
  const bounds = [0, ...findJumps(logs), logs.length];
  for (let side = 0; side + 1 < bounds.length; side += 1) {
    const [from, to] = [bounds[side] ?? 0, bounds[side + 1] ?? 0];
    for (let at = from; at < to; at += 1) {
      const gain = Math.exp(strength * (lineAt(logs, at, { from, to }) - (logs[at] ?? 0)));
      gains[known[at]?.index ?? 0] = quantised(Math.min(MOST_GAIN, Math.max(1 / MOST_GAIN, gain)));
    }
  }
  return gains;
}

const quantised = (gain: number) => Math.round(Math.round(gain / STEP) * STEP * 1000) / 1000;

/** The course of the light at a picture: a weighted line through its neighbours of the same side. */
function lineAt(logs: readonly number[], at: number, { from, to }: { from: number; to: number }): number {
  const first = Math.max(from, at - REACH);
  const last = Math.min(to - 1, at + REACH);
  const count = last - first + 1;
  if (count < 3) return median(logs.slice(first, last + 1));
  const robust = new Float64Array(count).fill(1);
  let value = logs[at] ?? 0;
  for (let turn = 0; turn < 3; turn += 1) {
    const { level, slope } = fitLine(logs, { at, first, robust });
    value = level;
    const misses = Array.from({ length: count }, (_, index) =>
      Math.abs((logs[first + index] ?? 0) - level - slope * (first + index - at)),
    );
    const most = 6 * median(misses);
    if (most < 1e-6) break;
    for (const [index, miss] of misses.entries()) robust[index] = miss >= most ? 0 : (1 - (miss / most) ** 2) ** 2;
  }
  return value;
}

function fitLine(
  logs: readonly number[],
  { at, first, robust }: { at: number; first: number; robust: Float64Array },
): { level: number; slope: number } {
  let [sum, sumX, sumY, sumXx, sumXy] = [0, 0, 0, 0, 0];
  for (const [index, trust] of robust.entries()) {
    const x = first + index - at;
    const y = logs[first + index] ?? 0;
    const weight = trust * (1 - Math.abs(x / (REACH + 1)) ** 3) ** 3;
    sum += weight;
    sumX += weight * x;
    sumY += weight * y;
    sumXx += weight * x * x;
    sumXy += weight * x * y;
  }
  const spread = sum * sumXx - sumX * sumX;
  if (sum === 0) return { level: logs[at] ?? 0, slope: 0 };
  if (Math.abs(spread) < 1e-9) return { level: sumY / sum, slope: 0 };
  const slope = (sum * sumXy - sumX * sumY) / spread;
  return { level: (sumY - slope * sumX) / sum, slope };
}

/** Where the light jumps for good: indexes of the first picture behind each jump. */
export function findJumps(logs: readonly number[]): number[] {
  const found: { at: number; height: number }[] = [];
  for (let at = SIDE; at <= logs.length - SIDE; at += 1) {
    const before = logs.slice(at - SIDE, at);
    const behind = logs.slice(at, at + SIDE);
    const height = Math.abs(heightOf(before, behind));
    if (height < LEAST_JUMP) continue;
    // The jitter around: taken from a wider stretch on each side, because that of a few pictures is chance.
    const wide = [logs.slice(Math.max(0, at - NOISE_REACH), at), logs.slice(at, at + NOISE_REACH)] as const;
    const noise = Math.max(noiseOf(wide[0]), noiseOf(wide[1])) * Math.sqrt(2 / SIDE);
    if (height < JUMP_TO_NOISE * noise) continue;
    const last = found.at(-1);
    if (last === undefined || at - last.at >= SIDE) found.push({ at, height });
    else if (height > last.height) found[found.length - 1] = { at, height };
  }
  return found.map(({ at }) => seamNear(logs, at));
}

/** The place near `at` where two levels, one on each side, fit best. */
function seamNear(logs: readonly number[], at: number): number {
  const [first, last] = [Math.max(0, at - SIDE), Math.min(logs.length, at + SIDE)];
  let best = { at, miss: Number.POSITIVE_INFINITY };
  for (let seam = Math.max(first + 2, at - SEAM_REACH); seam <= Math.min(last - 2, at + SEAM_REACH); seam += 1) {
    const miss = missOf(logs.slice(first, seam)) + missOf(logs.slice(seam, last));
    if (miss < best.miss) best = { at: seam, miss };
  }
  return best.at;
}

function missOf(values: readonly number[]): number {
  const level = median(values);
  return values.reduce((sum, value) => sum + Math.abs(value - level), 0);
}

/** How far the levels of both sides lie apart at the seam, each side's slope followed up to it. */
function heightOf(before: readonly number[], behind: readonly number[]): number {
  // Slopes of so few values are mostly noise: where both sides rise or fall alike, half a window's worth of it is no jump.
  const drift = Math.min(Math.abs(slopeOf(before)), Math.abs(slopeOf(behind))) * SIDE;
  const height = median(behind) - median(before);
  return Math.sign(height) * Math.max(0, Math.abs(height) - drift);
}

/** Theil and Sen: the median of the slopes between all pairs. */
function slopeOf(values: readonly number[]): number {
  const slopes: number[] = [];
  for (let a = 0; a < values.length; a += 1)
    for (let b = a + 1; b < values.length; b += 1) slopes.push(((values[b] ?? 0) - (values[a] ?? 0)) / (b - a));
  return median(slopes);
}

/** Standard deviation of the jitter, from the differences of neighbours: a slow course does not count. */
function noiseOf(values: readonly number[]): number {
  const steps = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? 0)));
  return (MAD_TO_SIGMA * median(steps)) / Math.SQRT2;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
