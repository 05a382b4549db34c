import type { Picture } from '@slowlight/agent/src/frame.ts';
import { planShape } from '@slowlight/agent/src/quality/plan-shape.ts';
import { shapePicture } from '@slowlight/agent/src/quality/shape-picture.ts';
import { type Shape, shape } from '@slowlight/protocol';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { realMoment } from '../../rig/capture-parts.ts';

const RED = [220, 30, 30];
const GREEN = [30, 200, 30];
const BLUE = [30, 30, 220];
const WHITE = [240, 240, 240];

/** 80 × 40: red and green above, blue and white below. */
function fourColours(): Picture {
  const [widthPx, heightPx] = [80, 40];
  const pixels = Buffer.alloc(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx; x += 1) {
      const colour = y < 20 ? (x < 40 ? RED : GREEN) : x < 40 ? BLUE : WHITE;
      pixels.set(colour, (y * widthPx + x) * 3);
    }
  return { pixels, widthPx, heightPx, taken: realMoment() };
}

/** The corners of the shaped picture, clockwise from the upper left, by the name of the nearest colour. */
async function cornersOf(change: object, inset = 4) {
  const shaped = await shapePicture(fourColours(), shape.parse(change), 95);
  const { data, info } = await sharp(shaped.bytes).raw().toBuffer({ resolveWithObject: true });
  const nameAt = (x: number, y: number) => {
    const at = (y * info.width + x) * 3;
    const distance = (colour: readonly number[]) =>
      colour.reduce((sum, part, index) => sum + Math.abs(part - (data[at + index] ?? 0)), 0);
    const names: [string, readonly number[]][] = [
      ['red', RED],
      ['green', GREEN],
      ['blue', BLUE],
      ['white', WHITE],
      ['black', [0, 0, 0]],
    ];
    return names.sort((a, b) => distance(a[1]) - distance(b[1]))[0]?.[0];
  };
  const [right, bottom] = [info.width - 1 - inset, info.height - 1 - inset];
  expect([shaped.widthPx, shaped.heightPx]).toEqual([info.width, info.height]);
  return {
    size: `${info.width}x${info.height}`,
    corners: [nameAt(inset, inset), nameAt(right, inset), nameAt(right, bottom), nameAt(inset, bottom)].join(' '),
  };
}

describe('the shape of a picture', () => {
  it.each([
    ['nothing asked', {}, '80x40', 'red green white blue'],
    ['a quarter turn, clockwise', { rotateDegrees: 90 }, '40x80', 'blue red green white'],
    ['half a turn', { rotateDegrees: 180 }, '80x40', 'white blue red green'],
    ['three quarters', { rotateDegrees: 270 }, '40x80', 'green white blue red'],
    ['a crop', { crop: { leftPx: 40, topPx: 0, widthPx: 40, heightPx: 40 } }, '40x40', 'green green white white'],
    [
      'a crop that reaches outside is clamped',
      { crop: { leftPx: 20, topPx: 20, widthPx: 500, heightPx: 500 } },
      '60x20',
      'blue white white blue',
    ],
    [
      'crop comes before rotation',
      { crop: { leftPx: 0, topPx: 0, widthPx: 40, heightPx: 40 }, rotateDegrees: 90 },
      '40x40',
      'blue red red blue',
    ],
    ['square, cut to the centre', { aspect: { ratio: '1:1', fit: 'crop' } }, '40x40', 'red green white blue'],
    ['square, with bars', { aspect: { ratio: '1:1', fit: 'letterbox' } }, '80x80', 'black black black black'],
    [
      'wider, with bars at the sides',
      { aspect: { ratio: '4:1', fit: 'letterbox' } },
      '160x40',
      'black black black black',
    ],
    [
      'aspect is meant after rotation',
      { rotateDegrees: 90, aspect: { ratio: '1:1', fit: 'crop' } },
      '40x40',
      'blue red green white',
    ],
    [
      'all three',
      {
        crop: { leftPx: 0, topPx: 0, widthPx: 80, heightPx: 20 },
        rotateDegrees: 270,
        aspect: { ratio: '1:2', fit: 'crop' },
      },
      '20x40',
      'green green red red',
    ],
  ])('%s', async (_, change, size, corners) => {
    expect(await cornersOf(change)).toEqual({ size, corners });
  });

  it('is an error where nothing of the crop lies inside, and says where it would', async () => {
    const outside = shape.parse({ crop: { leftPx: 80, topPx: 0, widthPx: 10, heightPx: 10 } });
    await expect(shapePicture(fourColours(), outside, 90)).rejects.toMatchObject({
      code: 'shape.cannot-apply',
      message: expect.stringContaining('80 × 40'),
    });
  });

  it('is an error where its bars would be longer than any picture', async () => {
    const pole = shape.parse({ aspect: { ratio: '1:300', fit: 'letterbox' } });
    await expect(shapePicture(fourColours(), pole, 90)).rejects.toMatchObject({
      code: 'shape.cannot-apply',
      message: expect.stringContaining('80 × 24000'),
    });
  });

  it('is smaller in bytes at a lower quality', async () => {
    const plain = shape.parse({});
    const [low, high] = await Promise.all([20, 95].map((quality) => shapePicture(fourColours(), plain, quality)));
    expect(low?.bytes.length).toBeLessThan(high?.bytes.length ?? 0);
    expect(high?.type).toBe('image/jpeg');
  });

  it('keeps what it promises for every size, turn and ratio', () => {
    let looked = 0;
    for (const [widthPx, heightPx] of [
      [1, 1],
      [16, 9],
      [1920, 1080],
      [1080, 1920],
      [641, 359],
    ] as const)
      for (const rotateDegrees of [0, 90, 180, 270] as const)
        for (const ratio of ['16:9', '9:16', '1:1', '9999:1', '3:2'])
          for (const fit of ['crop', 'letterbox'] as const) {
            const wanted: Shape = { crop: null, rotateDegrees, aspect: { ratio, fit } };
            const plan = planShape({ widthPx, heightPx }, wanted);
            if (plan === null) throw new Error('no plan');
            const { cut, bars } = plan;
            expect(cut.left >= 0 && cut.top >= 0 && cut.width >= 1 && cut.height >= 1).toBe(true);
            expect(cut.left + cut.width <= widthPx && cut.top + cut.height <= heightPx).toBe(true);
            const turned = rotateDegrees % 180 === 0 ? [cut.width, cut.height] : [cut.height, cut.width];
            expect([plan.widthPx, plan.heightPx]).toEqual([
              (turned[0] ?? 0) + bars.left + bars.right,
              (turned[1] ?? 0) + bars.top + bars.bottom,
            ]);
            looked += 1;
          }
    expect(looked).toBe(200);
  });
});
