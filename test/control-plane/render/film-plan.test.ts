import { canvasOf, filmArguments, whyNotAsPlanned } from '@slowlight/control-plane/src/render/film-plan.ts';
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
  ['low', '28'],
  ['medium', '23'],
  ['high', '18'],
  ['archive', '14'],
] as const)('quality %s is CRF %s', ([quality, crf]) => {
  const { output } = filmArguments({ canvas: { widthPx: 640, heightPx: 360 }, fps: 25, quality });
  expect(output[output.indexOf('-crf') + 1]).toBe(crf);
});

test('a film with another number of pictures, length or size than planned is told', () => {
  const terms = { canvas: { widthPx: 640, heightPx: 360 }, fps: 10, quality: 'low' } as const;
  const right = { frames: 25, durationMs: 2500, widthPx: 640, heightPx: 360, sizeBytes: 1 };
  expect(whyNotAsPlanned(right, terms, 25)).toBeNull();
  expect(whyNotAsPlanned({ ...right, durationMs: 2549 }, terms, 25)).toBeNull();
  expect(whyNotAsPlanned({ ...right, durationMs: 2551 }, terms, 25)).toMatch(/lasts 2551 ms instead of 2500/);
  expect(whyNotAsPlanned({ ...right, frames: 24 }, terms, 25)).toMatch(/24 pictures instead of 25/);
  expect(whyNotAsPlanned({ ...right, widthPx: 638 }, terms, 25)).toMatch(/638×360 instead of 640×360/);
});
