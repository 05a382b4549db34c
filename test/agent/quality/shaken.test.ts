import { judgeJpeg } from '@slowlight/agent/src/quality/judge-jpeg.ts';
import { describe, expect, it } from 'vitest';
import { encode, noisy, type Raster, rasterOf } from '../../rig/pictures/raster.ts';
import { drawScene, type SceneKind } from '../../rig/pictures/scenes.ts';
import { seeded } from '../../rig/seeded.ts';

const SIZE = { widthPx: 1280, heightPx: 720 };
const KINDS: readonly SceneKind[] = ['site', 'street', 'harbour'];
const scene = (kind: SceneKind): Promise<Raster> => drawScene(kind, SIZE, seeded(kind.length));
const judge = async (raster: Raster) => judgeJpeg(await encode(raster, 88));

/** Every pixel the mean of those that follow it one way, as when the camera is turned while it looks. */
function drawnOut({ pixels, widthPx, heightPx }: Raster, px: number, way: 'along' | 'down'): Raster {
  const out = Buffer.alloc(pixels.length);
  const [step, most] = way === 'along' ? [3, widthPx] : [widthPx * 3, heightPx];
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx; x += 1) {
      const [at, left] = [(y * widthPx + x) * 3, Math.min(px, most - (way === 'along' ? x : y))];
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (let k = 0; k < left; k += 1) sum += pixels[at + channel + k * step] ?? 0;
        out[at + channel] = sum / left;
      }
    }
  return { pixels: out, widthPx, heightPx };
}

/** From one row on the columns say the same again, under the grain that later pictures bring. */
function smearedFrom(raster: Raster, share: number): Raster {
  const { widthPx, heightPx } = raster;
  const pixels = Buffer.from(raster.pixels);
  const row = Math.floor(heightPx * share) * widthPx * 3;
  for (let to = row; to < pixels.length; to += widthPx * 3) raster.pixels.copy(pixels, to, row, row + widthPx * 3);
  return noisy({ pixels, widthPx, heightPx }, seeded(5), { sigma: 4 });
}

describe('a picture of a camera that shook', () => {
  const plain: readonly SceneKind[] = ['site', 'street'];
  it.each(plain.flatMap((kind) => (['along', 'down'] as const).map((way) => ({ kind, way }))))(
    'is blurred: $kind, $way',
    async ({ kind, way }) => {
      const sharp = await scene(kind);
      expect((await judge(sharp)).faults).toEqual([]);
      const { faults, score } = await judge(drawnOut(sharp, 40, way));
      expect(faults).toContain('blurred');
      expect(score).toBeLessThan(70);
    },
  );
});

describe('a decoder that lost the stream', () => {
  it.each(KINDS)('is found under grain, by the row where all columns begin to repeat: %s', async (kind) => {
    const whole = await rasterOf(await encode(await scene(kind), 88));
    const { faults, score } = await judge(smearedFrom(whole, 0.5));
    expect(faults).toContain('smeared');
    expect(score).toBeLessThan(70);
  });
});
