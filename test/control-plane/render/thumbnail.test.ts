import type { FramePicture } from '@slowlight/control-plane/src/frame.ts';
import { createThumbnailRunner, drawThumbnails } from '@slowlight/control-plane/src/render/thumbnail.ts';
import { thumbnailKey } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openDirectoryStore } from '../../rig/directory-store.ts';
import { drawPicture, storeFrame } from '../../rig/film.ts';

const never = new AbortController().signal;

test.for([
  [1920, 1080, [800, 450], [200, 113]],
  [640, 480, [640, 480], [200, 150]],
  [1080, 1920, [338, 600], [84, 150]],
  [3840, 2160, [800, 450], [200, 113]],
  [100, 50, [100, 50], [100, 50]],
  [4000, 100, [800, 20], [200, 5]],
] as const)(
  'a picture of %i×%i fits the boxes with its aspect kept, never enlarged',
  async ([width, height, large, small]) => {
    const drawn = await drawThumbnails(await drawPicture(width, height));
    for (const [bytes, wanted] of [
      [drawn.large, large],
      [drawn.small, small],
    ] as const) {
      const { format, width: w = 0, height: h = 0 } = await sharp(bytes).metadata();
      expect(format).toBe('jpeg');
      expect(Math.abs(w - wanted[0])).toBeLessThanOrEqual(1);
      expect(Math.abs(h - wanted[1])).toBeLessThanOrEqual(1);
    }
  },
);

test('grey, transparent and WebP pictures are drawn too', async () => {
  const create = {
    create: { width: 300, height: 200, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } },
  } as const;
  for (const bytes of [
    await sharp(create).webp().toBuffer(),
    await sharp(create).png().toBuffer(),
    await sharp(create).greyscale().jpeg().toBuffer(),
  ]) {
    const { small } = await drawThumbnails(bytes);
    expect(await sharp(small).metadata()).toMatchObject({ width: 200, height: 133, channels: 3 });
  }
});

async function openRunner(bytes: Buffer) {
  const { store } = await openDirectoryStore();
  const picture = await storeFrame(store, bytes);
  const said: string[] = [];
  let known: FramePicture | null = picture;
  const run = createThumbnailRunner({
    objects: store,
    records: { framePicture: async () => known },
  });
  return {
    store,
    picture,
    said,
    forget: () => {
      known = null;
    },
    run: () =>
      run({ subject: picture.frameId }, never, ({ thumbnail: { frameId, failed } }) => {
        expect(frameId).toBe(picture.frameId);
        said.push(failed ?? 'ready');
      }),
  };
}

test('both sizes are written before the records hear of them', async () => {
  const { store, picture, said, run } = await openRunner(await drawPicture(1280, 720));
  await run();
  expect(said).toEqual(['ready']);
  for (const size of ['small', 'large'] as const)
    expect(await store.stat(thumbnailKey(picture.frameId, size))).toMatchObject({ contentType: 'image/jpeg' });
  await run();
  expect(said).toEqual(['ready', 'ready']);
});

test('a picture that cannot be decoded is said to be so, and is no failed job', async () => {
  const { said, run } = await openRunner(Buffer.from('not a picture'));
  await run();
  expect(said).toEqual([expect.stringContaining('cannot be decoded')]);
});

test('a picture that is cut off is said to be so', async () => {
  const whole = await sharp({
    create: {
      width: 640,
      height: 360,
      channels: 3,
      background: '#333333',
      noise: { type: 'gaussian', mean: 120, sigma: 60 },
    },
  })
    .jpeg()
    .toBuffer();
  const { said, run } = await openRunner(whole.subarray(0, whole.length / 2));
  await run();
  expect(said).toEqual([expect.stringContaining('cannot be decoded')]);
});

test('a picture that is gone from the store is said to be so; a store that is away is tried again', async () => {
  const { store, picture, said, run } = await openRunner(await drawPicture(64, 48));
  const { read } = store;
  store.read = () =>
    Promise.reject(new Failure({ code: 'object.store-unreachable', message: 'away', hint: '', retry: 'soon' }));
  await expect(run()).rejects.toMatchObject({ code: 'object.store-unreachable' });
  expect(said).toEqual([]);
  store.read = read;
  await store.remove(picture.key);
  await run();
  expect(said).toEqual([expect.stringContaining('is not in the object store')]);
});

test('a frame that the records do not know any more is nothing to do', async () => {
  const { said, run, forget } = await openRunner(await drawPicture(64, 48));
  forget();
  await run();
  expect(said).toEqual([]);
});
