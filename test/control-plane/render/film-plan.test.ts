import {
  canvasOf,
  segmentArguments,
  usualSize,
  whyNotAsPlanned,
} from '@slowlight/control-plane/src/render/film-plan.ts';
import { expect, test } from 'vitest';

test.for([
  // source, wanted height, canvas
  [1920, 1080, 1080, 1920, 1080],
  [1920, 1080, 720, 1280, 720],
  [1920, 1080, null, 1920, 1080],
  [640, 480, 1080, 640, 480],
  [2048, 1536, 1080, 1440, 1080],
  [1080, 1920, 1080, 608, 1080],
  [1080, 1920, null, 1080, 1920],
  [641, 361, null, 640, 360],
  [1, 1, null, 2, 2],
  [4000, 3000, 2160, 2880, 2160],
  [20_000, 10_000, null, 8192, 4096],
  [10_000, 20_000, null, 4096, 8192],
  [3001, 121, 120, 2976, 120],
] as const)('a film of %i×%i asked for at height %s is %i×%i', ([widthPx, heightPx, wanted, filmWidth, filmHeight]) => {
  expect(canvasOf({ widthPx, heightPx }, wanted)).toEqual({ widthPx: filmWidth, heightPx: filmHeight });
});

test.for([
  // asked, shape, of pictures of 1920×1080
  [1080, 'landscape', 1920, 1080],
  [720, 'square', 720, 720],
  [1080, 'portrait', 1080, 1920],
  [null, 'square', 1080, 1080],
  [2160, 'portrait', 1080, 1920],
] as const)('a film asked for at %s as %s is %i×%i', ([wanted, shape, widthPx, heightPx]) => {
  expect(canvasOf({ widthPx: 1920, heightPx: 1080 }, wanted, shape)).toEqual({ widthPx, heightPx });
});

test('the size of a film is that of most of its pictures, whichever comes first', () => {
  const [small, large] = [
    { widthPx: 640, heightPx: 360 },
    { widthPx: 1920, heightPx: 1080 },
  ];
  expect(usualSize([small, large, large])).toEqual(large);
  expect(usualSize([small, small, large])).toEqual(small);
  expect(usualSize([small, large])).toEqual(large);
});

const look = { canvas: { widthPx: 640, heightPx: 360 }, fit: 'bars', codec: 'h264', quality: 'low' } as const;

test.for([
  ['h264', 'low', '28.15'],
  ['h264', 'medium', '23.15'],
  ['h264', 'high', '18.15'],
  ['h264', 'archive', '14.15'],
  ['h265', 'medium', '27'],
  ['av1', 'medium', '36'],
] as const)('%s of quality %s is CRF %s', ([codec, quality, crf]) => {
  const { output } = segmentArguments({ ...look, codec, quality }, [1, 1]);
  expect(output[output.indexOf('-crf') + 1]).toBe(crf);
});

test('a film with another number of pictures, length or size than planned is told', () => {
  const terms = { canvas: { widthPx: 640, heightPx: 360 }, fps: 10 } as const;
  const right = { frames: 25, durationMs: 2500, widthPx: 640, heightPx: 360, sizeBytes: 1 };
  expect(whyNotAsPlanned(right, terms, 25)).toBeNull();
  expect(whyNotAsPlanned({ ...right, durationMs: 2549 }, terms, 25)).toBeNull();
  expect(whyNotAsPlanned({ ...right, durationMs: 2551 }, terms, 25)).toMatch(/lasts 2551 ms instead of 2500/);
  expect(whyNotAsPlanned({ ...right, frames: 24 }, terms, 25)).toMatch(/24 pictures instead of 25/);
  expect(whyNotAsPlanned({ ...right, widthPx: 638 }, terms, 25)).toMatch(/638×360 instead of 640×360/);
});
