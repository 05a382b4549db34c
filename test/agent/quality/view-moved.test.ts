import { createViewCheck } from '@slowlight/agent/src/quality/view-moved.ts';
import type { CameraId, Verdict } from '@slowlight/protocol';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { asSharp, mapped, noisy, type Raster } from '../../rig/pictures/raster.ts';
import { drawScene } from '../../rig/pictures/scenes.ts';
import { seeded } from '../../rig/seeded.ts';

const GOOD: Verdict = { score: 100, faults: [], measures: {}, judge: 'judge-4' };
const camera = 'c' as CameraId;
const [WIDTH, HEIGHT] = [480, 270];
const KINDS = ['site', 'street'] as const;

const scenes = new Map<string, Raster>();
beforeAll(async () => {
  for (const kind of KINDS)
    scenes.set(kind, await drawScene(kind, { widthPx: 720, heightPx: 405 }, seeded(kind.length)));
});

interface Way {
  /** Shares of the view's width and height. */
  right?: number;
  down?: number;
  zoom?: number;
  rollDegrees?: number;
  light?: (level: number) => number;
  sigma?: number;
}
/** What the camera sees of a larger scene. */
async function seen(kind: string, seed: number, { right = 0, down = 0, zoom = 1, rollDegrees = 0, ...way }: Way = {}) {
  const scene = scenes.get(kind);
  if (scene === undefined) throw new RangeError(`there is no scene ${kind}`);
  const turned = await asSharp(scene).rotate(rollDegrees).raw().toBuffer({ resolveWithObject: true });
  const [wide, high] = [Math.round(WIDTH / zoom), Math.round(HEIGHT / zoom)];
  const cut = await sharp(turned.data, { raw: { width: turned.info.width, height: turned.info.height, channels: 3 } })
    .extract({
      left: Math.round((turned.info.width - wide) / 2 + right * WIDTH),
      top: Math.round((turned.info.height - high) / 2 + down * HEIGHT),
      width: wide,
      height: high,
    })
    .resize(WIDTH, HEIGHT, { fit: 'fill' })
    .raw()
    .toBuffer();
  const light = way.light ?? ((level: number) => level);
  const lit = mapped({ pixels: cut, widthPx: WIDTH, heightPx: HEIGHT }, (_x, _y, r, g, b) => [
    light(r),
    light(g),
    light(b),
  ]);
  return noisy(lit, seeded(seed), { sigma: way.sigma ?? 1.5 });
}

async function faultsAfter(kind: string, ways: readonly Way[]) {
  const followed: string[] = [];
  const check = createViewCheck({ onFollowed: (id) => followed.push(id) });
  for (let k = 0; k < 5; k += 1) check.look(camera, await seen(kind, k), GOOD);
  const faults: string[][] = [];
  for (const [k, way] of ways.entries())
    faults.push([...check.look(camera, await seen(kind, 100 + k, way), GOOD).faults]);
  return { faults, followed };
}
const times = (count: number, way: Way): Way[] => Array.from({ length: count }, () => way);
const NIGHT = (level: number) => 200 * (level / 255) ** 2 + 5;

describe('a camera that looks another way', () => {
  it.each(
    KINDS.flatMap((kind): [string, string, Way][] => [
      [kind, 'turned by a twentieth', { right: 0.055 }],
      [kind, 'turned far', { right: -0.2 }],
      [kind, 'tilted', { down: 0.12 }],
      [kind, 'zoomed in', { zoom: 1.35 }],
      [kind, 'rolled', { rollDegrees: 12 }],
    ]),
  )('%s, %s: it is told at the third picture', async (kind, _, way) => {
    const { faults } = await faultsAfter(kind, times(3, way));
    expect(faults).toEqual([[], [], ['view-moved']]);
  });

  it('follows after twelve pictures, and says so once', async () => {
    const { faults, followed } = await faultsAfter('site', times(16, { right: 0.15 }));
    expect(faults.filter((names) => names.includes('view-moved'))).toHaveLength(10);
    expect(faults.slice(12).flat()).toEqual([]);
    expect(followed).toEqual([camera]);
  });
});

describe('what is no new view', () => {
  it.each(
    KINDS.flatMap((kind): [string, string, Way[]][] => [
      [kind, 'a pole in the wind', [0.008, -0.012, 0.012, -0.008, 0.01, 0.012].map((right) => ({ right }))],
      [kind, 'night', times(5, { light: NIGHT, sigma: 4 })],
      [kind, 'fog', times(5, { light: (level) => 170 + level * 0.12 })],
      [kind, 'a knock that is put right', [{ right: 0.1 }, { right: 0.1 }, {}, {}, { right: 0.1 }, {}]],
    ]),
  )('%s, %s', async (kind, _, ways) => {
    expect((await faultsAfter(kind, ways)).faults.flat()).toEqual([]);
  });

  it('pictures that are bad for another reason, and dark ones, say nothing', async () => {
    const check = createViewCheck();
    for (let k = 0; k < 5; k += 1) check.look(camera, await seen('site', k), GOOD);
    const bad: Verdict = { ...GOOD, score: 20, faults: ['covered'] };
    const elsewhere = await seen('street', 9);
    for (let k = 0; k < 4; k += 1) expect(check.look(camera, elsewhere, bad)).toEqual(bad);
    const dark = await seen('street', 9, { light: (level) => level * 0.01 });
    for (let k = 0; k < 4; k += 1) expect(check.look(camera, dark, GOOD).faults).toEqual([]);
  });
});
