import { createInHand } from '@slowlight/agent/src/capture/in-hand.ts';
import type { RgbPicture } from '@slowlight/agent/src/capture/tap/ppm.ts';
import { describe, expect, it } from 'vitest';
import { createHandClock } from '../../rig/hand-clock.ts';

const SIZE = 300;
const drawn = (): RgbPicture => ({ pixels: Buffer.from(new ArrayBuffer(SIZE)), widthPx: 10, heightPx: 10 });
const never = new AbortController().signal;

/** Room for two. */
function open() {
  const clock = createHandClock();
  const inHand = createInHand(clock, 2 * SIZE);
  let decoded = 0;
  const decode = (signal = never) =>
    inHand.decode(async () => {
      decoded += 1;
      return inHand.hold(drawn());
    }, signal);
  return { clock, decode, decoded: () => decoded };
}

describe('decoded pictures in hand', () => {
  it('another one waits while there are as many as may be, and begins when one is let go', async () => {
    const { clock, decode, decoded } = open();
    const first = await decode();
    await decode();
    const third = decode();
    await clock.advance(100);
    expect(decoded()).toBe(2);
    first.letGo?.();
    await third;
    expect(decoded()).toBe(3);
  });

  it('what is let go is given back at once, and twice is once', async () => {
    const { decode } = open();
    const picture = await decode();
    expect(picture.pixels.length).toBe(SIZE);
    picture.letGo?.();
    picture.letGo?.();
    expect(picture.pixels.length).toBe(0);
  });

  it('a slot is not lost over memory: after a moment the next one is decoded all the same', async () => {
    const { clock, decode, decoded } = open();
    await decode();
    await decode();
    const third = decode();
    await clock.advance(250);
    await third;
    expect(decoded()).toBe(3);
  });

  it('what nobody lets go is forgotten after ten seconds', async () => {
    const { clock, decode } = open();
    await decode();
    await decode();
    await clock.advance(10_001);
    await decode();
    expect(clock.sleepers).toBe(0);
  });

  it('whoever waits can be called off, and leaves its place', async () => {
    const { clock, decode, decoded } = open();
    await decode();
    const kept = await decode();
    const called = new AbortController();
    const third = decode(called.signal);
    await clock.advance(10);
    called.abort(new Error('called off'));
    await expect(third).rejects.toThrow('called off');
    kept.letGo?.();
    await decode();
    expect(decoded()).toBe(3);
  });
});
