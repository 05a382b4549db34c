/** A landscape as raw yuv420p: sky, mountains, meadow; a sun and a cloud that move, and the time as people read it. */
import { drawClock } from './picture-clock.ts';

export interface Scene {
  /** Draws the moment `at` (ms since the epoch) and gives the frame; the same buffer each time. */
  draw(at: number): Buffer;
}

export interface SceneSize {
  widthPx: number;
  heightPx: number;
}

/** @param grain how much each pixel's brightness differs from frame to frame, as a sensor's does; 0: not at all */
export function createScene({ widthPx, heightPx }: SceneSize, grain = 0): Scene {
  const lumaBytes = widthPx * heightPx;
  const chromaBytes = lumaBytes / 4;
  const clean = drawBackground(widthPx, heightPx);
  const backgrounds = grain === 0 ? [clean] : [1, 2, 3, 4, 5].map((seed) => withGrain(clean, lumaBytes, grain, seed));
  let drawn = 0;
  const frame = Buffer.alloc(lumaBytes + chromaBytes * 2);
  const luma = frame.subarray(0, lumaBytes);
  const size = { widthPx, heightPx };
  return {
    draw(at) {
      backgrounds[drawn % backgrounds.length]?.copy(frame);
      drawn += 1;
      const turn = (at % 60_000) / 60_000;
      drawDisc(frame, size, { x: widthPx * turn, y: heightPx * 0.27, radius: heightPx * 0.07, colour: [225, 70, 150] });
      const drift = ((at % 97_000) / 97_000) * widthPx * 1.4 - widthPx * 0.2;
      for (const [dx, dy, radius] of CLOUD)
        drawDisc(frame, size, {
          x: drift + dx * heightPx,
          y: heightPx * (0.4 + dy),
          radius: radius * heightPx,
          colour: [212, 130, 126],
        });
      drawClock(luma, widthPx, at);
      drawTime(luma, size, at);
      return frame;
    },
  };
}

const CLOUD: readonly (readonly [number, number, number])[] = [
  [0, 0, 0.05],
  [0.07, -0.02, 0.065],
  [0.15, 0, 0.05],
];

function withGrain(clean: Buffer, lumaBytes: number, grain: number, seed: number): Buffer {
  const random = randomFrom(seed);
  const picture = Buffer.from(clean);
  for (let at = 0; at < lumaBytes; at += 1)
    picture[at] = Math.max(16, Math.min(235, (picture[at] ?? 0) + (random() - 0.5) * 2 * grain));
  return picture;
}

function drawBackground(widthPx: number, heightPx: number): Buffer {
  const lumaBytes = widthPx * heightPx;
  const picture = Buffer.alloc((lumaBytes * 3) / 2, 128);
  const random = randomFrom(7);
  for (let x = 0; x < widthPx; x += 1) {
    const far = heightPx * ridge(x / widthPx, 0.52, 0.07, 3);
    const near = heightPx * ridge(x / widthPx + 0.3, 0.68, 0.05, 2);
    for (let y = 0; y < heightPx; y += 1) {
      const grain = random() - 0.5;
      let yuv: [number, number, number];
      if (y < far) yuv = [150 + (60 * y) / heightPx, 142, 112];
      else if (y < near) yuv = [96 + 24 * Math.sin(x / 17 + y / 9) + grain * 18, 136, 118];
      else yuv = [88 + (50 * (y - near)) / heightPx + grain * 34, 106, 112];
      picture[y * widthPx + x] = yuv[0];
      if (x % 2 === 0 && y % 2 === 0) {
        const at = (y / 2) * (widthPx / 2) + x / 2;
        picture[lumaBytes + at] = yuv[1];
        picture[lumaBytes * 1.25 + at] = yuv[2];
      }
    }
  }
  return picture;
}

function ridge(x: number, level: number, height: number, waves: number): number {
  return level - height * (Math.sin(x * waves * 6.28) * 0.6 + Math.sin(x * waves * 17.1 + 1) * 0.3);
}

interface Disc {
  x: number;
  y: number;
  radius: number;
  colour: readonly [number, number, number];
}

function drawDisc(frame: Buffer, { widthPx, heightPx }: SceneSize, { x, y, radius, colour }: Disc): void {
  const lumaBytes = widthPx * heightPx;
  for (let row = Math.max(0, Math.ceil(y - radius)); row < Math.min(heightPx, y + radius); row += 1) {
    const half = Math.sqrt(Math.max(0, radius * radius - (row - y) ** 2));
    const from = Math.max(0, Math.round(x - half));
    const to = Math.min(widthPx, Math.round(x + half));
    if (to <= from) continue;
    frame.fill(colour[0], row * widthPx + from, row * widthPx + to);
    if (row % 2 === 1) continue;
    const at = lumaBytes + (row / 2) * (widthPx / 2);
    frame.fill(colour[1], at + (from >> 1), at + (to >> 1));
    frame.fill(colour[2], at + lumaBytes / 4 + (from >> 1), at + lumaBytes / 4 + (to >> 1));
  }
}

/** Which of the seven segments (top, upper left, upper right, middle, lower left, lower right, bottom) a digit lights. */
const SEGMENTS = [
  '1110111',
  '0010010',
  '1011101',
  '1011011',
  '0111010',
  '1101011',
  '1101111',
  '1010010',
  '1111111',
  '1111011',
];

/** Writes `YYYY-MM-DD HH:MM:SS.mmm` (UTC) in seven-segment digits near the lower edge. */
function drawTime(luma: Uint8Array, { widthPx, heightPx }: SceneSize, at: number): void {
  const text = new Date(at).toISOString().replace('T', ' ').replace('Z', '');
  const thick = Math.max(2, Math.round(widthPx / 320));
  const high = thick * 9;
  const wide = thick * 5;
  const step = thick * 7;
  const top = heightPx - high - thick * 5;
  let left = Math.round(widthPx / 32);
  const fill = (x: number, y: number, w: number, h: number, value: number) => {
    for (let row = y; row < y + h; row += 1) luma.fill(value, row * widthPx + x, row * widthPx + x + w);
  };
  fill(left - thick * 2, top - thick * 2, step * text.length + thick * 3, high + thick * 4, 30);
  for (const letter of text) {
    const lit = SEGMENTS[Number.parseInt(letter, 10)] ?? '';
    const half = (high - thick) / 2;
    const bars: [number, number, number, number][] = [
      [0, 0, wide, thick],
      [0, 0, thick, half + thick],
      [wide - thick, 0, thick, half + thick],
      [0, half, wide, thick],
      [0, half, thick, half + thick],
      [wide - thick, half, thick, half + thick],
      [0, high - thick, wide, thick],
    ];
    bars.forEach(([x, y, w, h], index) => {
      if (lit[index] === '1') fill(left + x, top + y, w, h, 225);
    });
    if (letter === '-') fill(left, top + half, wide, thick, 225);
    if (letter === ':' || letter === '.') fill(left + thick * 2, top + high - thick * 2, thick, thick, 225);
    if (letter === ':') fill(left + thick * 2, top + thick * 2, thick, thick, 225);
    left += step;
  }
}

/** The same numbers between 0 and 1 each time. Source: mulberry32, T. Ettinger, public domain. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
