import { drawTestPicture } from '@slowlight/agent/src/capture/test-source.ts';
import type { ShapedPicture } from '@slowlight/agent/src/frame.ts';
import { createJudge } from '@slowlight/agent/src/quality/judge.ts';
import { measurePicture } from '@slowlight/agent/src/quality/measure-picture.ts';
import { verdictOf } from '@slowlight/agent/src/quality/verdict-of.ts';
import { verdict } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { realMoment } from '../../rig/capture-parts.ts';
import { randomFrom } from '../../rig/scene.ts';

const [WIDTH, HEIGHT] = [640, 360];
type Colour = [number, number, number];

function draw(colourAt: (x: number, y: number, random: () => number) => Colour): Buffer {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
  const random = randomFrom(11);
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1)
      pixels.set(
        colourAt(x, y, random).map((part) => Math.max(0, Math.min(255, Math.round(part)))),
        (y * WIDTH + x) * 3,
      );
  return pixels;
}

const grey = (level: number): Colour => [level, level, level];
const landscape = drawTestPicture({ widthPx: WIDTH, heightPx: HEIGHT }, Date.UTC(2026, 5, 1, 12, 0, 20));
/** The landscape with what `change` puts in place of a pixel; null leaves it. */
const changed = (change: (x: number, y: number, random: () => number) => Colour | null) =>
  draw((x, y, random) => {
    const at = (y * WIDTH + x) * 3;
    return change(x, y, random) ?? [landscape[at] ?? 0, landscape[at + 1] ?? 0, landscape[at + 2] ?? 0];
  });

/** Only noise would be what an analogue input shows without a signal. */
function noisyLandscape(): Buffer {
  const random = randomFrom(5);
  return Buffer.from(landscape.map((level) => Math.max(0, Math.min(255, level * 0.6 + random() * 90))));
}

const judge = (pixels: Buffer) => verdictOf(measurePicture({ pixels, widthPx: WIDTH, heightPx: HEIGHT }));

describe('a good picture stays good', () => {
  it.each([
    ['a landscape', landscape],
    ['dense fog', draw((_, y, random) => grey(182 + (y / HEIGHT) * 9 + random() * 2))],
    ['fog without any noise', draw((_, y) => grey(190 - (y / HEIGHT) * 10))],
    ['dusk', draw((x, y) => [30 + (y < 200 ? 25 - y / 9 : 0), 28 + Math.sin(x / 40) * 6, 45 - y / 12])],
    ['an infrared night', draw((x, y, random) => grey(40 + 25 * Math.sin(x / 60) * Math.cos(y / 45) + random() * 10))],
    [
      'a night with one street lamp',
      draw((x, y, random) => grey((x - 300) ** 2 + (y - 200) ** 2 < 900 ? 220 : 8 + random() * 6)),
    ],
    [
      'a black sky above a lit street',
      draw((x, y, random) => (y < 190 + 14 * Math.sin(x / 50) ? grey(16) : grey(50 + random() * 60))),
    ],
    ['noise of a cheap sensor', noisyLandscape()],
    ['a field of snow', draw((x, y, random) => grey(y < 120 ? 205 : 232 + 6 * Math.sin(x / 30) + random() * 8))],
    ['a flat blue sky', draw((_, y) => [105 + y / 20, 150 + y / 14, 215 + y / 30])],
    [
      'a calm sea below a grey sky',
      draw((x, y, random) =>
        y < 170 ? grey(168 + y / 40) : [92 + random() * 5, 108 + random() * 5 + Math.sin(x / 9), 118],
      ),
    ],
    ['a meadow', draw((_x, _y, random) => [60 + random() * 40, 110 + random() * 50, 45 + random() * 30])],
    ['a grey street in the lower part', changed((_x, y, random) => (y > 240 ? grey(126 + random() * 8) : null))],
    [
      'dark ground below a low sun, as straight as a sea',
      changed((x, y, random) => (y > 250 ? grey(4 + 9 * Math.sin(x / 90) ** 2 + random() * 3) : null)),
    ],
    [
      'a glow around the sun',
      changed((x, y) => {
        const at = (y * WIDTH + x) * 3;
        const glow = 230 * Math.exp(-((x - 330) ** 2 + (y - 150) ** 2) / (2 * 100 ** 2));
        return [0, 1, 2].map((k) => (landscape[at + k] ?? 0) * 0.45 + glow) as Colour;
      }),
    ],
    [
      'mountains that dusk makes purple',
      changed((x, y) => {
        const at = (y * WIDTH + x) * 3;
        const light = ((landscape[at] ?? 0) + (landscape[at + 1] ?? 0) + (landscape[at + 2] ?? 0)) / 3;
        return y < 100
          ? [90 + light * 0.5, 84 + light * 0.46, 104 + light * 0.5]
          : [20 + light * 0.7, 14 + light * 0.45, 24 + light * 0.75];
      }),
    ],
    ['letterbox bars of the camera', changed((_x, y) => (y < 40 || y >= 320 ? grey(0) : null))],
  ])('%s', (_, pixels) => {
    const found = judge(pixels);
    expect(found.faults).toEqual([]);
    expect(found.score).toBeGreaterThanOrEqual(85);
  });
});

describe('a fault is named', () => {
  it.each([
    ['black', draw(() => grey(0))],
    ['black', draw((_x, _y, random) => grey(16 + random() * 2))],
    ['white', draw(() => grey(255))],
    ['uniform', draw(() => grey(128))],
    ['no-signal', draw(() => [0, 0, 240])],
    ['wrong-colour', changed((_x, y) => (y > 200 ? [0, 135, 0] : null))],
    ['over-exposed', changed((x) => (x > 60 ? grey(254) : null))],
    [
      'over-exposed',
      changed((x, y) => {
        const at = (y * WIDTH + x) * 3;
        return [0, 1, 2].map((k) => 150 + (landscape[at + k] ?? 0) * 0.6) as Colour;
      }),
    ],
    ['grey-lower-part', changed((_x, y) => (y > 250 ? grey(128) : null))],
    [
      'smeared',
      changed((x, y) =>
        y > 220 ? [(landscape[(220 * WIDTH + x) * 3] ?? 0) + ((x * 7) % 50), 90 + ((x * 13) % 40), 90] : null,
      ),
    ],
    ['half-black', changed((_x, y) => (y > 180 ? grey(0) : null))],
    ['half-black', changed((_x, y) => (y < 120 ? grey(16) : null))],
  ])('%s', (fault, pixels) => {
    const found = judge(pixels);
    expect(found.faults).toContain(fault);
    expect(found.score).toBeLessThan(70);
  });
});

describe('signs that are too faint alone', () => {
  const whole = measurePicture({ pixels: landscape, widthPx: WIDTH, heightPx: HEIGHT });
  it.each<[string, Record<string, number>, boolean]>([
    ['rows that are drawn out, for a short way', { drawnRowsShare: 0.14 }, false],
    ['a few blocks that lie elsewhere', { gridCuts: 9 }, false],
    ['both in one picture', { drawnRowsShare: 0.14, gridCuts: 9 }, true],
    ['blocks as many as compressing makes anyway', { drawnRowsShare: 0.14, gridCuts: 9, gridCutsHalf: 8 }, false],
  ])('%s', (_, signs, lost) => {
    expect(verdictOf({ ...whole, ...signs }).faults.includes('smeared')).toBe(lost);
  });
});

describe('the judge', () => {
  const shaped: ShapedPicture = { bytes: Buffer.alloc(5000), type: 'image/jpeg', widthPx: WIDTH, heightPx: HEIGHT };

  it('gives a verdict that can be sent, with the measures behind it', async () => {
    const found = await createJudge()(
      { pixels: landscape, widthPx: WIDTH, heightPx: HEIGHT, taken: realMoment() },
      shaped,
    );
    expect(verdict.parse(found)).toMatchObject({ score: 100, faults: [], judge: 'judge-7' });
    expect(found.measures.brightness).toBeGreaterThan(80);
    expect(found.measures.sizeBytes).toBe(5000);
  });

  it('weighs green more than blue, as eyes do', () => {
    const brightnessOf = (colour: Colour) => judge(draw(() => colour)).measures.brightness ?? 0;
    // ITU-R BT.709: 0.2126 R + 0.7152 G + 0.0722 B.
    expect(Math.abs(brightnessOf([200, 0, 0]) - 42.5)).toBeLessThan(1);
    expect(Math.abs(brightnessOf([0, 200, 0]) - 143)).toBeLessThan(1);
    expect(Math.abs(brightnessOf([0, 0, 200]) - 14.4)).toBeLessThan(1);
  });

  it('that cannot look costs no frame and says so', async () => {
    const failures: string[] = [];
    const broken = createJudge({ onFailure: (failure) => failures.push(failure.code) });
    const found = await broken(
      { pixels: Buffer.alloc(10), widthPx: WIDTH, heightPx: HEIGHT, taken: realMoment() },
      shaped,
    );
    expect(verdict.parse(found)).toEqual({ score: 100, faults: [], measures: {}, judge: 'judge-failed' });
    expect(failures).toEqual(['judge.failed']);
  });

  it('is quick: the fast checks of a 1080p picture take 20 ms of a processor', () => {
    const [widthPx, heightPx] = [1920, 1080];
    const pixels = drawTestPicture({ widthPx, heightPx }, 0);
    const times = Array.from({ length: 12 }, () => {
      const began = process.cpuUsage();
      measurePicture({ pixels, widthPx, heightPx }, 'fast');
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1000;
    });
    expect(Math.min(...times)).toBeLessThan(20);
  });

  it.each([
    [1, 1],
    [2, 3],
    [16, 16],
    [3840, 7],
  ])('measures a picture of %i × %i too', (widthPx, heightPx) => {
    const found = verdictOf(measurePicture({ pixels: Buffer.alloc(widthPx * heightPx * 3, 90), widthPx, heightPx }));
    expect(verdict.parse(found).measures.brightness).toBeCloseTo(90, 0);
  });
});
