import type { Patch } from '@slowlight/agent/src/quality/measure-near.ts';
import { measurePicture } from '@slowlight/agent/src/quality/measure-picture.ts';
import { standsNear } from '@slowlight/agent/src/quality/stands-near.ts';
import { verdictOf } from '@slowlight/agent/src/quality/verdict-of.ts';
import { describe, expect, it } from 'vitest';
import { drawnOver, mapped, type Raster } from '../../rig/pictures/raster.ts';
import { drawScene } from '../../rig/pictures/scenes.ts';
import { seeded } from '../../rig/seeded.ts';

const [W, H] = [640, 360];
const street = await drawScene('street', { widthPx: W, heightPx: H }, seeded(6));
const dim = (raster: Raster, gain: number) => mapped(raster, (_x, _y, r, g, b) => [r * gain, g * gain, b * gain]);
const faultsOf = (raster: Raster) => verdictOf(measurePicture(raster)).faults;
/** A hand from the right; `opacity` below 1 lets what is behind it through. */
const hand = (fill: string, opacity = 1) =>
  `<path d="M${W + 20},-20 L${W * 0.55},${H * 0.2} Q${W * 0.42},${H * 0.5} ${W * 0.55},${H * 0.85} L${W + 20},${H + 20} Z" fill="${fill}" opacity="${opacity}"/>`;

describe('a thing before the lens', () => {
  it.each([
    ['from the side, lighter than what is behind it', street, hand('#8a6a50')],
    ['with light shining through', street, hand('#50555a', 0.94)],
    ['in a dark scene', dim(street, 0.18), hand('#4a443c')],
  ])('is found: %s', async (_, scene, shape) => {
    expect(faultsOf(scene)).not.toContain('obstructed');
    expect(faultsOf(await drawnOver(scene, shape, 6))).toContain('obstructed');
  });

  it('has a soft outline: the same shape, sharp, stands in the scene', async () => {
    expect(faultsOf(await drawnOver(street, hand('#8a6a50'), 0))).not.toContain('obstructed');
  });
});

describe('an even patch with a soft outline belongs to the scene', () => {
  const patch: Patch = {
    size: 2000,
    soft: 180,
    hard: 20,
    outline: 240,
    luma: 60,
    darker: 200,
    borders: 0,
    spread: 6,
    top: 0,
    bottom: 0.4,
  };
  it.each<[string, boolean, Partial<Patch>]>([
    ['unless it is compact and darker than what is behind it', true, {}],
    ['when it lies along all of the upper edge: a sky', false, { top: 0.9, bottom: 0 }],
    ['when it lies along all of the lower edge: ground before a low sun', false, { bottom: 1, spread: 7 }],
    ['when it is ragged: trees and clouds', false, { outline: 500 }],
    ['when it is as light as fog', false, { luma: 190 }],
  ])('%s', (_, near, change) => {
    expect(standsNear({ ...patch, ...change }, 0.2)).toBe(near);
  });
});
