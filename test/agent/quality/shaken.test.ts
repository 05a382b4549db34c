import { judgeJpeg } from '@slowlight/agent/src/quality/judge-jpeg.ts';
import { describe, expect, it } from 'vitest';
import { encode, mapped, noisy, type Raster, rasterOf } from '../../rig/pictures/raster.ts';
import { drawScene, type SceneKind } from '../../rig/pictures/scenes.ts';
import { seeded } from '../../rig/seeded.ts';

const SIZE = { widthPx: 960, heightPx: 540 };
const KINDS: readonly SceneKind[] = ['site', 'street', 'harbour'];
const scene = (kind: SceneKind): Promise<Raster> => drawScene(kind, SIZE, seeded(kind.length));
const judge = async (raster: Raster) => judgeJpeg(await encode(raster, 88));

/** One pixel on, the way the camera was turned. */
const WAYS = { along: [1, 0], down: [0, 1], slantwise: [1, 1], steeply: [-1, 2] } as const;

/** Every pixel the mean of those that follow it one way, as when the camera is turned while it looks. */
function drawnOut({ pixels, widthPx, heightPx }: Raster, px: number, [dx, dy]: readonly [number, number]): Raster {
  const out = Buffer.alloc(pixels.length);
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx; x += 1) {
      const [right, low] = [dx > 0 ? widthPx - x : dx < 0 ? x + 1 : px, dy > 0 ? heightPx - y : px];
      const count = Math.min(
        Math.ceil(px / Math.hypot(dx, dy)),
        Math.ceil(right / Math.max(1, Math.abs(dx))),
        Math.ceil(low / Math.max(1, dy)),
      );
      const at = (y * widthPx + x) * 3;
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (let k = 0; k < count; k += 1) sum += pixels[at + channel + k * (dy * widthPx + dx) * 3] ?? 0;
        out[at + channel] = sum / count;
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
  it.each(plain)('is blurred, whichever way it shook: %s', async (kind) => {
    const sharp = await scene(kind);
    expect((await judge(sharp)).faults).toEqual([]);
    for (const [way, step] of Object.entries(WAYS)) {
      const { faults, score } = await judge(drawnOut(sharp, 30, step));
      expect({ way, faults }).toEqual({ way, faults: expect.arrayContaining(['blurred']) });
      expect(score).toBeLessThan(70);
    }
  });

  it('is told by how light changes, not by how much: fog and a low contrast leave the slope as it is', async () => {
    const sharp = await scene('street');
    const fog = mapped(sharp, (_x, _y, r, g, b) => [150 + r * 0.3, 150 + g * 0.3, 150 + b * 0.3]);
    const slopeOf = async (raster: Raster) => (await judge(raster)).measures.shakeSlope ?? 0;
    const slope = await slopeOf(sharp);
    expect(Math.abs((await slopeOf(fog)) - slope)).toBeLessThan(0.15);
    expect(await slopeOf(drawnOut(sharp, 30, WAYS.slantwise))).toBeGreaterThan(slope + 0.4);
  });
});

describe('a decoder that lost the stream', () => {
  it.each(KINDS)('is found under grain, by the row where all columns begin to repeat: %s', async (kind) => {
    const whole = await rasterOf(await encode(await scene(kind), 88));
    const { faults, score } = await judge(smearedFrom(whole, 0.5));
    expect(faults).toContain('smeared');
    expect(score).toBeLessThan(70);
  });
});
