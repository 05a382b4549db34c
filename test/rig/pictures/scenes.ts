/** Scenes that are drawn: landscapes, building sites, harbours, streets, rooms. Each seed another one. */
import { between, mapped, oneOf, type Random, type Raster, type Size, svgRaster, texture } from './raster.ts';

export type SceneKind = 'landscape' | 'site' | 'harbour' | 'street' | 'room';
export const SCENE_KINDS: readonly SceneKind[] = ['landscape', 'site', 'harbour', 'street', 'room'];

/** The picture and where its horizon lies, as a share of the height. */
export interface Scene extends Raster {
  horizon: number;
}

export async function drawScene(kind: SceneKind, size: Size, random: Random): Promise<Scene> {
  const horizon = between(random, 0.32, 0.6);
  const draw = { landscape, site, harbour, street, room }[kind];
  const raster = await svgRaster(size, draw(size, horizon, random));
  const fine = texture(random, size, size.widthPx / 90, 4);
  const coarse = texture(random, size, size.widthPx / 5, 3);
  const edge = size.heightPx * horizon;
  const rough = kind === 'room' ? 0.16 : 0.42;
  const textured = mapped(raster, (x, y, r, g, b) => {
    const inside = kind === 'room' ? 1 : y < edge ? 0.06 : Math.min(1, 0.35 + (y - edge) / edge);
    const gain = 1 + (fine(x, y) - 0.5) * rough * 2 * inside + (coarse(x, y) - 0.5) * 0.22;
    return [r * gain, g * gain, b * gain];
  });
  return { ...textured, horizon };
}

const rgb = (random: Random, base: readonly number[], spread: number) => {
  const lift = between(random, -spread, spread);
  return `rgb(${base.map((part) => Math.round(Math.max(0, Math.min(255, part + lift + between(random, -spread / 3, spread / 3))))).join(',')})`;
};

function sky({ widthPx, heightPx }: Size, horizon: number, random: Random): string {
  const [top, low] = oneOf(random, [
    ['#3f76b8', '#b9d3ea'],
    ['#6b93c4', '#dfe6ec'],
    ['#9aa3ab', '#cfd4d8'],
    ['#5a86c0', '#e8e0cf'],
    ['#7c8894', '#b4bcc2'],
  ] as const);
  const clouds = Array.from({ length: Math.floor(random() * 7) }, () => {
    const x = random() * widthPx;
    const y = random() * heightPx * horizon * 0.8;
    return `<ellipse cx="${x}" cy="${y}" rx="${widthPx * between(random, 0.04, 0.16)}" ry="${heightPx * between(random, 0.012, 0.04)}" fill="#fff" opacity="${between(random, 0.2, 0.6)}" filter="url(#soft)"/>`;
  });
  return `<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${top}"/><stop offset="1" stop-color="${low}"/></linearGradient><filter id="soft"><feGaussianBlur stdDeviation="${widthPx / 160}"/></filter></defs><rect width="${widthPx}" height="${heightPx * horizon + 2}" fill="url(#s)"/>${clouds.join('')}`;
}

function ridge({ widthPx, heightPx }: Size, random: Random, level: number, rough: number, fill: string): string {
  const steps = 60;
  let y = level;
  const points = Array.from({ length: steps + 1 }, (_, k) => {
    y = Math.max(level - rough * 2, Math.min(level + rough, y + between(random, -rough, rough) * 0.5));
    return `${(k / steps) * widthPx},${y * heightPx}`;
  });
  return `<polygon points="0,${heightPx} ${points.join(' ')} ${widthPx},${heightPx}" fill="${fill}"/>`;
}

function trees(size: Size, random: Random, count: number, from: number, to: number): string {
  return Array.from({ length: count }, () => {
    const far = random();
    const x = random() * size.widthPx;
    const y = size.heightPx * (from + (to - from) * far);
    const high = size.heightPx * (0.04 + 0.16 * far);
    const fill = rgb(random, [48, 78, 38], 22);
    const trunk = `<rect x="${x - high * 0.03}" y="${y - high * 0.3}" width="${high * 0.06}" height="${high * 0.3}" fill="#4a3826"/>`;
    const crown =
      random() < 0.5
        ? `<polygon points="${x},${y - high} ${x - high * 0.25},${y - high * 0.2} ${x + high * 0.25},${y - high * 0.2}" fill="${fill}"/>`
        : `<circle cx="${x}" cy="${y - high * 0.65}" r="${high * 0.33}" fill="${fill}"/><circle cx="${x + high * 0.2}" cy="${y - high * 0.5}" r="${high * 0.22}" fill="${rgb(random, [58, 92, 44], 22)}"/>`;
    return trunk + crown;
  }).join('');
}

function landscape(size: Size, horizon: number, random: Random): string {
  const { widthPx, heightPx } = size;
  return [
    sky(size, horizon, random),
    ridge(size, random, horizon - 0.05, 0.05, rgb(random, [118, 132, 150], 14)),
    ridge(size, random, horizon, 0.03, rgb(random, [84, 104, 86], 16)),
    ridge(
      size,
      random,
      horizon + 0.1,
      0.03,
      rgb(
        random,
        oneOf(random, [
          [104, 128, 62],
          [150, 132, 84],
          [120, 112, 96],
        ]),
        16,
      ),
    ),
    `<polygon points="${widthPx * 0.45},${heightPx * (horizon + 0.1)} ${widthPx * 0.5},${heightPx * (horizon + 0.1)} ${widthPx * 0.7},${heightPx} ${widthPx * 0.4},${heightPx}" fill="${rgb(random, [168, 152, 124], 14)}"/>`,
    trees(size, random, 18 + Math.floor(random() * 30), horizon + 0.03, 0.97),
  ].join('');
}

function house(random: Random, x: number, base: number, wide: number, high: number): string {
  const fill = rgb(
    random,
    oneOf(random, [
      [176, 160, 140],
      [150, 96, 78],
      [196, 190, 180],
      [120, 124, 130],
      [206, 178, 122],
    ]),
    18,
  );
  const columns = 3 + Math.floor(random() * 5);
  const rows = 3 + Math.floor(random() * 5);
  const windows: string[] = [];
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1)
      windows.push(
        `<rect x="${x + (wide * (column + 0.25)) / columns}" y="${base - high + (high * (row + 0.25)) / rows}" width="${(wide * 0.5) / columns}" height="${(high * 0.5) / rows}" fill="${rgb(random, [62, 72, 84], 24)}" stroke="#ddd" stroke-width="${wide / 160}"/>`,
      );
  return `<rect x="${x}" y="${base - high}" width="${wide}" height="${high}" fill="${fill}"/>${windows.join('')}<rect x="${x - wide * 0.02}" y="${base - high}" width="${wide * 1.04}" height="${high * 0.03}" fill="#3c3a38"/>`;
}

function site(size: Size, horizon: number, random: Random): string {
  const { widthPx: w, heightPx: h } = size;
  const base = h * (horizon + 0.22);
  const houses = Array.from({ length: 3 + Math.floor(random() * 3) }, (_, k) =>
    house(
      random,
      w * (k * 0.26 + random() * 0.1 - 0.05),
      base + h * random() * 0.06,
      w * between(random, 0.13, 0.24),
      h * between(random, 0.2, 0.5),
    ),
  );
  const mast = w * between(random, 0.2, 0.8);
  const top = h * between(random, 0.08, 0.2);
  const line = Math.max(1, w / 500);
  const crane = `<g stroke="${oneOf(random, ['#d8a520', '#c33', '#ddd'])}" stroke-width="${line * 2}" fill="none"><path d="M${mast},${base} V${top} M${mast + w * 0.012},${base} V${top} M${mast - w * 0.1},${top} H${mast + w * 0.3} M${mast - w * 0.1},${top + h * 0.02} H${mast + w * 0.3}"/><path stroke-width="${line}" d="${Array.from({ length: 30 }, (_, k) => `M${mast - w * 0.1 + (k * w * 0.4) / 30},${top} l${w * 0.0133},${h * 0.02}`).join(' ')} ${Array.from({ length: 24 }, (_, k) => `M${mast},${top + (k * (base - top)) / 24} l${w * 0.012},${(base - top) / 24}`).join(' ')} M${mast + w * 0.22},${top} V${top + h * 0.25}"/></g>`;
  const heaps = Array.from({ length: 14 }, () => {
    const x = random() * w;
    const y = h * between(random, horizon + 0.25, 0.98);
    const r = w * between(random, 0.01, 0.05);
    return random() < 0.5
      ? `<polygon points="${x - r},${y} ${x},${y - r * 0.7} ${x + r},${y}" fill="${rgb(random, [140, 116, 86], 26)}"/>`
      : `<rect x="${x}" y="${y - r * 0.5}" width="${r * 1.3}" height="${r * 0.5}" fill="${rgb(
          random,
          oneOf(random, [
            [190, 60, 40],
            [40, 80, 150],
            [210, 170, 40],
            [150, 150, 150],
          ]),
          20,
        )}" stroke="#222" stroke-width="${line}"/>`;
  });
  return [
    sky(size, horizon, random),
    ridge(size, random, horizon + 0.05, 0.02, rgb(random, [110, 120, 110], 14)),
    houses.join(''),
    `<rect y="${base}" width="${w}" height="${h}" fill="${rgb(random, [150, 132, 108], 16)}" opacity="0.97"/>`,
    crane,
    heaps.join(''),
  ].join('');
}

function harbour(size: Size, horizon: number, random: Random): string {
  const { widthPx: w, heightPx: h } = size;
  const sea = rgb(random, [72, 98, 112], 20);
  const waves = Array.from({ length: 160 }, () => {
    const far = random();
    const y = h * (horizon + 0.02 + (0.98 - horizon) * far * far);
    const x = random() * w;
    return `<path d="M${x},${y} q${w * 0.01 * (1 + far * 3)},${-h * 0.004 * (1 + far * 2)} ${w * 0.02 * (1 + far * 3)},0" stroke="${random() < 0.5 ? '#a9bcc4' : '#3c5866'}" stroke-width="${1 + far * (w / 600)}" fill="none" opacity="0.6"/>`;
  });
  const boats = Array.from({ length: 4 + Math.floor(random() * 5) }, () => {
    const x = random() * w;
    const y = h * between(random, horizon + 0.05, 0.8);
    const r = w * between(random, 0.02, 0.07);
    return `<path d="M${x - r},${y - r * 0.3} L${x + r},${y - r * 0.3} L${x + r * 0.7},${y} L${x - r * 0.7},${y} Z" fill="${rgb(
      random,
      oneOf(random, [
        [235, 235, 230],
        [150, 40, 40],
        [30, 60, 110],
      ]),
      14,
    )}"/><path d="M${x},${y - r * 0.3} V${y - r * 2} M${x},${y - r * 2} L${x + r * 0.7},${y - r * 0.4}" stroke="#333" stroke-width="${Math.max(1, w / 500)}"/>`;
  });
  return [
    sky(size, horizon, random),
    ridge(size, random, horizon - 0.02, 0.02, rgb(random, [92, 106, 108], 14)),
    `<rect y="${h * horizon}" width="${w}" height="${h}" fill="${sea}"/>`,
    waves.join(''),
    boats.join(''),
    `<rect x="${w * random() * 0.5}" y="${h * 0.9}" width="${w * 0.6}" height="${h * 0.1}" fill="${rgb(random, [120, 104, 84], 14)}"/>`,
  ].join('');
}

function street(size: Size, horizon: number, random: Random): string {
  const { widthPx: w, heightPx: h } = size;
  const base = h * (horizon + 0.12);
  const houses: string[] = [];
  for (let x = -w * 0.05; x < w; ) {
    const wide = w * between(random, 0.1, 0.22);
    houses.push(house(random, x, base, wide, h * between(random, 0.22, 0.5)));
    x += wide * between(random, 1, 1.25);
  }
  const cars = Array.from({ length: 3 + Math.floor(random() * 4) }, () => {
    const far = random();
    const r = w * (0.03 + 0.06 * far);
    const x = random() * w;
    const y = h * (horizon + 0.2 + (0.7 - horizon) * far);
    return `<rect x="${x}" y="${y - r * 0.5}" width="${r * 2}" height="${r * 0.4}" rx="${r * 0.1}" fill="${rgb(
      random,
      oneOf(random, [
        [180, 30, 30],
        [30, 30, 34],
        [220, 220, 222],
        [40, 70, 130],
      ]),
      14,
    )}"/><rect x="${x + r * 0.4}" y="${y - r * 0.8}" width="${r}" height="${r * 0.35}" fill="#2c343c"/><circle cx="${x + r * 0.4}" cy="${y - r * 0.1}" r="${r * 0.17}" fill="#111"/><circle cx="${x + r * 1.6}" cy="${y - r * 0.1}" r="${r * 0.17}" fill="#111"/>`;
  });
  const lamps = Array.from(
    { length: 3 },
    (_, k) =>
      `<path d="M${w * (0.15 + k * 0.33)},${h * (horizon + 0.3)} V${h * (horizon - 0.15)} h${w * 0.03}" stroke="#3a3d40" stroke-width="${w / 320}" fill="none"/>`,
  );
  return [
    sky(size, horizon, random),
    houses.join(''),
    `<rect y="${base}" width="${w}" height="${h}" fill="${rgb(random, [120, 120, 122], 16)}"/>`,
    `<polygon points="0,${h * 0.86} ${w},${h * 0.78} ${w},${h * 0.8} 0,${h * 0.885}" fill="#e4e2dc"/>`,
    lamps.join(''),
    cars.join(''),
  ].join('');
}

function room(size: Size, horizon: number, random: Random): string {
  const { widthPx: w, heightPx: h } = size;
  const floor = h * (horizon + 0.25);
  const shelves: string[] = [];
  for (let s = 0; s < 2 + Math.floor(random() * 2); s += 1) {
    const x = w * (0.05 + s * 0.32);
    const wide = w * between(random, 0.16, 0.26);
    const top = h * between(random, 0.12, 0.3);
    shelves.push(
      `<rect x="${x}" y="${top}" width="${wide}" height="${floor - top}" fill="${rgb(random, [120, 92, 64], 18)}"/>`,
    );
    for (let row = 0; row < 4; row += 1)
      for (let k = 0; k < 7; k += 1)
        shelves.push(
          `<rect x="${x + (wide * (k + 0.1)) / 7}" y="${top + ((floor - top) * (row + 0.15 + random() * 0.3)) / 4}" width="${(wide * 0.8) / 7}" height="${((floor - top) * 0.5) / 4}" fill="${rgb(
            random,
            oneOf(random, [
              [190, 60, 50],
              [60, 90, 150],
              [210, 190, 120],
              [90, 130, 80],
              [220, 220, 220],
            ]),
            24,
          )}"/>`,
        );
  }
  const table = w * between(random, 0.4, 0.65);
  return [
    `<rect width="${w}" height="${h}" fill="${rgb(
      random,
      oneOf(random, [
        [196, 188, 172],
        [170, 178, 182],
        [206, 206, 204],
      ]),
      12,
    )}"/>`,
    `<rect x="${w * 0.68}" y="${h * 0.1}" width="${w * 0.2}" height="${h * 0.36}" fill="#eef4fb" stroke="#7d7468" stroke-width="${w / 120}"/><path d="M${w * 0.78},${h * 0.1} v${h * 0.36} M${w * 0.68},${h * 0.28} h${w * 0.2}" stroke="#7d7468" stroke-width="${w / 200}"/>`,
    shelves.join(''),
    `<rect y="${floor}" width="${w}" height="${h}" fill="${rgb(random, [134, 108, 82], 18)}"/>`,
    Array.from(
      { length: 9 },
      (_, k) =>
        `<path d="M${(k / 8) * w},${floor} L${(k / 8 - 0.5) * w * 2 + w / 2},${h}" stroke="#54422f" stroke-width="${w / 500}"/>`,
    ).join(''),
    `<rect x="${table}" y="${h * 0.68}" width="${w * 0.3}" height="${h * 0.03}" fill="#5a4330"/><rect x="${table + w * 0.02}" y="${h * 0.7}" width="${w * 0.015}" height="${h * 0.25}" fill="#4a3626"/><rect x="${table + w * 0.26}" y="${h * 0.7}" width="${w * 0.015}" height="${h * 0.25}" fill="#4a3626"/><rect x="${table + w * 0.08}" y="${h * 0.56}" width="${w * 0.1}" height="${h * 0.12}" fill="#1e2226"/>`,
  ].join('');
}
