/** What can be wrong with a picture, done to a base picture. What only a codec can do is in broken-streams.ts. */
import type { Fault } from '@slowlight/protocol';
import { type Base, text } from './good.ts';
import { covered, obstructed } from './near-things.ts';
import {
  asSharp,
  between,
  blurred,
  drawnOver,
  encode,
  flat,
  mapped,
  noisy,
  oneOf,
  type Random,
  type Raster,
  type Rgb,
  rasterOf,
  svgRaster,
  texture,
} from './raster.ts';

type Make = (base: Base, random: Random) => Raster | Promise<Raster>;
const row = ({ widthPx, pixels }: Raster, y: number) => pixels.subarray(y * widthPx * 3, (y + 1) * widthPx * 3);
const copyOf = (raster: Raster): Raster => ({ ...raster, pixels: Buffer.from(raster.pixels) });

const black: Make = (base, random) => {
  const level = oneOf(random, [0, 0, 2, 6, 16]);
  return noisy(flat(base, [level, level, level]), random, { sigma: between(random, 0, 3.5) });
};
const white: Make = (base, random) =>
  noisy(
    flat(
      base,
      oneOf(random, [
        [255, 255, 255],
        [252, 252, 252],
        [254, 253, 250],
      ] as const),
    ),
    random,
    { sigma: between(random, 0, 2) },
  );
const uniform: Make = (base, random) => {
  const level = between(random, 40, 215);
  const colour: Rgb =
    random() < 0.5
      ? [level, level, level]
      : [between(random, 40, 210), between(random, 40, 210), between(random, 40, 210)];
  return noisy(flat(base, colour), random, { sigma: between(random, 0, 3) });
};
const wrongColour: Make = (base, random) => {
  const day = noisy(base, random, { sigma: between(random, 0.3, 2) });
  const strong = between(random, 0.15, 0.5);
  const kinds: ((r: number, g: number, b: number) => Rgb)[] = [
    (r, g, b) => [r * (1.15 - strong * 0.2), g * strong, b * (1.15 - strong * 0.2)],
    (r, g, b) => [r * strong, g * 1.1, b * strong],
    (r, g, b) => [b, g, r],
    (r, g, b) => [g, b, r],
    (r, g) => [r, g, g * 0.02],
    (_r, g, b) => [0, g, b],
    (r, g, b) => [r + 70, g - 10, b + 60],
    (r, g, b) => [r - 30, g + 60, b - 30],
  ];
  const kind = oneOf(random, kinds);
  return mapped(day, (_x, _y, r, g, b) => kind(r, g, b));
};
function greyLowerPart(base: Base, random: Random): Raster {
  const edge = Math.floor((base.heightPx * between(random, 0.15, 0.85)) / 16) * 16;
  const step = base.widthPx * random();
  const grey: Rgb = oneOf(random, [
    [128, 128, 128],
    [128, 128, 128],
    [130, 130, 130],
    [126, 127, 126],
  ]);
  return mapped(base, (x, y, r, g, b) => (y >= edge + 16 || (y >= edge && x > step) ? grey : [r, g, b]));
}
function smeared(base: Base, random: Random): Raster {
  const out = copyOf(base);
  const edge = Math.floor(base.heightPx * between(random, 0.1, 0.75));
  const kind = random();
  for (let y = edge; y < base.heightPx; y += 1) {
    if (kind < 0.6) row(base, edge).copy(out.pixels, y * base.widthPx * 3);
    else row(base, edge + (((y - edge) % 16) >> 3)).copy(out.pixels, y * base.widthPx * 3);
  }
  return noisy(out, random, { sigma: random() < 0.5 ? 0 : between(random, 0, 1.5) });
}
async function torn(base: Base, random: Random): Promise<Raster> {
  const out = copyOf(base);
  const other = random() < 0.4 ? await rasterBackFlipped(base) : base;
  const tears = 1 + Math.floor(random() * 4);
  let y = Math.floor(base.heightPx * between(random, 0.25, 0.6));
  for (let t = 0; t < tears; t += 1) {
    const until =
      t === tears - 1
        ? base.heightPx
        : Math.min(base.heightPx, y + Math.floor(base.heightPx * between(random, 0.06, 0.3)));
    const shift = Math.floor(base.widthPx * between(random, 0.02, 0.35)) * 3;
    for (; y < until; y += 1) {
      const line = row(other, y);
      line.copy(out.pixels, y * base.widthPx * 3 + shift, 0, line.length - shift);
      line.copy(out.pixels, y * base.widthPx * 3, line.length - shift);
    }
  }
  return noisy(out, random, { sigma: between(random, 0, 2) });
}
const rasterBackFlipped = async (base: Base): Promise<Raster> => ({
  ...base,
  pixels: await asSharp(base).flop().raw().toBuffer(),
});

async function defocused(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w } = base;
  const kind = random();
  if (kind < 0.6)
    return noisy(await blurred(base, w * between(random, 0.0045, 0.014)), random, { sigma: between(random, 0.3, 2.5) });
  if (kind < 0.8) {
    const long = Math.max(5, Math.round(w * between(random, 0.02, 0.05)));
    return noisy(motion(base, long), random, { sigma: between(random, 0.3, 2) });
  }
  // Drops on the pane: nearly everything is seen through water.
  const soft = await blurred(base, w * between(random, 0.007, 0.016));
  const drop = texture(random, base, w / 5, 2);
  return noisy(
    mapped(soft, (x, y, r, g, b) => {
      const gain = 0.9 + 0.25 * drop(x, y);
      return [r * gain + 8, g * gain + 8, b * gain + 8];
    }),
    random,
    { sigma: 1 },
  );
}
function motion({ widthPx, heightPx, pixels }: Raster, long: number): Raster {
  const out = Buffer.alloc(pixels.length);
  for (let y = 0; y < heightPx; y += 1)
    for (let part = 0; part < 3; part += 1) {
      const value = (x: number) => pixels[(y * widthPx + Math.max(0, Math.min(widthPx - 1, x))) * 3 + part] ?? 0;
      let sum = 0;
      for (let x = -long; x < 0; x += 1) sum += value(x);
      for (let x = 0; x < widthPx; x += 1) {
        sum += value(x) - value(x - long);
        out[(y * widthPx + x) * 3 + part] = sum / long;
      }
    }
  return { widthPx, heightPx, pixels: out };
}

async function noSignal(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = base;
  const kind = random();
  const words = oneOf(random, ['NO SIGNAL', 'No Video', 'VIDEO LOSS', 'Camera offline', 'CONNECTING...']);
  const label = (fill: string) =>
    `<text x="${w / 2}" y="${h / 2}" text-anchor="middle" font-family="DejaVu Sans, sans-serif" font-size="${h * between(random, 0.06, 0.16)}" fill="${fill}">${words}</text>`;
  if (kind < 0.3)
    return svgRaster(
      base,
      `<rect width="${w}" height="${h}" fill="${oneOf(random, ['#0000ff', '#1020c8', '#0a2a8c', '#0000aa'])}"/>${random() < 0.6 ? label('#fff') : ''}`,
    );
  if (kind < 0.5) {
    const colours = ['#c0c0c0', '#c0c000', '#00c0c0', '#00c000', '#c000c0', '#c00000', '#0000c0'];
    const bars = colours
      .map((fill, k) => `<rect x="${(k * w) / 7}" width="${w / 7 + 1}" height="${h}" fill="${fill}"/>`)
      .join('');
    const low =
      random() < 0.5
        ? `<rect y="${h * 0.7}" width="${w}" height="${h * 0.3}" fill="#131313"/><rect x="${w * 0.2}" y="${h * 0.7}" width="${w * 0.2}" height="${h * 0.3}" fill="#fff"/>`
        : '';
    return noisy(await svgRaster(base, bars + low), random, { sigma: between(random, 0, 2) });
  }
  if (kind < 0.75)
    return svgRaster(
      base,
      `<rect width="${w}" height="${h}" fill="${oneOf(random, ['#000', '#111', '#808080', '#333', '#202830'])}"/>${label('#eee')}`,
    );
  const grain = oneOf(random, [1, 2, 2, 3]);
  const colour = random() < 0.3;
  const tiny = { widthPx: Math.ceil(w / grain), heightPx: Math.ceil(h / grain) };
  const snow = mapped(flat(tiny, [0, 0, 0]), () => {
    const level = random() * 255;
    return colour ? [random() * 255, random() * 255, random() * 255] : [level, level, level];
  });
  return { widthPx: w, heightPx: h, pixels: await asSharp(snow).resize(w, h, { kernel: 'nearest' }).raw().toBuffer() };
}
const overExposed: Make = (base, random) => {
  const gain = between(random, 2.6, 5);
  const add = between(random, 20, 70);
  return noisy(
    mapped(base, (_x, _y, r, g, b) => [r * gain + add, g * gain + add, b * gain + add]),
    random,
    { sigma: between(random, 0, 2) },
  );
};
const underExposed: Make = (base, random) => {
  const gain = between(random, 0.03, 0.11);
  return noisy(
    mapped(base, (_x, _y, r, g, b) => [r * gain, g * gain, b * gain]),
    random,
    { sigma: between(random, 0, 1.5) },
  );
};
function halfBlack(base: Base, random: Random): Raster {
  const side = Math.floor(random() * 4);
  const share = between(random, 0.25, 0.7);
  const level = oneOf(random, [0, 0, 16]);
  return mapped(base, (x, y, r, g, b) => {
    const at = [y / base.heightPx, 1 - y / base.heightPx, x / base.widthPx, 1 - x / base.widthPx][side] ?? 1;
    return at < share ? [level, level, level] : [r, g, b];
  });
}

/** Each gives a picture; the three that damage the file are in `FILE_DAMAGE`. */
export const DAMAGE: Readonly<Partial<Record<Fault, Make>>> = {
  black,
  white,
  uniform,
  'wrong-colour': wrongColour,
  'grey-lower-part': greyLowerPart,
  smeared,
  torn,
  blurred: defocused,
  covered,
  obstructed,
  'no-signal': noSignal,
  'over-exposed': overExposed,
  'under-exposed': underExposed,
  'half-black': halfBlack,
};

export const FILE_DAMAGE: Readonly<Partial<Record<Fault, (jpeg: Buffer, random: Random) => Buffer>>> = {
  truncated: (jpeg, random) => jpeg.subarray(0, Math.floor(jpeg.length * between(random, 0.12, 0.97))),
  undecodable(jpeg, random) {
    const kind = random();
    if (kind < 0.2) return Buffer.alloc(0);
    if (kind < 0.4) return Buffer.from('<html><body>401 Unauthorized</body></html>');
    const out = Buffer.from(jpeg);
    if (kind < 0.7) for (let at = 0; at < out.length; at += 1) out[at] = random() * 256;
    else out.fill(0, 0, 700);
    return out;
  },
};

/** A JPEG that was cut short and saved again by a decoder that fills in what it lacks. */
export async function cutAndSavedAgain(raster: Raster, random: Random): Promise<Raster> {
  const jpeg = await encode(raster, 85);
  return rasterOf(jpeg.subarray(0, Math.floor(jpeg.length * between(random, 0.2, 0.8))));
}
export const stamp = (raster: Raster, random: Random): Promise<Raster> => {
  const high = raster.heightPx * between(random, 0.03, 0.06);
  const low = random() < 0.5;
  return drawnOver(
    raster,
    text(raster.widthPx * 0.02, low ? raster.heightPx - high * 0.5 : high * 1.2, high, '2026-03-14 12:41:07  CAM 03'),
  );
};
