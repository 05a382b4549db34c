import { createKeepsake } from '@slowlight/agent/src/quality/keepsake.ts';
import { wireJudging } from '@slowlight/agent/src/wire-judging.ts';
import { type AgentEventContent, newCameraId, type Verdict } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createHeardLog, openTestBuffer } from '../../rig/agent-parts.ts';
import { openFolder } from '../../rig/folder.ts';
import { createHandClock } from '../../rig/hand-clock.ts';
import { mapped, noisy } from '../../rig/pictures/raster.ts';
import { drawScene } from '../../rig/pictures/scenes.ts';
import { seeded } from '../../rig/seeded.ts';

const MINUTE = 60_000;
const GOOD: Verdict = { score: 100, faults: [], measures: {}, judge: 'judge-5' };
const judging = { threshold: 70, badFrames: 'flag' as const, whenDegraded: 'switch-off' as const };

async function open() {
  const clock = createHandClock();
  const log = createHeardLog();
  const { pasts } = await openTestBuffer(await openFolder());
  const told: AgentEventContent[] = [];
  return {
    clock,
    log,
    told,
    pasts,
    camera: newCameraId(),
    /** As after a SIGKILL: nothing was said to those before. */
    begin: () => wireJudging({ clock, log, pasts, tell: (event) => told.push(event) }),
  };
}
const scene = await drawScene('site', { widthPx: 480, heightPx: 270 }, seeded(4));
const seen = (seed: number, right = 0) => {
  const { pixels, widthPx, heightPx } = scene;
  const moved = mapped(scene, (x, y) => {
    const at = (y * widthPx + Math.min(widthPx - 1, x + Math.round(right * widthPx))) * 3;
    return [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
  });
  return { ...noisy(moved, seeded(seed), { sigma: 1.5 }), widthPx, heightPx };
};

describe('after an agent was killed', () => {
  it('a degraded camera is still switched off and not told again, and a hand can reset it', async () => {
    const { begin, camera, told, clock } = await open();
    const before = begin();
    for (let k = 0; k < 10; k += 1) {
      await clock.advance(15 * MINUTE);
      before.degraded.note({ id: camera, judging }, true);
    }
    const after = begin();
    expect(after.degraded.isSwitchedOff({ id: camera, judging })).toBe(true);
    after.degraded.note({ id: camera, judging }, true);
    expect(told.map(({ type }) => type)).toEqual(['camera.degraded']);
    expect(after.degraded.reset(camera)).toBe(true);
    expect(begin().degraded.isSwitchedOff({ id: camera, judging })).toBe(false);
    expect(told.map(({ type }) => type)).toEqual(['camera.degraded', 'camera.recovered']);
  });

  it('a frozen picture is known again at its first sight', async () => {
    const { begin, camera, clock } = await open();
    const picture = seen(1);
    const before = begin();
    for (let k = 0; k < 3; k += 1) before.frozen.look(camera, { ...picture, at: k * 40_000 }, GOOD);
    await clock.advance(5 * MINUTE);
    expect(begin().frozen.look(camera, { ...picture, at: 160_000 }, GOOD).faults).toEqual(['frozen']);
    expect(begin().frozen.look(camera, { ...seen(2), at: 200_000 }, GOOD).faults).toEqual([]);
  });

  it('a camera that was turned meanwhile is told at the third picture', async () => {
    const { begin, camera } = await open();
    const before = begin();
    for (let k = 0; k < 6; k += 1) expect(before.view.look(camera, seen(k), GOOD).faults).toEqual([]);
    const after = begin();
    const faults = [10, 11, 12].map((k) => after.view.look(camera, seen(k, 0.15), GOOD).faults);
    expect(faults).toEqual([[], [], ['view-moved']]);
    expect(begin().view.look(camera, seen(13, 0.15), GOOD).faults).toEqual(['view-moved']);
  });

  it('what was learnt of cameras that the settings do not hold any more is forgotten', async () => {
    const { begin, camera, pasts } = await open();
    const before = begin();
    for (let k = 0; k < 10; k += 1) before.degraded.note({ id: camera, judging }, true);
    expect(pasts.read(camera, 'degraded')).not.toBeNull();
    before.keepOnly([newCameraId()]);
    expect(pasts.read(camera, 'degraded')).toBeNull();
  });
});

describe('a past that is kept', () => {
  const schema = z.object({ count: z.number() });

  it('is written at once where it matters, and else every ten minutes', async () => {
    const { clock, log, camera } = await open();
    const written: string[] = [];
    const deps = { clock, log, read: () => null, write: (_: string, __: string, body: string) => written.push(body) };
    const keepsake = createKeepsake(deps, { kind: 'test', schema });
    for (let count = 0; count < 25; count += 1) {
      keepsake.keep(camera, () => ({ count }), count === 3);
      await clock.advance(MINUTE);
    }
    expect(written).toEqual(['{"count":3}', '{"count":13}', '{"count":23}']);
  });

  it('is none where it cannot be read, and costs nothing where it cannot be written; both are said once', async () => {
    const { clock, log, camera } = await open();
    const deps = {
      clock,
      log,
      read: () => '{"count":"many"}',
      write() {
        throw new Error('no space left');
      },
    };
    const keepsake = createKeepsake(deps, { kind: 'test', schema });
    expect(keepsake.read(camera)).toBeNull();
    expect(keepsake.read(camera)).toBeNull();
    keepsake.keep(camera, () => ({ count: 1 }), true);
    expect(log.lines).toHaveLength(1);
  });
});
