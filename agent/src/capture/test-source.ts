/** A source without a camera: a changing picture with the time in it, at once, without any process. */
import type { Clock } from '@slowlight/protocol/kit';
import type { Moment } from '../frame.ts';
import type { Source } from './source.ts';

export interface TestSourceOptions {
  widthPx: number;
  heightPx: number;
}

export interface TestSourceDeps {
  clock: Clock;
  moment: () => Moment;
}

export function createTestSource({ clock, moment }: TestSourceDeps, { widthPx, heightPx }: TestSourceOptions): Source {
  return {
    leadMs: () => 0,
    mode: () => 'cold',
    async attempt({ dueAt }, signal) {
      if (dueAt !== null) await clock.sleep(dueAt - clock.now(), signal);
      signal.throwIfAborted();
      const taken = moment();
      return {
        kind: 'picture',
        picture: { pixels: drawTestPicture({ widthPx, heightPx }, taken.wall), widthPx, heightPx, taken },
      };
    },
    async probe() {
      return { kind: 'ok', widthPx, heightPx, codec: 'test', ms: 0, keyframeIntervalMs: null };
    },
    async close() {},
  };
}

/** A sky, a hill and a sun that goes round once a minute, and the time (UTC) in digits. Pure; 8-bit RGB. */
export function drawTestPicture({ widthPx, heightPx }: TestSourceOptions, at: number): Buffer {
  const pixels = Buffer.alloc(widthPx * heightPx * 3);
  const sunX = ((at % 60_000) / 60_000) * widthPx;
  const sunY = heightPx * 0.25;
  const radius = heightPx * 0.09;
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx; x += 1) {
      const offset = (y * widthPx + x) * 3;
      const hill = heightPx * (0.62 + 0.1 * Math.sin((x / widthPx) * 7));
      const grain = ((x * 73 + y * 151 + ((x * y) & 63)) & 31) - 16;
      const sun = (x - sunX) ** 2 + (y - sunY) ** 2 < radius * radius;
      const shade = (y / heightPx) * 60;
      pixels[offset] = sun ? 250 : y < hill ? 110 + shade : 70 + grain;
      pixels[offset + 1] = sun ? 225 : y < hill ? 150 + shade : 115 + grain;
      pixels[offset + 2] = sun ? 120 : y < hill ? 205 + shade / 2 : 60 + grain;
    }
  drawDigits(pixels, { widthPx, heightPx }, new Date(at).toISOString().slice(0, 23).replace('T', ' '));
  return pixels;
}

/** Three by five dots for each sign, row by row. */
const SIGNS: Readonly<Record<string, string>> = {
  0: '111101101101111',
  1: '010110010010111',
  2: '111001111100111',
  3: '111001111001111',
  4: '101101111001001',
  5: '111100111001111',
  6: '111100111101111',
  7: '111001010010010',
  8: '111101111101111',
  9: '111101111001111',
  '-': '000000111000000',
  ':': '000010000010000',
  '.': '000000000000010',
};

function drawDigits(pixels: Buffer, { widthPx, heightPx }: TestSourceOptions, text: string): void {
  const dot = Math.max(1, Math.floor(Math.min(widthPx / (text.length * 4 + 4), heightPx / 12)));
  const top = heightPx - dot * 7;
  [...text].forEach((letter, index) => {
    for (let cell = 0; cell < 15; cell += 1) {
      if (SIGNS[letter]?.[cell] !== '1') continue;
      const left = dot * (2 + index * 4 + (cell % 3));
      const upper = top + dot * Math.floor(cell / 3);
      for (let y = upper; y < Math.min(heightPx, upper + dot); y += 1) {
        const from = (y * widthPx + Math.min(widthPx, left)) * 3;
        pixels.fill(255, from, (y * widthPx + Math.min(widthPx, left + dot)) * 3);
      }
    }
  });
}
