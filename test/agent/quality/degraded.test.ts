import { createDegradedWatch, degradedBy, NO_PAST, withPicture } from '@slowlight/agent/src/quality/degraded.ts';
import { createFrozenCheck } from '@slowlight/agent/src/quality/frozen.ts';
import { type AgentEventContent, newCameraId, type Verdict } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { createHeardLog } from '../../rig/agent-parts.ts';
import { createHandClock } from '../../rig/hand-clock.ts';
import { randomFrom } from '../../rig/scene.ts';

const MINUTE = 60_000;
/** Pictures a quarter of an hour apart, as letters: b is bad, g is good. */
const after = (pictures: string, everyMs = 15 * MINUTE) =>
  [...pictures].reduce((past, letter, index) => withPicture(past, letter === 'b', index * everyMs), NO_PAST);
const reasonAfter = (pictures: string, everyMs = 15 * MINUTE) =>
  degradedBy(after(pictures, everyMs), (pictures.length - 1) * everyMs);

describe('a camera is degraded', () => {
  it.each([
    ['b'.repeat(9), null],
    ['b'.repeat(10), 'ten-in-a-row'],
    [`${'b'.repeat(9)}g`, null],
    [`${'gb'.repeat(10)}`, null],
    [`${'gb'.repeat(9)}bb`, 'half-of-the-last-twenty'],
    [`${'bbg'.repeat(5)}`, null],
  ])('%s: %s', (pictures, reason) => {
    expect(reasonAfter(pictures)).toBe(reason);
  });

  it('by five bad pictures in half an hour, however many good ones lie between', () => {
    expect(reasonAfter('bggbggbggbggb', MINUTE)).toBe('five-in-half-an-hour');
    expect(reasonAfter('bggbggbggbggb', 3 * MINUTE)).toBeNull();
  });
});

describe('the watch over bad pictures', () => {
  function open(whenDegraded?: 'tell' | 'switch-off') {
    const clock = createHandClock(1_780_000_000_000);
    const told: AgentEventContent[] = [];
    const watch = createDegradedWatch({ clock, log: createHeardLog(), tell: (event) => told.push(event) });
    const camera = {
      id: newCameraId(),
      judging: { threshold: 70, badFrames: 'flag' as const, ...(whenDegraded && { whenDegraded }) },
    };
    const note = async (pictures: string) => {
      for (const letter of pictures) {
        await clock.advance(15 * MINUTE);
        watch.note(camera, letter === 'b');
      }
    };
    return { watch, camera, note, told, types: () => told.map(({ type }) => type) };
  }

  it('tells once when it begins and once when no rule holds any more', async () => {
    const { note, types, watch, camera } = open();
    await note('bbbbbbbbbbbbb');
    expect(types()).toEqual(['camera.degraded']);
    expect(watch.isSwitchedOff(camera)).toBe(false);
    await note('gggggggggggggg');
    expect(types()).toEqual(['camera.degraded', 'camera.recovered']);
  });

  it('switches a camera off where its settings say so, until a hand resets it', async () => {
    const { note, watch, camera, told } = open('switch-off');
    await note('bbbbbbbbbb');
    expect(watch.isSwitchedOff(camera)).toBe(true);
    expect(watch.reset(camera.id)).toBe(true);
    expect(watch.isSwitchedOff(camera)).toBe(false);
    expect(told.at(-1)).toMatchObject({ type: 'camera.recovered', body: { by: 'hand' } });
    await note('bbb');
    expect(told).toHaveLength(2);
    expect(watch.reset(camera.id)).toBe(false);
  });
});

describe('a frozen camera', () => {
  const [widthPx, heightPx] = [320, 180];
  const good: Verdict = { score: 100, faults: [], measures: {}, judge: 'judge-4' };
  const picture = (seed: number, change: (at: number, random: () => number) => number = () => 0) => {
    const random = randomFrom(seed);
    const pixels = Buffer.alloc(widthPx * heightPx * 3);
    for (let at = 0; at < pixels.length; at += 1) pixels[at] = 90 + ((at >> 6) % 60) + change(at, random);
    return { pixels, widthPx, heightPx };
  };
  const lookAt = (pictures: ReturnType<typeof picture>[], everyMs = 40_000) => {
    const check = createFrozenCheck();
    const camera = newCameraId();
    return pictures.map((one, index) => check.look(camera, { ...one, at: index * everyMs }, good).faults);
  };

  it('is named at the third slot with one picture, also under a running clock and encoded anew', () => {
    const clock = (seed: number) =>
      picture(seed, (at, random) => (at < widthPx * 3 * 20 ? random() * 80 : random() < 0.02 ? 1 : 0));
    expect(lookAt([clock(1), clock(2), clock(3)])).toEqual([[], [], ['frozen']]);
  });

  it('is not one that shows a still scene with the grain of a live sensor', () => {
    const live = (seed: number) => picture(seed, (_at, random) => random() * 8);
    expect(lookAt([live(1), live(2), live(3), live(4)]).flat()).toEqual([]);
  });

  it('is not said within a minute: some scenes do stand still for so long', () => {
    expect(lookAt([picture(1), picture(1), picture(1), picture(1)], 5000).flat()).toEqual([]);
  });
});
