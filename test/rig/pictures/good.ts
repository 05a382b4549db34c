/** Good pictures of every kind that detectors wrongly flag, made from a base picture. */
import {
  between,
  blurred,
  drawnOver,
  mapped,
  noisy,
  oneOf,
  type Random,
  type Raster,
  type Rgb,
  texture,
} from './raster.ts';
import { fog, nearness, rain, snowfall } from './weather.ts';

export interface Base extends Raster {
  /** Where the horizon lies, as a share of the height. */
  horizon: number;
}
type Make = (base: Base, random: Random) => Raster | Promise<Raster>;

const tinted = (base: Raster, gain: Rgb, add: Rgb = [0, 0, 0]) =>
  mapped(base, (_x, _y, r, g, b) => [r * gain[0] + add[0], g * gain[1] + add[1], b * gain[2] + add[2]]);

function dusk(base: Base, random: Random): Raster {
  const gain = between(random, 0.16, 0.42);
  const blue = between(random, 1, 1.35);
  return noisy(tinted(base, [gain * 0.95, gain, gain * blue], [1, 2, 5]), random, { sigma: between(random, 1, 5) });
}

function infraredNight(base: Base, random: Random): Raster {
  const { widthPx, heightPx } = base;
  const gain = between(random, 0.5, 1.2);
  const centre = [widthPx * between(random, 0.35, 0.65), heightPx * between(random, 0.5, 0.75)] as const;
  const reach = widthPx * between(random, 0.3, 0.6);
  const tint: Rgb = oneOf(random, [
    [1, 1, 1],
    [1, 1, 1],
    [1.06, 0.98, 1.1],
    [0.96, 1, 1.05],
  ]);
  const lit = mapped(base, (x, y, r, g, b) => {
    const away = ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / reach ** 2;
    const far = 0.25 + 0.75 * Math.min(1, nearness(base, y) * 2 + 0.15);
    const level = 6 + (0.45 * r + 0.35 * g + 0.2 * b) * gain * far * (0.08 + 0.92 * Math.exp(-away));
    return [level * tint[0], level * tint[1], level * tint[2]];
  });
  return noisy(lit, random, { sigma: between(random, 2, 9), colour: 0.05 });
}

async function litNight(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = base;
  const gain = between(random, 0.05, 0.16);
  const dark = tinted(base, [gain * 1.1, gain, gain * 0.9], [3, 3, 5]);
  const lamps = Array.from({ length: 2 + Math.floor(random() * 8) }, () => {
    const x = random() * w;
    const y = h * between(random, 0.25, 0.75);
    const r = w * between(random, 0.006, 0.016);
    const hue = oneOf(random, ['#ffd9a0', '#fff4dc', '#ffb35c', '#e8f2ff']);
    return `<radialGradient id="l${x | 0}"><stop offset="0" stop-color="${hue}" stop-opacity="0.75"/><stop offset="0.25" stop-color="${hue}" stop-opacity="0.22"/><stop offset="1" stop-color="${hue}" stop-opacity="0"/></radialGradient><circle cx="${x}" cy="${y}" r="${r * 11}" fill="url(#l${x | 0})"/><circle cx="${x}" cy="${y}" r="${r}" fill="#fffdf4"/>`;
  });
  return noisy(await drawnOver(dark, lamps.join('')), random, { sigma: between(random, 1, 5) });
}

async function flatSky(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = base;
  const [top, low]: readonly [Rgb, Rgb] = oneOf(random, [
    [
      [70, 120, 190],
      [150, 190, 225],
    ],
    [
      [165, 170, 176],
      [190, 194, 198],
    ],
    [
      [200, 203, 206],
      [216, 218, 220],
    ],
    [
      [96, 150, 214],
      [120, 168, 222],
    ],
    [
      [110, 116, 126],
      [150, 152, 158],
    ],
    [
      [220, 150, 110],
      [240, 196, 140],
    ],
  ] as const);
  const from = between(random, 0, 0.4);
  const sky = mapped(base, (_x, y) => {
    const t = from + (1 - from) * (y / h);
    return [top[0] + (low[0] - top[0]) * t, top[1] + (low[1] - top[1]) * t, top[2] + (low[2] - top[2]) * t];
  });
  const roof = h * between(random, 0.86, 1.02);
  const things = `<polygon points="0,${h} 0,${roof} ${w * 0.3},${roof - h * 0.05} ${w * 0.55},${roof + h * 0.02} ${w},${roof} ${w},${h}" fill="#3a3f38"/><path d="M0,${h * 0.3} Q${w / 2},${h * 0.42} ${w},${h * 0.35}" stroke="#333" stroke-width="${w / 600}" fill="none" opacity="${random() < 0.5 ? 1 : 0}"/><path d="M${w * 0.7},${h * 0.2} q${w * 0.01},${-h * 0.02} ${w * 0.02},0 q${w * 0.01},${-h * 0.02} ${w * 0.02},0" stroke="#222" stroke-width="${w / 500}" fill="none"/>`;
  return noisy(await drawnOver(sky, things), random, { sigma: between(random, 0, 2) });
}

function calmSea(base: Base, random: Random): Raster {
  const { heightPx: h, widthPx: w } = base;
  const horizon = between(random, 0.3, 0.65);
  const [sky, sea]: readonly [Rgb, Rgb] = oneOf(random, [
    [
      [190, 196, 202],
      [110, 124, 134],
    ],
    [
      [150, 190, 226],
      [60, 100, 136],
    ],
    [
      [224, 190, 160],
      [120, 112, 120],
    ],
    [
      [170, 176, 180],
      [150, 158, 164],
    ],
    [
      [100, 112, 128],
      [52, 62, 74],
    ],
  ] as const);
  const long = texture(random, { widthPx: w, heightPx: h * 14 }, w / 7, 4);
  const swell = between(random, 1, 16);
  return noisy(
    mapped(base, (x, y) => {
      const share = y / h;
      if (share < horizon) return sky.map((part) => part - (horizon - share) * 40) as unknown as Rgb;
      const near = (share - horizon) / (1 - horizon);
      const wave = (long(x, y * 14 * (1.1 - near * 0.6)) - 0.5) * swell * (0.3 + near);
      return sea.map((part) => part - near * 14 + wave) as unknown as Rgb;
    }),
    random,
    { sigma: between(random, 0.3, 2) },
  );
}

const day: Make = (base, random) => noisy(base, random, { sigma: between(random, 0.2, 3), shot: true });
const strongNoise: Make = (base, random) =>
  noisy(
    tinted(
      base,
      oneOf(random, [
        [0.8, 0.8, 0.8],
        [0.45, 0.45, 0.45],
        [1, 1, 1],
      ] as const),
    ),
    random,
    { sigma: between(random, 9, 30), colour: random() },
  );
function highContrast(base: Base, random: Random): Raster {
  const power = between(random, 1.6, 2.4);
  return mapped(
    base,
    (_x, _y, r, g, b) =>
      [r, g, b].map((part) => ((part - 128) * power + between(random, -2, 2)) * 1 + 120) as unknown as Rgb,
  );
}
async function lowSun(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = base;
  const [x, y] = [w * between(random, 0.15, 0.85), h * base.horizon * between(random, 0.4, 0.95)];
  const warm = tinted(base, [0.95, 0.78, 0.6]);
  const glow = `<radialGradient id="g"><stop offset="0" stop-color="#fffbe8"/><stop offset="0.12" stop-color="#fff3cc" stop-opacity="0.95"/><stop offset="0.4" stop-color="#ffd98c" stop-opacity="0.45"/><stop offset="1" stop-color="#ffc870" stop-opacity="0"/></radialGradient><circle cx="${x}" cy="${y}" r="${w * between(random, 0.18, 0.4)}" fill="url(#g)"/><circle cx="${x}" cy="${y}" r="${w * 0.02}" fill="#fff"/><circle cx="${w - x}" cy="${h - y}" r="${w * 0.03}" fill="#fc8" opacity="0.15"/>`;
  return noisy(await drawnOver(warm, glow), random, { sigma: between(random, 0.5, 2.5) });
}
function backlight(base: Base, random: Random): Raster {
  const gain = between(random, 0.3, 0.6);
  return noisy(
    mapped(base, (_x, y, r, g, b) => {
      const above = Math.max(0, Math.min(1, (base.horizon + 0.1 - y / base.heightPx) * 5));
      const k = gain + above * 1.25;
      return [r * k, g * k, b * k];
    }),
    random,
    { sigma: between(random, 0.5, 2.5) },
  );
}
const blueHour: Make = (base, random) =>
  noisy(tinted(base, [0.32, 0.42, between(random, 0.62, 0.8)], [2, 6, 20]), random, { sigma: between(random, 1, 4) });
const sunset: Make = (base, random) =>
  noisy(
    mapped(base, (_x, y, r, g, b) => {
      const low = Math.min(1, y / base.heightPx / base.horizon);
      return [r * 0.95 + 12 * low, g * (0.62 + 0.04 * low), b * (0.6 - 0.28 * low) + 6];
    }),
    random,
    { sigma: between(random, 0.5, 3) },
  );

async function inFront(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = base;
  const x = w * between(random, 0.1, 0.9);
  const s = h * between(random, 0.25, 0.75);
  const coat = oneOf(random, ['#28303c', '#7a2424', '#e0c020', '#30502c', '#c8c8c8']);
  const person = `<g transform="translate(${x},${h - s})"><circle cx="0" cy="${s * 0.09}" r="${s * 0.08}" fill="#b88c70"/><path d="M${-s * 0.14},${s * 0.5} L${-s * 0.13},${s * 0.22} Q0,${s * 0.14} ${s * 0.13},${s * 0.22} L${s * 0.14},${s * 0.5} L${s * 0.1},${s * 0.55} L${s * 0.09},${s} L${s * 0.02},${s} L0,${s * 0.6} L${-s * 0.02},${s} L${-s * 0.09},${s} L${-s * 0.1},${s * 0.55} Z" fill="${coat}" stroke="#1c1c1c" stroke-width="${s / 160}"/><path d="M${-s * 0.1},${s * 0.3} h${s * 0.2} M${-s * 0.1},${s * 0.4} h${s * 0.2}" stroke="#dfe" stroke-width="${s / 60}"/></g>`;
  const bird = `<path transform="translate(${x},${h * between(random, 0.2, 0.6)}) scale(${s / 260})" d="M0,0 q-60,-70 -130,-40 q60,0 80,50 q-30,20 -40,50 q40,-20 70,-18 q60,30 110,-20 l24,6 l-16,-18 q-10,-26 -34,-20 q-30,-40 10,-90 q-70,20 -74,100 z" fill="#3c3a3a" stroke="#191919" stroke-width="2"/>`;
  return noisy(await drawnOver(base, random() < 0.6 ? person : bird), random, { sigma: between(random, 0.4, 2.5) });
}
function fisheye(base: Base, random: Random): Raster {
  const { widthPx: w, heightPx: h } = base;
  const reach = Math.hypot(w, h) * between(random, 0.4, 0.47);
  return noisy(
    mapped(base, (x, y, r, g, b) => {
      const k = Math.max(0, Math.min(1, (reach - Math.hypot(x - w / 2, y - h / 2)) / (w * 0.012)));
      return [r * k, g * k, b * k];
    }),
    random,
    { sigma: between(random, 0.3, 1.5) },
  );
}
function letterboxed(base: Base, random: Random): Raster {
  const upright = random() < 0.4;
  const share = between(random, 0.06, 0.2);
  const level = oneOf(random, [0, 0, 16]);
  return mapped(base, (x, y, r, g, b) => {
    const at = upright ? x / base.widthPx : y / base.heightPx;
    return at < share || at > 1 - share ? [level, level, level] : [r, g, b];
  });
}
async function overlay(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = base;
  const high = h * between(random, 0.035, 0.09);
  const bar =
    random() < 0.5
      ? `<rect width="${w}" height="${high * 1.5}" fill="#000" opacity="${oneOf(random, [0.5, 1])}"/><rect y="${h - high * 1.4}" width="${w}" height="${high * 1.4}" fill="#000" opacity="${oneOf(random, [0, 0.6, 1])}"/>`
      : '';
  return noisy(
    await drawnOver(
      base,
      `${bar}${text(w * 0.02, high, high, 'Camera 3 North gate')}${text(w * 0.5, h - high * 0.4, high, '2026-03-14 12:41:07')}`,
    ),
    random,
    { sigma: 1 },
  );
}
async function slightlySoft(base: Base, random: Random): Promise<Raster> {
  return noisy(await blurred(base, (base.widthPx / 1280) * between(random, 0.5, 1)), random, {
    sigma: between(random, 0.5, 2),
  });
}

export const text = (x: number, y: number, high: number, words: string) =>
  `<text x="${x}" y="${y}" font-family="DejaVu Sans Mono, monospace" font-size="${high}" fill="#fff" stroke="#000" stroke-width="${high / 24}">${words}</text>`;

export const GOOD: Readonly<Record<string, Make>> = {
  day,
  fog,
  dusk,
  'infrared-night': infraredNight,
  'lit-night': litNight,
  noise: strongNoise,
  snow: snowfall,
  'flat-sky': flatSky,
  'calm-sea': calmSea,
  rain,
  'high-contrast': highContrast,
  'low-sun': lowSun,
  backlight,
  'blue-hour': blueHour,
  sunset,
  'in-front': inFront,
  fisheye,
  letterboxed,
  overlay,
  soft: slightlySoft,
};
