import { chooseOf } from '@slowlight/control-plane/src/records/film-choice.ts';
import { cutSegments, MOST_FRAMES } from '@slowlight/control-plane/src/render/cut-segments.ts';
import { deflicker, findJumps } from '@slowlight/control-plane/src/render/deflicker.ts';
import { lightFilter } from '@slowlight/control-plane/src/render/light-filter.ts';
import { decideFilmSpeed } from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../rig/seeded.ts';

const START = Date.UTC(2026, 2, 1);

describe('where a film is cut', () => {
  const piecesOf = (times: readonly number[]) =>
    new Set(cutSegments(times).map(({ from, to }) => times.slice(from, to).join()));
  const everyMs = (count: number, ms: number) => Array.from({ length: count }, (_, index) => START + index * ms);

  test.for([5000, 60_000, 300_000, 3_600_000, 86_400_000, 1])('every frame is in one piece, in order (%i ms)', (ms) => {
    const times = everyMs(1000, ms);
    const cuts = cutSegments(times);
    expect(cuts[0]?.from).toBe(0);
    expect(cuts.at(-1)?.to).toBe(1000);
    for (const [index, { from, to }] of cuts.entries()) {
      expect(to - from).toBeGreaterThan(0);
      expect(to - from).toBeLessThanOrEqual(MOST_FRAMES);
      expect(from).toBe(cuts[index - 1]?.to ?? 0);
    }
    // Whole pieces are at least half full: two of the smallest never stand side by side.
    expect(cuts.length).toBeLessThanOrEqual(Math.ceil(1000 / (MOST_FRAMES / 2)) + 2);
  });

  test('a frame that comes late, anywhere, costs one piece', () => {
    const random = seeded(7);
    const times = everyMs(2000, 300_000).filter(() => random() > 0.1);
    const before = piecesOf(times);
    for (let turn = 0; turn < 200; turn += 1) {
      const late = START + Math.floor(random() * 2000 * 300_000);
      const after = piecesOf([...times, late].sort((a, b) => a - b));
      const gone = [...before].filter((piece) => !after.has(piece));
      expect(gone.length).toBeLessThanOrEqual(1);
      const anew = [...after].filter((piece) => !before.has(piece)).flatMap((piece) => piece.split(','));
      expect(anew.length).toBeLessThanOrEqual(MOST_FRAMES + 1);
    }
  });

  test('frames at the end cost themselves and at most one piece more', () => {
    for (let count = 300; count < 500; count += 7) {
      const before = piecesOf(everyMs(count, 300_000));
      const anew = [...piecesOf(everyMs(count + 60, 300_000))].filter((piece) => !before.has(piece));
      expect(anew.flatMap((piece) => piece.split(',')).length).toBeLessThanOrEqual(60 + MOST_FRAMES);
    }
  });

  test('frames of the same moment are cut too', () => {
    expect(cutSegments(Array.from({ length: 150 }, () => START)).map(({ from, to }) => to - from)).toEqual([
      64, 64, 22,
    ]);
    expect(cutSegments([])).toEqual([]);
  });
});

describe('the flicker of the light', () => {
  const LENGTH = 600;
  const JUMP = 450;
  /** A sunset, and lamps that are switched on. */
  const truth = Array.from({ length: LENGTH }, (_, index) => {
    const sun = 140 - 95 / (1 + Math.exp(-(index - 300) / 20));
    return index >= JUMP ? sun * 1.7 : sun;
  });
  const jitter = (seed: number) => {
    const random = seeded(seed);
    return truth.map((light) => light * (1 + 0.15 * (2 * random() - 1)));
  };
  /** Variance of the steps from frame to frame, but for the jump. */
  const unrest = (lights: readonly number[]) => {
    const steps = lights.slice(1).map((light, index) => light - (lights[index] ?? 0));
    steps.splice(JUMP - 1, 1);
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    return steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / steps.length;
  };
  const miss = (lights: readonly number[]) =>
    lights.reduce((sum, light, index) => sum + Math.abs(light / (truth[index] ?? 1) - 1), 0) / LENGTH;
  const corrected = (lights: readonly number[], strength = 1) =>
    deflicker(lights, strength).map((gain, index) => gain * (lights[index] ?? 0));
  /** ffmpeg's `deflicker=size=10:mode=am`: the mean of a frame and the nine behind it. */
  const reference = (lights: readonly number[]) =>
    lights.map((_, index) => {
      const ten = lights.slice(index, index + 10);
      return ten.reduce((sum, light) => sum + light, 0) / ten.length;
    });

  test.for([1, 2, 3, 4, 5])('goes, while the sunset and the lamps stay (jitter %i)', (seed) => {
    const lights = jitter(seed);
    const calm = corrected(lights);
    expect(unrest(calm)).toBeLessThanOrEqual(unrest(lights) / 80);
    expect(miss(calm)).toBeLessThanOrEqual(0.6 * miss(reference(lights)));
    const jumps = findJumps(lights.map(Math.log));
    expect(jumps.some((at) => Math.abs(at - JUMP) <= 2)).toBe(true);
    expect((calm[JUMP + 2] ?? 0) / (calm[JUMP - 3] ?? 1)).toBeGreaterThan(1.5);
  });

  test('a steady course is left as it is, and what is not known too', () => {
    const steady = Array.from({ length: 100 }, (_, index) => 100 + index);
    expect(deflicker(steady, 1).every((gain) => Math.abs(gain - 1) < 0.01)).toBe(true);
    expect(deflicker([100, null, 100], 1)).toEqual([1, 1, 1]);
    expect(deflicker([], 1)).toEqual([]);
    expect(deflicker(jitter(1), 0).every((gain) => gain === 1)).toBe(true);
  });

  test('half of the strength takes half of it', () => {
    const lights = jitter(3);
    const [none, half, whole] = [unrest(lights), unrest(corrected(lights, 0.5)), unrest(corrected(lights, 1))];
    expect(half).toBeLessThan(none / 3);
    expect(half).toBeGreaterThan(whole * 3);
  });

  test('a frame more changes nothing far away', () => {
    const lights = jitter(2);
    const [before, after] = [deflicker(lights, 1), deflicker([...lights, 70], 1)];
    expect(after.slice(0, LENGTH - 40)).toEqual(before.slice(0, LENGTH - 40));
  });
});

test('gains become commands of a filter, each half a picture early', () => {
  expect(lightFilter([1, 1, 1], 24)).toBe('');
  const filter = lightFilter([1, 1.1, 1.1, 0.9], 10);
  expect(filter).toContain("sendcmd=c='0.00000 eq@light contrast 1.00000");
  expect(filter).toContain('0.05000 eq@light contrast 1.10000');
  expect(filter).toContain('0.25000 eq@light contrast 0.90000');
  expect(filter.match(/contrast /g)).toHaveLength(3);
});

describe('the speed of a film', () => {
  const fixed = { fps: 24 };
  test.for([
    [10, fixed, 24, 417, false],
    [240, { fps: 24, maxSeconds: 5 }, 48, 5000, true],
    [240, { fps: 24, minSeconds: 20 }, 12, 20_000, true],
    [240, { fps: 24, minSeconds: 5, maxSeconds: 20 }, 24, 10_000, false],
    [2, { fps: 24, minSeconds: 10 }, 1, 2000, true],
    [100_000, { fps: 24, maxSeconds: 10 }, 120, 833_333, true],
    [600, { fps: 24, length: { seconds: 20, minFps: 1, maxFps: 60 } }, 30, 20_000, false],
    [6000, { fps: 24, length: { seconds: 20, minFps: 1, maxFps: 60 } }, 60, 100_000, true],
    [6, { fps: 24, length: { seconds: 20, minFps: 1, maxFps: 60 } }, 1, 6000, true],
    [1000, { fps: 24, length: { seconds: 30, minFps: 1, maxFps: 60 } }, 33.333, 30_000, false],
  ] as const)('%i frames, %j: %d a second, %i ms', ([frames, asked, fps, durationMs, told]) => {
    expect(decideFilmSpeed(frames, asked)).toEqual({ fps, durationMs, reason: told ? expect.any(String) : null });
  });
});

describe('the choice of frames', () => {
  const HOUR = 3_600_000;
  const hourly = Array.from({ length: 24 * 5 }, (_, index) => ({ at: START + index * HOUR, brightness: index % 24 }));
  const hours = (choice: Parameters<typeof chooseOf>[1], timeZone = 'UTC') =>
    chooseOf(hourly, choice, { timeZone, place: { latitude: 48.2, longitude: 16.4 } }).map(
      ({ at }) => (at - START) / HOUR,
    );

  test('windows are read in the time zone, over midnight too', () => {
    expect(hours({ windows: [{ from: '06:00', to: '08:00' }] })).toEqual([6, 7, 30, 31, 54, 55, 78, 79, 102, 103]);
    expect(hours({ windows: [{ from: '23:00', to: '01:00' }] }).slice(0, 4)).toEqual([0, 23, 24, 47]);
    expect(hours({ windows: [{ from: '06:00', to: '07:00' }] }, 'Asia/Kolkata')).toEqual([1, 25, 49, 73, 97]);
  });

  test('the last frames or days, and every nth of what is left', () => {
    expect(hours({ last: { frames: 2 } })).toEqual([118, 119]);
    expect(hours({ last: { days: 0.25 } })).toEqual([114, 115, 116, 117, 118, 119]);
    expect(hours({ last: { days: 1 }, everyNth: 10 })).toEqual([96, 106, 116]);
  });

  test('even light takes one frame a day, the one that is like its neighbours', () => {
    const random = seeded(5);
    const days = Array.from({ length: 30 * 48 }, (_, index) => ({
      at: START + index * (HOUR / 2),
      brightness: 20 + 100 * Math.max(0, Math.sin(((index % 48) / 48) * Math.PI)) * (0.6 + 0.4 * random()),
    }));
    const chosen = chooseOf(days, { evenLight: 'day' }, { timeZone: 'UTC', place: null });
    expect(chosen.map(({ at }) => Math.floor((at - START) / (24 * HOUR)))).toEqual(
      Array.from({ length: 30 }, (_, day) => day),
    );
    const lights = chosen.map(({ brightness }) => brightness);
    const noon = days.filter((_, index) => index % 48 === 24).map(({ brightness }) => brightness);
    const roughness = (values: readonly number[]) =>
      values.slice(1).reduce((sum, value, index) => sum + Math.abs(value - (values[index] ?? 0)), 0) / values.length;
    expect(roughness(lights)).toBeLessThan(roughness(noon) / 5);
  });
});
