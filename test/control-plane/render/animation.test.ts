import { choosePieces } from '@slowlight/control-plane/src/render/animation.ts';
import { encodeAnimation } from '@slowlight/control-plane/src/render/encode-animation.ts';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openFilmServer } from '../../rig/film-server.ts';
import { until } from '../../rig/until.ts';

const never = new AbortController().signal;
const levelOf = (index: number) => 40 + index * 3;
const greys = (count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, index) => {
      const [r, g, b] = [levelOf(index), levelOf(index), levelOf(index)];
      return sharp({ create: { width: 640, height: 360, channels: 3, background: { r, g, b } } })
        .jpeg({ quality: 95 })
        .toBuffer();
    }),
  );

test('the pictures of a preview stand evenly over the film, whatever pieces it has, and its title has none', () => {
  const piece = (framesShown: number, fixed = false) => ({
    address: 'a',
    frames: framesShown,
    framesShown,
    leftOut: [],
    object: { key: 'k', sizeBytes: 1, layout: JSON.stringify(fixed ? { fixed: { ms: 1, timescale: 1 } } : {}) },
  });
  const chosen = (of: readonly ReturnType<typeof piece>[], most?: number) =>
    choosePieces(of, most).map(({ frames, pictures }) => [frames, pictures]);
  expect(chosen([piece(0, true), piece(3), { ...piece(0), object: null as never }, piece(2)])).toEqual([
    [3, [0, 1, 2]],
    [2, [0, 1]],
  ]);
  // The 13th, 38th, 63rd and 88th of a hundred.
  expect(chosen([piece(40), piece(20), piece(40)], 4)).toEqual([
    [40, [12, 37]],
    [40, [2, 27]],
  ]);
  expect(chosen([])).toEqual([]);
});

test('a preview that is too large gets smaller pictures, then fewer, and says it when nothing helps', async () => {
  const size = { widthPx: 160, heightPx: 90 };
  const noise = await sharp({
    create: {
      width: 160,
      height: 90 * 6,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .raw()
    .toBuffer();
  const all = { ...size, count: 6, rgb: noise };
  for (const type of ['gif', 'webp'] as const) {
    const whole = await encodeAnimation(all, type, never);
    expect(await sharp(whole, { animated: true }).metadata()).toMatchObject({
      pages: 6,
      width: 160,
      pageHeight: 90,
      loop: 0,
    });
    const small = await encodeAnimation(all, type, never, whole.length * 0.3);
    expect(small.length).toBeLessThanOrEqual(whole.length * 0.3);
    const { width = 0, pages = 0, delay = [] } = await sharp(small, { animated: true }).metadata();
    expect(width).toBeLessThan(160);
    expect(delay.reduce((sum, ms) => sum + ms, 0)).toBe(600);
    expect(pages).toBeLessThanOrEqual(6);
    await expect(encodeAnimation(all, type, never, 100)).rejects.toMatchObject({ code: 'animation.too-large' });
  }
});

test('a film has an animated preview when somebody asks, keeps it when it is made anew, and takes it along when it goes', async () => {
  const server = await openFilmServer(await greys(70));
  const { admin, anybody, timelapseId, ready, objects } = server;
  const input = { timelapseId, fps: 12, crossFade: 0.5, heightPx: null, quality: 'high', title: { seconds: 1 } };
  const made = await admin('POST', '/api/videos', { body: input });
  const at = `/api/videos/${made.body.id}`;
  expect((await admin('POST', `${at}/animation`)).body.code).toBe('video.not-finished');
  const before = await ready(made.body.id);
  expect(before.animation).toBeNull();
  expect((await admin('GET', `${at}/animation/gif`)).body.code).toBe('video.animation-not-here');
  expect((await admin('GET', `${at}/animation/png`)).status).toBe(400);
  const asked = await admin('POST', `${at}/animation`);
  expect(asked).toMatchObject({ status: 202, body: { animation: { state: 'wanted', gifBytes: null } } });
  const animation = async () => (await admin('GET', at)).body.animation;
  const animated = () => until('it is animated', async () => (await animation()).state !== 'wanted', 15_000);
  await animated();
  expect(await animation()).toMatchObject({ state: 'ready', reason: null });

  const shared = await admin('POST', '/api/shares', { body: { name: 'For the town', videoId: made.body.id } });
  const link = `/api/share/${shared.body.token}`;
  expect((await anybody('GET', link)).body.videos).toMatchObject([{ animated: true }]);
  for (const type of ['gif', 'webp'] as const) {
    const reply = await anybody('GET', `${link}/videos/${made.body.id}/animation/${type}`);
    expect(reply.headers.get('content-type')).toBe(`image/${type}`);
    const bytes: Buffer = reply.body;
    expect(bytes).toHaveLength((await animation())[`${type}Bytes`]);
    expect(bytes.length).toBeLessThan(2_000_000);
    const { format, pages = 0, width, pageHeight, delay = [] } = await sharp(bytes, { animated: true }).metadata();
    expect({ format, width, pageHeight }).toEqual({ format: type, width: 64, pageHeight: 48 });
    expect(delay.reduce((sum, ms) => sum + ms, 0)).toBe(5000);
    // A picture that is like the one before only makes that last longer.
    expect(pages).toBeGreaterThan(20);
    for (const page of [0, pages >> 1, pages - 1]) {
      const picture = delay.slice(0, page).reduce((sum, ms) => sum + ms, 0) / 100;
      const middle = sharp(bytes, { page }).extract({ left: 8, top: 16, width: 48, height: 16 });
      const [red] = (await sharp(await middle.png().toBuffer()).stats()).channels;
      const shown = levelOf(Math.floor(((picture + 0.5) * 70) / 50));
      expect(Math.abs((red?.mean ?? 0) - shown), `${type} ${page}`).toBeLessThan(14);
    }
  }
  const download = await admin('GET', `${at}/animation/gif?download=1`);
  expect(download.headers.get('content-disposition')).toMatch(/^attachment; .*\.gif/);
  const etag = download.headers.get('etag') ?? '';
  expect((await admin('GET', `${at}/animation/gif`, { headers: { 'if-none-match': etag } })).status).toBe(304);

  const keys = async () => {
    const found: string[] = [];
    for await (const key of objects.list('videos/')) found.push(key);
    return found;
  };
  const old = await keys();
  expect(old.map((key) => key.replace(/^.*\./, '')).sort()).toEqual(['gif', 'jpg', 'mp4', 'webp']);
  expect(await server.records.unclaimedFilmKeys(old)).toEqual([]);
  await admin('PATCH', at, { body: { fps: 50 } });
  await ready(made.body.id);
  // The one from before can be looked at until the new one is there.
  expect((await admin('GET', `${at}/animation/webp`)).status).toBe(200);
  await animated();
  await until('the old ones are gone', async () => (await keys()).every((key) => !old.includes(key)));
  expect(await keys()).toHaveLength(4);
  expect((await admin('DELETE', at)).status).toBe(204);
  expect(await keys()).toEqual([]);
}, 40_000);
