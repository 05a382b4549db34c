/** Things on the lens or before it: hands, bags, leaves, posts, twigs, insects, webs. */
import type { Base } from './good.ts';
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

/** Something so near that it is a soft shape; `shape` in SVG. */
export async function near(base: Base, random: Random, shape: string, softPx: number): Promise<Raster> {
  return noisy(await drawnOver(base, shape, softPx), random, { sigma: between(random, 0.4, 2.5) });
}

export async function covered(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = base;
  const kind = random();
  const soft = w * between(random, 0.012, 0.04);
  if (kind < 0.4) {
    const skin = oneOf(random, ['rgb(150,92,74)', 'rgb(96,58,46)', 'rgb(190,130,108)', 'rgb(60,34,28)']);
    const edge = w * between(random, 0.72, 1.1);
    const fingers = Array.from(
      { length: 4 },
      (_, k) =>
        `<ellipse cx="${edge}" cy="${h * (0.1 + k * 0.27)}" rx="${w * between(random, 0.05, 0.2)}" ry="${h * 0.13}" fill="${skin}"/>`,
    ).join('');
    const hand = `<rect x="${-w * 0.2}" y="${-h * 0.2}" width="${edge + w * 0.2}" height="${h * 1.4}" fill="${skin}"/>${fingers}<ellipse cx="${w * 0.3}" cy="${h * 0.5}" rx="${w * 0.3}" ry="${h * 0.3}" fill="#000" opacity="0.18"/>`;
    return near(base, random, random() < 0.5 ? hand : `<g transform="translate(${w},0) scale(-1,1)">${hand}</g>`, soft);
  }
  if (kind < 0.7) {
    const bag = await blurred(base, w * between(random, 0.03, 0.06));
    const fold = texture(random, base, w / 4, 3);
    const thick = between(random, 0.72, 0.96);
    const hue: Rgb = oneOf(random, [
      [205, 205, 200],
      [60, 60, 64],
      [60, 110, 80],
      [170, 150, 90],
    ]);
    return noisy(
      mapped(bag, (x, y, r, g, b) => {
        const shade = 0.72 + 0.5 * fold(x, y);
        return [
          r * (1 - thick) + hue[0] * thick * shade,
          g * (1 - thick) + hue[1] * thick * shade,
          b * (1 - thick) + hue[2] * thick * shade,
        ];
      }),
      random,
      { sigma: between(random, 0.4, 2) },
    );
  }
  const leaf = oneOf(random, ['rgb(52,82,34)', 'rgb(120,92,40)', 'rgb(30,48,24)', 'rgb(26,24,26)']);
  const shape = `<ellipse cx="${w * between(random, 0.4, 0.6)}" cy="${h * between(random, 0.4, 0.6)}" rx="${w * between(random, 0.5, 0.75)}" ry="${h * between(random, 0.5, 0.8)}" fill="${leaf}"/><path d="M${-w * 0.1},${h * 0.5} L${w * 1.1},${h * 0.45}" stroke="#dfe8b0" stroke-width="${w * 0.02}" opacity="0.25"/>`;
  return near(base, random, shape, soft);
}

export async function obstructed(base: Base, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = base;
  const dark = oneOf(random, ['#2a241c', '#1c1c1e', '#3c3228', '#26301c', '#54504a']);
  const soft = w * between(random, 0.004, 0.016);
  const kind = random();
  if (kind < 0.25) {
    const wide = w * between(random, 0.16, 0.36);
    return near(
      base,
      random,
      `<rect x="${w * between(random, 0, 1) - wide / 2}" y="${-h * 0.2}" width="${wide}" height="${h * 1.4}" fill="${dark}"/>`,
      soft,
    );
  }
  if (kind < 0.55) {
    const twigs = Array.from({ length: 5 + Math.floor(random() * 5) }, () => {
      const y = h * between(random, -0.2, 1.2);
      return `<path d="M${-w * 0.05},${y} Q${w * 0.4},${y + h * between(random, -0.4, 0.4)} ${w * 1.05},${h * between(random, -0.1, 1.1)}" stroke="${dark}" stroke-width="${w * between(random, 0.02, 0.055)}" fill="none"/><ellipse cx="${w * random()}" cy="${h * random()}" rx="${w * 0.09}" ry="${h * 0.08}" fill="${oneOf(random, ['#3a5426', dark])}"/>`;
    });
    return near(base, random, twigs.join(''), soft);
  }
  if (kind < 0.75) {
    const [x, y] = [w * between(random, 0.25, 0.75), h * between(random, 0.25, 0.75)];
    const r = w * between(random, 0.15, 0.24);
    const legs = Array.from(
      { length: 6 },
      (_, k) =>
        `<path d="M${x},${y} q${Math.cos(k) * r},${Math.sin(k * 1.1) * r} ${Math.cos(k * 1.05) * r * 2},${Math.sin(k * 1.05) * r * 1.8}" stroke="${dark}" stroke-width="${w * 0.018}" fill="none"/>`,
    );
    return near(
      base,
      random,
      `<ellipse cx="${x}" cy="${y}" rx="${r}" ry="${r * 0.8}" fill="${dark}"/>${legs.join('')}`,
      soft,
    );
  }
  if (kind < 0.87) {
    const corner = random() < 0.5 ? 0 : w;
    return near(
      base,
      random,
      `<ellipse cx="${corner}" cy="${h * between(random, 0.2, 0.9)}" rx="${w * between(random, 0.34, 0.55)}" ry="${h * between(random, 0.4, 0.7)}" fill="${oneOf(random, [dark, '#3a5426', '#8a6a50'])}"/>`,
      soft * 1.5,
    );
  }
  const [x, y] = [w * between(random, 0.2, 0.8), h * between(random, 0.2, 0.8)];
  const threads = Array.from(
    { length: 22 },
    (_, k) => `<path d="M${x},${y} L${x + Math.cos(k / 3.5) * w * 1.2},${y + Math.sin(k / 3.5) * w * 1.2}"/>`,
  );
  const rings = Array.from({ length: 16 }, (_, k) => `<circle cx="${x}" cy="${y}" r="${w * 0.045 * (k + 1)}"/>`);
  return near(
    base,
    random,
    `<g stroke="#e8ecf0" stroke-width="${w * 0.008}" fill="none" opacity="0.75">${threads.join('')}${rings.join('')}</g>`,
    w * 0.003,
  );
}
