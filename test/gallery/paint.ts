/** Pictures of places that do not exist, for benches and screenshots: a sky that follows the hour, hills, something built. */
import sharp from 'sharp';

const DAY_MS = 86_400_000;

export interface Scene {
  /** Which place: each number has its own hills, its own building, its own light. */
  place: number;
  /** Local wall time as if it were UTC, ms: it says where the sun stands. */
  at: number;
  widthPx: number;
  heightPx: number;
}

/** One JPEG. The same scene is the same picture. */
export function paint({ place, at, widthPx, heightPx }: Scene): Promise<Buffer> {
  return sharp(Buffer.from(drawing(place, at)))
    .resize(widthPx, heightPx, { fit: 'fill' })
    .jpeg({ quality: 82 })
    .toBuffer();
}

type Colour = readonly [number, number, number];
const mix = (a: Colour, b: Colour, part: number): Colour => [
  a[0] + (b[0] - a[0]) * part,
  a[1] + (b[1] - a[1]) * part,
  a[2] + (b[2] - a[2]) * part,
];
const css = ([r, g, b]: Colour) => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;

/** Numbers from 0 to 1 that follow from two others. */
function chance(place: number, index: number): number {
  const x = Math.sin(place * 127.1 + index * 311.7) * 43_758.5453;
  return x - Math.floor(x);
}

function drawing(place: number, at: number): string {
  const hour = ((((at % DAY_MS) + DAY_MS) % DAY_MS) / DAY_MS) * 24;
  const height = Math.sin(((hour - 6.2) / 12) * Math.PI);
  const light = Math.max(0, Math.min(1, (height + 0.18) / 0.6));
  const glow = Math.max(0, 1 - Math.abs(height) / 0.34);
  const zenith = mix(mix([9, 13, 30], [66, 118, 182], light), [92, 74, 122], glow * 0.45);
  const horizon = mix(mix([22, 28, 52], [198, 216, 230], light), [248, 162, 92], glow * 0.8);
  const land = mix([10, 13, 18], place % 3 === 1 ? [112, 108, 92] : [66, 92, 64], 0.1 + light * 0.8);
  const sun = `${(hour - 6.2) * (1280 / 12)},${430 - height * 330}`.split(',');
  const hills = [0, 1, 2].map((layer) => {
    const base = 400 + layer * 70;
    const points = Array.from({ length: 17 }, (_, index) => {
      const y = base - chance(place + layer * 9, index) * (110 - layer * 26) - (layer === 0 ? 30 : 0);
      return `${index * 80} ${y.toFixed(1)}`;
    });
    const colour = mix(land, horizon, 0.62 - layer * 0.24);
    return `<path d="M0 720 L0 ${base} L${points.join(' L')} L1280 ${base} L1280 720Z" fill="${css(colour)}" stroke="${css(colour)}" stroke-width="26" stroke-linejoin="round"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" preserveAspectRatio="none" width="1280" height="720">
<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${css(zenith)}"/><stop offset=".62" stop-color="${css(horizon)}"/></linearGradient>
<radialGradient id="g"><stop offset="0" stop-color="#fff4d8" stop-opacity="${0.15 + glow * 0.75}"/><stop offset="1" stop-color="#fff4d8" stop-opacity="0"/></radialGradient></defs>
<rect width="1280" height="720" fill="url(#s)"/>
${stars(place, light)}
<circle cx="${sun[0]}" cy="${sun[1]}" r="240" fill="url(#g)"/><circle cx="${sun[0]}" cy="${sun[1]}" r="25" fill="#fff3d2" opacity="${height > -0.05 ? 0.95 : 0}"/>
${clouds(place, at, mix(horizon, [255, 255, 255], 0.35 * light))}
${hills.join('')}
${built(place, at, mix(land, [16, 15, 18], 0.62), light)}
<rect y="618" width="1280" height="102" fill="${css(mix(land, [10, 10, 10], 0.45))}"/></svg>`;
}

function stars(place: number, light: number): string {
  if (light > 0.25) return '';
  return Array.from(
    { length: 60 },
    (_, index) =>
      `<circle cx="${(chance(place, index) * 1280).toFixed(0)}" cy="${(chance(place + 3, index) * 330).toFixed(0)}" r="${(0.7 + chance(place, index + 90)).toFixed(1)}" fill="#fff" opacity="${((0.25 - light) * 3).toFixed(2)}"/>`,
  ).join('');
}

function clouds(place: number, at: number, colour: Colour): string {
  return Array.from({ length: 5 }, (_, index) => {
    const drift = (at / 90_000) * (0.6 + chance(place, index) * 0.8);
    const x = ((chance(place + 5, index) * 1600 + drift) % 1700) - 200;
    const y = 60 + chance(place + 7, index) * 210;
    const wide = 90 + chance(place, index + 30) * 130;
    return `<g fill="${css(colour)}" opacity=".55"><ellipse cx="${x.toFixed(0)}" cy="${y.toFixed(0)}" rx="${wide.toFixed(0)}" ry="17"/><ellipse cx="${(x + 40).toFixed(0)}" cy="${(y - 14).toFixed(0)}" rx="${(wide * 0.5).toFixed(0)}" ry="19"/></g>`;
  }).join('');
}

/** A crane over a building that grows by the day, a mast, or a row of houses. */
function built(place: number, at: number, colour: Colour, light: number): string {
  const fill = css(colour);
  const lamp = light < 0.35 ? '#ffd98a' : css(mix(colour, [210, 220, 230], 0.3));
  const x = 260 + chance(place, 77) * 620;
  if (place % 3 === 1) {
    const floors = 4 + (Math.floor(at / DAY_MS) % 7);
    const rows = Array.from({ length: floors }, (_, floor) =>
      Array.from({ length: 6 }, (__, window) =>
        chance(place + floor, window + Math.floor(at / 3_600_000)) > 0.35
          ? `<rect x="${x + 14 + window * 34}" y="${598 - floor * 42}" width="18" height="20" fill="${lamp}" opacity=".75"/>`
          : '',
      ).join(''),
    ).join('');
    const swing = Math.sin(at / 1_700_000) * 120;
    return `<rect x="${x}" y="${624 - floors * 42}" width="216" height="${floors * 42}" fill="${fill}"/>${rows}<g stroke="${fill}" stroke-width="9" fill="none"><path d="M${x + 290} 630V170M${x + 290 - 250} 190H${x + 380}M${x + 290} 165L${x + 290 - 180} 190M${x + 290} 165L${x + 370} 190"/><path stroke-width="3" d="M${x + 120 + swing * 0.5} 190v${110 + Math.abs(swing) * 0.4}"/></g>`;
  }
  if (place % 3 === 2)
    return `<g stroke="${fill}" fill="none"><path stroke-width="8" d="M${x} 640V210M${x - 46} 640L${x} 260L${x + 46} 640"/><path stroke-width="4" d="M${x - 30} 520H${x + 30}M${x - 20} 420H${x + 20}M${x - 12} 330H${x + 12}"/></g><circle cx="${x}" cy="205" r="8" fill="#e2543f"/>`;
  return Array.from({ length: 9 }, (_, index) => {
    const left = 40 + index * 138;
    const tall = 60 + chance(place, index + 50) * 92;
    return `<path d="M${left} 640V${624 - tall}l52 -${28 + chance(place, index) * 22}l52 ${28 + chance(place, index) * 22}V640Z" fill="${fill}"/><rect x="${left + 20}" y="${640 - tall}" width="15" height="19" fill="${lamp}" opacity=".8"/><rect x="${left + 66}" y="${640 - tall}" width="15" height="19" fill="${lamp}" opacity=".6"/>`;
  }).join('');
}
