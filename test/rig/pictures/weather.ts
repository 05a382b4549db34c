/** Weather over a base picture. */
import type { Base } from './good.ts';
import { between, drawnOver, mapped, noisy, oneOf, type Random, type Raster, type Rgb, texture } from './raster.ts';

/** Nearness: 0 at and above the horizon, 1 at the lower edge. */
export const nearness = (base: Base, y: number) => Math.max(0, (y / base.heightPx - base.horizon) / (1 - base.horizon));

/** Koschmieder: what is far drowns in the light of the air. */
export function fog(base: Base, random: Random): Raster {
  const density = between(random, 0.7, 3.2);
  const air: Rgb = oneOf(random, [
    [196, 200, 204],
    [176, 180, 184],
    [212, 212, 210],
    [150, 156, 164],
  ]);
  const drift = texture(random, base, base.widthPx / 3, 2);
  const misty = mapped(base, (x, y, r, g, b) => {
    const distance = 1 / (0.18 + nearness(base, y) * 1.1);
    const left = Math.exp(-density * distance * 0.42 * (0.8 + 0.4 * drift(x, y)));
    return [r * left + air[0] * (1 - left), g * left + air[1] * (1 - left), b * left + air[2] * (1 - left)];
  });
  return noisy(misty, random, { sigma: between(random, 0.4, 2.5) });
}

export async function snowfall(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = base;
  const lying = between(random, 0.2, 0.85);
  const haze = between(random, 0.1, 0.45);
  const drift = texture(random, base, w / 12, 3);
  const white = mapped(base, (x, y, r, g, b) => {
    const light = (r + g + b) / 3;
    const cover = lying * (0.55 + 0.45 * drift(x, y)) * Math.max(0, Math.min(1, (y / h - base.horizon) * 7));
    const mix = (part: number, own: number) => {
      const snowed = part * (1 - cover) + (188 + light * 0.22 + own) * cover;
      return snowed * (1 - haze) + 205 * haze;
    };
    return [mix(r, 0), mix(g, 2), mix(b, 5)];
  });
  const flakes = Array.from({ length: Math.floor(between(random, 120, 800)) }, () => {
    const r = (w / 1000) * between(random, 0.8, 4);
    return `<ellipse cx="${random() * w}" cy="${random() * h}" rx="${r}" ry="${r * between(random, 1, 2.5)}" fill="#fff" opacity="${between(random, 0.4, 0.9)}"/>`;
  });
  return noisy(await drawnOver(white, flakes.join(''), w / 1600), random, { sigma: between(random, 0.5, 3) });
}

export async function rain(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = base;
  const grey = between(random, 0.1, 0.4);
  const dull = mapped(base, (_x, _y, r, g, b) => {
    const light = (r + g + b) / 3;
    const mix = (part: number) => (part * 0.55 + light * 0.45) * 0.8 * (1 - grey) + 150 * grey;
    return [mix(r), mix(g), mix(b) + 2];
  });
  const lean = between(random, -0.25, 0.25);
  const streaks = Array.from({ length: Math.floor(between(random, 150, 900)) }, () => {
    const x = random() * w;
    const y = random() * h;
    const long = h * between(random, 0.015, 0.07);
    return `<path d="M${x},${y} l${long * lean},${long}" stroke="#dfe6ec" stroke-width="${(w / 1280) * between(random, 0.6, 1.8)}" opacity="${between(random, 0.15, 0.55)}"/>`;
  });
  return noisy(await drawnOver(dull, streaks.join('')), random, { sigma: between(random, 0.5, 3) });
}
