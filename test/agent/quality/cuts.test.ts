import { measureCuts } from '@slowlight/agent/src/quality/measure-cuts.ts';
import { measurePicture } from '@slowlight/agent/src/quality/measure-picture.ts';
import { verdictOf } from '@slowlight/agent/src/quality/verdict-of.ts';
import { describe, expect, it } from 'vitest';
import { mapped, noisy, type Raster } from '../../rig/pictures/raster.ts';
import { drawScene } from '../../rig/pictures/scenes.ts';
import { seeded } from '../../rig/seeded.ts';

const scene = noisy(await drawScene('landscape', { widthPx: 960, heightPx: 540 }, seeded(8)), seeded(1), { sigma: 4 });
const displaced = (from: (x: number, y: number) => [number, number]): Raster =>
  mapped(scene, (x, y) => {
    const [fromX, fromY] = from(x, y);
    const at = (Math.min(539, Math.max(0, fromY)) * 960 + ((fromX + 960) % 960)) * 3;
    return [scene.pixels[at] ?? 0, scene.pixels[at + 1] ?? 0, scene.pixels[at + 2] ?? 0];
  });
const faultsOf = (picture: Raster) => verdictOf(measurePicture(picture)).faults;

describe('at its own scale', () => {
  it('a picture that is whole has no cuts', () => {
    expect(faultsOf(scene)).not.toContain('torn');
    expect(measureCuts(scene).gridCuts).toBeLessThan(5);
  });

  it('a picture with blocks of sixteen rows that lie elsewhere is torn, and with as many at odd rows it is not a codec’s', () => {
    const strips = (offset: number) =>
      displaced((x, y) => {
        const row = Math.floor((y - offset) / 16);
        return row % 2 === 1 && x >= 160 && x < 640 ? [x + 45, y - 120 + (row % 5) * 30] : [x, y];
      });
    expect(faultsOf(strips(0))).toContain('torn');
    expect(faultsOf(strips(5))).toContain('torn');
    const odd = displaced((x, y) => {
      const row = Math.floor(y / 23);
      return row % 2 === 1 && x >= 160 && x < 640 ? [x + 45, y - 120 + (row % 5) * 30] : [x, y];
    });
    const { gridCuts, gridCutsHalf, gridCutsOther } = measureCuts(odd);
    expect(gridCuts - 1.5 * gridCutsHalf - gridCutsOther).toBeLessThan(14);
  });
});
