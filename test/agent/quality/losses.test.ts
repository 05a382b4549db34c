import { measurePicture } from '@slowlight/agent/src/quality/measure-picture.ts';
import { verdictOf } from '@slowlight/agent/src/quality/verdict-of.ts';
import { describe, expect, it } from 'vitest';
import { drawnOver, mapped, noisy, type Raster, type Rgb } from '../../rig/pictures/raster.ts';
import { drawScene } from '../../rig/pictures/scenes.ts';
import { seeded } from '../../rig/seeded.ts';

const [W, H] = [960, 544];
const scene = noisy(await drawScene('landscape', { widthPx: W, heightPx: H }, seeded(8)), seeded(1), { sigma: 2 });
const street = noisy(await drawScene('street', { widthPx: W, heightPx: H }, seeded(6)), seeded(2), { sigma: 2 });
const pixelOf = ({ pixels, widthPx }: Raster, x: number, y: number): Rgb => {
  const at = (y * widthPx + x) * 3;
  return [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
};
const faultsOf = (picture: Raster) => verdictOf(measurePicture(picture)).faults;

describe('what a decoder does with a stream that lost something', () => {
  it('rows of blocks that were made out of those above and below them are smeared', () => {
    const [top, end] = [256, 400];
    const made = mapped(street, (x, y, r, g, b) => {
      if (y < top || y >= end) return [r, g, b];
      const share = (y - top) / (end - top);
      const [above, below] = [pixelOf(street, x, top - 1), pixelOf(street, x, end)];
      return [0, 1, 2].map((k) => (above[k] ?? 0) * (1 - share) + (below[k] ?? 0) * share) as unknown as Rgb;
    });
    expect(measurePicture(street).combed).toBeLessThan(0.7);
    expect(measurePicture(made).combed).toBeGreaterThan(0.9);
    expect(faultsOf(made)).toContain('smeared');
  });

  it('pure colours of all hues in a row of blocks are smeared; a bed of flowers of one hue is not', () => {
    const random = seeded(3);
    const hues: readonly Rgb[] = [
      [230, 20, 220],
      [10, 220, 30],
      [20, 30, 240],
      [240, 220, 10],
    ];
    const blocks = Array.from({ length: 400 }, () => hues[Math.floor(random() * 4)] ?? hues[0]);
    const among = (pick: (block: number) => Rgb | undefined) =>
      mapped(scene, (x, y, r, g, b) =>
        y >= 256 && y < 304 ? (pick(((y - 256) >> 4) * 60 + (x >> 4)) ?? [r, g, b]) : [r, g, b],
      );
    expect(faultsOf(among((block) => blocks[block]))).toContain('smeared');
    expect(faultsOf(among((block) => (blocks[block] === hues[0] ? hues[0] : undefined)))).not.toContain('smeared');
  });

  it('a picture that was rolled over its own edge is torn; one between black bars is not', () => {
    const rolled = (by: number) => mapped(street, (x, y) => pixelOf(street, x, (y + by) % H));
    expect(faultsOf(rolled(200))).toContain('torn');
    expect(faultsOf(rolled(0))).toEqual([]);
    expect(faultsOf(mapped(street, (_x, y, r, g, b) => (y < 60 || y >= H - 60 ? [0, 0, 0] : [r, g, b])))).toEqual([]);
  });
});

describe('what lies before the lens', () => {
  const spokes = (centre: [number, number], stroke: string) =>
    `<g fill="none" stroke="${stroke}" stroke-width="7">${Array.from(
      { length: 20 },
      (_, k) => `<path d="M${centre[0]},${centre[1]} l${Math.cos(k / 3.18) * W},${Math.sin(k / 3.18) * W}"/>`,
    ).join(
      '',
    )}${Array.from({ length: 14 }, (_, k) => `<circle cx="${centre[0]}" cy="${centre[1]}" r="${40 * (k + 1)}"/>`).join('')}</g>`;

  it('a web of light threads obstructs', async () => {
    expect(faultsOf(await drawnOver(street, spokes([400, 260], '#e4e8ea'), 3))).toContain('obstructed');
  });

  it('dark twigs out of focus obstruct, however ragged they are; in focus they stand in the scene', async () => {
    const twigs = Array.from(
      { length: 5 },
      (_, k) =>
        `<path d="M-30,${k * 110 - 40} Q400,${k * 100 + (k % 3) * 120 - 100} 1000,${((k * 3) % 5) * 120}" stroke="#3c3228" stroke-width="${50 + (k % 3) * 8}" fill="none"/>`,
    ).join('');
    expect(faultsOf(await drawnOver(street, twigs, 9))).toContain('obstructed');
    expect(faultsOf(await drawnOver(street, twigs, 0))).not.toContain('obstructed');
  });
});

describe('light', () => {
  const tinted = (change: (level: Rgb) => Rgb) => faultsOf(mapped(scene, (_x, _y, r, g, b) => change([r, g, b])));

  it('of pink lamps on everything is no fault: black stays black, and green follows the rest', () => {
    const lamps = ([r, g, b]: Rgb): Rgb => {
      const grey = 0.3 * r + 0.6 * g + 0.1 * b;
      return [(r + grey) * 0.54, (g + grey) * 0.26, (b + grey) * 0.53];
    };
    expect(tinted(lamps)).toEqual([]);
  });

  it('is none where green is lost, or a colour added to black as well', () => {
    expect(tinted(([r, , b]) => [r, 0, b])).toContain('wrong-colour');
    expect(tinted(([r, , b]) => [r, 14, b])).toContain('wrong-colour');
    expect(tinted(([r, g, b]) => [r + 80, g - 45, b + 80])).toContain('wrong-colour');
  });

  it('on a cloth with upright folds is not drawn out: it begins with an edge', () => {
    const cloth = (isSmear: boolean) =>
      mapped(scene, (x, y, r, g, b) => {
        if (x < 180 || x > 500 || y < 200 || (y > 500 && !isSmear)) return [r, g, b];
        if (isSmear) return pixelOf(scene, x, 200);
        const fold = 190 + 40 * Math.sin(x / 11);
        return [fold, fold, fold * 0.95];
      });
    expect(faultsOf(cloth(false))).not.toContain('smeared');
    expect(faultsOf(cloth(true))).toContain('smeared');
  });
});
