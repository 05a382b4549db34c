/** A second hand: the same faults and good pictures made by other means than in damage.ts, near-things.ts and good.ts. */
import type { Fault } from '@slowlight/protocol';
import {
  asSharp,
  between,
  drawnOver,
  mapped,
  noisy,
  oneOf,
  type Random,
  type Raster,
  type Rgb,
  rasterBack,
} from './raster.ts';

type Make = (base: Raster, random: Random) => Raster | Promise<Raster>;

/** Bands pushed sideways, wrapping around or leaving the last pixel; or a lower part from a moment before. */
const torn: Make = (base, random) => {
  const { widthPx: w, heightPx: h, pixels } = base;
  const out = Buffer.from(pixels);
  const wraps = random() < 0.5;
  const cuts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => Math.floor(h * between(random, 0.15, 0.85)));
  for (const cut of cuts) {
    const shift = Math.round(w * between(random, 0.015, 0.3)) * (random() < 0.5 ? 1 : -1);
    const end = random() < 0.5 ? h : Math.min(h, cut + Math.floor(h * between(random, 0.08, 0.4)));
    for (let y = cut; y < end; y += 1)
      for (let x = 0; x < w; x += 1) {
        const from = wraps ? (x - shift + w) % w : Math.max(0, Math.min(w - 1, x - shift));
        pixels.copy(out, (y * w + x) * 3, (y * w + from) * 3, (y * w + from) * 3 + 3);
      }
  }
  return { ...base, pixels: out };
};

/** Below a row, or right of a column, or in the columns of some macroblocks, the last good pixels are drawn out. */
const smeared: Make = (base, random) => {
  const { widthPx: w, heightPx: h, pixels } = base;
  const kind = random();
  const out = Buffer.from(pixels);
  const cut = Math.floor((h * between(random, 0.2, 0.7)) / 16) * 16;
  const side = Math.floor((w * between(random, 0.2, 0.6)) / 16) * 16;
  const lost = Array.from({ length: Math.ceil(w / 16) }, () => random() < 0.6);
  for (let y = 0; y < h; y += 1)
    for (let x = 0; x < w; x += 1) {
      const to = (y * w + x) * 3;
      const from =
        kind < 0.4
          ? Math.min(y, cut) * w + x
          : kind < 0.7
            ? y * w + Math.min(x, side)
            : lost[x >> 4]
              ? Math.min(y, cut) * w + x
              : y * w + x;
      pixels.copy(out, to, from * 3, from * 3 + 3);
    }
  return noisy({ ...base, pixels: out }, random, { sigma: between(random, 0, 1) });
};

const wrongColour: Make = (base, random) =>
  mapped(
    base,
    oneOf<(x: number, y: number, r: number, g: number, b: number) => Rgb>(random, [
      (_x, _y, r, g, b) => [b, g, r],
      (_x, _y, r, g, b) => [r, b, g],
      (_x, _y, r, _g, b) => [r, r * 0.15, b],
      (_x, _y, r, g, b) => [r * 1.1 + 20, g * 0.6, b * 1.1 + 20],
      (_x, _y, r, g, b) => [r * 0.6, g * 1.15 + 10, b * 0.6],
      (_x, _y, r, g) => [r, g, 0],
      (_x, _y, r, g) => [r, g, 255],
      (_x, _y, _r, g, b) => [0, g, b],
      (_x, _y, r, g, b) => [r * 0.35, g * 0.45, b * 1.1 + 30],
    ]),
  );

const blurred: Make = async (base, random) => {
  const { widthPx: w, heightPx: h } = base;
  const radius = Math.max(2, Math.round(w * between(random, 0.006, 0.02)));
  const size = radius * 2 + 1;
  const disc = Array.from({ length: size * size }, (_, at) =>
    ((at % size) - radius) ** 2 + (Math.floor(at / size) - radius) ** 2 <= radius ** 2 ? 1 : 0,
  );
  // A disc, at half the size, which is enough for what has no detail left.
  return noisy(
    size > 25
      ? await rasterBack(asSharp(base).blur(radius * 0.6), { widthPx: w, heightPx: h })
      : await rasterBack(asSharp(base).convolve({ width: size, height: size, kernel: disc }), {
          widthPx: w,
          heightPx: h,
        }),
    random,
    { sigma: 1 },
  );
};

const hues = ['#262a20', '#3f5a2c', '#8a6748', '#6b6b6b', '#c8b8a0', '#101010', '#7a2c22', '#d8d8d4'];
const obstructed: Make = async (base, random) => {
  const { widthPx: w, heightPx: h } = base;
  const fill = oneOf(random, hues);
  const points = (x: number, y: number, r: number) =>
    Array.from({ length: 14 }, (_, k) => {
      const far = r * between(random, 0.75, 1.25);
      return `${x + Math.cos((k / 14) * 6.283) * far},${y + Math.sin((k / 14) * 6.283) * far}`;
    }).join(' ');
  const shape = oneOf(random, [
    `<polygon points="${points(random() < 0.5 ? 0 : w, h * random(), w * between(random, 0.28, 0.42))}" fill="${fill}"/>`,
    `<polygon points="${points(w * between(random, 0.3, 0.7), h * between(random, 0.3, 0.7), w * between(random, 0.16, 0.28))}" fill="${fill}"/>`,
    `<path d="M${-w * 0.1},${h * random()} L${w * 1.1},${h * random()}" stroke="${fill}" stroke-width="${h * between(random, 0.28, 0.45)}"/>`,
    `<rect x="${w * between(random, 0.1, 0.6)}" y="${-h}" width="${w * between(random, 0.2, 0.35)}" height="${h * 3}" fill="${fill}"/>`,
  ]);
  return noisy(await drawnOver(base, shape, w * between(random, 0.006, 0.02)), random, {
    sigma: between(random, 0.5, 2),
  });
};

const covered: Make = async (base, random) => {
  const { widthPx: w, heightPx: h } = base;
  const hue = oneOf(random, [
    [62, 50, 40],
    [38, 38, 42],
    [120, 88, 66],
    [206, 208, 210],
    [96, 100, 74],
  ] as const);
  const soft = await rasterBack(asSharp(base).blur(w * 0.05), { widthPx: w, heightPx: h });
  const [ax, ay] = [between(random, 1, 4), between(random, 1, 4)];
  const veil = between(random, 0.8, 0.97);
  return noisy(
    mapped(soft, (x, y, r, g, b) => {
      const shade = 1 + 0.16 * Math.sin((x / w) * ax + 1) * Math.cos((y / h) * ay);
      return [r, g, b].map((part, k) => part * (1 - veil) + (hue[k] ?? 0) * veil * shade) as unknown as Rgb;
    }),
    random,
    { sigma: between(random, 0.5, 2) },
  );
};

const halfBlack: Make = (base, random) => {
  const share = between(random, 0.3, 0.65);
  const side = Math.floor(random() * 4);
  const level = oneOf(random, [0, 6, 16]);
  const dark = mapped(base, (x, y, r, g, b) => {
    const at = [x / base.widthPx, 1 - x / base.widthPx, y / base.heightPx, 1 - y / base.heightPx][side] ?? 1;
    return at < share ? [level, level, level] : [r, g, b];
  });
  return noisy(dark, random, { sigma: between(random, 0, 2) });
};

const light = (base: Raster, random: Random, change: (level: number) => number, sigma = 1.5) =>
  noisy(
    mapped(base, (_x, _y, r, g, b) => [change(r), change(g), change(b)]),
    random,
    { sigma },
  );

/** What was good stays good. */
export const SECOND_GOOD: Readonly<Record<string, Make>> = {
  day: (base) => base,
  dusk: (base, random) => {
    const gain = between(random, 0.15, 0.4);
    return light(base, random, (level) => 255 * (level / 255) ** 1.4 * gain + 4, 2);
  },
  backlight: (base, random) => {
    const knee = between(random, 110, 150);
    return light(base, random, (level) => (level > knee ? 150 + (level - knee) * 2.2 : level * 0.3));
  },
  'high-contrast': (base, random) => {
    const steep = between(random, 6, 11);
    return light(base, random, (level) => 255 / (1 + Math.exp(-steep * (level / 255 - 0.5))));
  },
  'low-sun': async (base, random) => {
    const { widthPx: w, heightPx: h } = base;
    const [x, y] = [w * between(random, 0.1, 0.9), h * between(random, 0.1, 0.45)];
    const reach = w * between(random, 0.1, 0.3);
    return noisy(
      mapped(base, (px, py, r, g, b) => {
        const glow = 400 * Math.exp(-Math.hypot(px - x, py - y) / reach);
        return [r * 0.8 + glow, g * 0.72 + glow * 0.9, b * 0.6 + glow * 0.68];
      }),
      random,
      { sigma: 1 },
    );
  },
  'privacy-mask': (base, random) => {
    const { widthPx: w, heightPx: h } = base;
    const [x, y] = [w * between(random, 0.1, 0.6), h * between(random, 0.1, 0.6)];
    return drawnOver(
      base,
      `<rect x="${x}" y="${y}" width="${w * 0.25}" height="${h * 0.25}" fill="${oneOf(random, ['#000', '#555', '#888'])}"/>`,
    );
  },
  blinds: (base) =>
    mapped(base, (_x, y, r, g, b) => (y > base.heightPx * 0.3 && y % 24 < 5 ? [r * 0.5, g * 0.5, b * 0.5] : [r, g, b])),
};

export const SECOND_DAMAGE: Readonly<Partial<Record<Fault, Make>>> = {
  torn,
  smeared,
  'wrong-colour': wrongColour,
  blurred,
  obstructed,
  covered,
  'half-black': halfBlack,
};
