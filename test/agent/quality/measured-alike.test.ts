import { measurePicture } from '@slowlight/agent/src/quality/measure-picture.ts';
import { expect, it } from 'vitest';
import { randomFrom } from '../../rig/scene.ts';

/** As wide as 1080p, where four pixels become one. */
const [WIDTH, HEIGHT] = [1920, 128];

function gradient(seed: number): Buffer {
  const random = randomFrom(seed);
  return Buffer.from(
    Uint8Array.from(
      { length: WIDTH * HEIGHT * 3 },
      (_, at) => ((at / WIDTH) % (90 + seed)) + 10 * (at % 3) + random() * 60,
    ),
  );
}
const measured = (pixels: Buffer) => measurePicture({ pixels, widthPx: WIDTH, heightPx: HEIGHT });
/** The same, one byte further on in its memory. */
const moved = (pixels: Buffer) => Buffer.concat([Buffer.alloc(1), pixels]).subarray(1);

it('a picture is measured alike wherever it lies in memory, and whatever was measured before it', () => {
  const [one, other] = [gradient(1), gradient(40)];
  const [first, second] = [measured(moved(one)), measured(moved(other))];
  expect(measured(Buffer.from(new Uint8Array(one).buffer))).toEqual(first);
  expect(measured(Buffer.from(new Uint8Array(other).buffer))).toEqual(second);
  expect(measured(Buffer.from(new Uint8Array(one).buffer))).toEqual(first);
  expect(first).not.toEqual(second);
});
