import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openPage } from '../../rig/browser.ts';
import { openFilmServer } from '../../rig/film-server.ts';
import { openFolder } from '../../rig/folder.ts';

const FRAMES = 150;
const levelOf = (index: number) => 40 + ((index * 7) % 170);

const drawGreys = () =>
  Promise.all(
    Array.from({ length: FRAMES }, (_, index) => {
      const [r, g, b] = [levelOf(index), levelOf(index), levelOf(index)];
      return sharp({ create: { width: 64, height: 48, channels: 3, background: { r, g, b } } })
        .jpeg({ quality: 95 })
        .toBuffer();
    }),
  );

async function openMadeFilm() {
  const server = await openFilmServer(await drawGreys());
  const { admin, timelapseId } = server;
  const input = { timelapseId, name: 'Rosé', fps: 25, heightPx: null, quality: 'high' };
  const preview = await admin('POST', '/api/videos/preview', { body: input });
  const made = await admin('POST', '/api/videos', { body: input });
  const video = await server.ready(made.body.id);
  return { ...server, preview, video, at: `/api/videos/${made.body.id}` };
}

async function probe(bytes: Buffer) {
  const file = path.join(await openFolder(), 'film.mp4');
  await writeFile(file, bytes);
  const args = ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames,duration', '-of', 'json', file];
  const { stdout } = await promisify(execFile)('ffprobe', args);
  const [stream] = (JSON.parse(stdout) as { streams: Record<string, string>[] }).streams;
  return { decoded: Number(stream?.nb_read_frames), seconds: Number(stream?.duration) };
}

test('a film is as long as its preview said, has a poster and a manifest, and changes its speed without being encoded', async () => {
  const { admin, preview, video, at, frames, ready, records } = await openMadeFilm();
  expect(preview).toMatchObject({ status: 200, body: { frames: FRAMES, fps: 25, durationMs: 6000, reason: null } });
  expect(video).toMatchObject({ framesDone: FRAMES, durationMs: 6000, fps: 25, codec: 'h264', playable: true });
  const poster = await admin('GET', `${at}/poster`);
  expect(poster.headers.get('content-type')).toBe('image/jpeg');
  expect((await sharp(poster.body).metadata()).width).toBe(64);
  const manifest = await admin('GET', `${at}/manifest`);
  expect(manifest.headers.get('content-disposition')).toContain('.json');
  expect(manifest.body.frames.map((frame: { id: string }) => frame.id)).toEqual(frames);
  expect(manifest.body).toMatchObject({
    ffmpeg: expect.stringMatching(/^\d/),
    leftOut: [],
    input: { quality: 'high' },
  });

  const jobs = (await records.jobs({ limit: 100 })).items.filter(({ kind }) => kind === 'segment').length;
  const changed = await admin('PATCH', at, { body: { length: { seconds: 3 } } });
  expect(changed).toMatchObject({ status: 200, body: { playable: true } });
  expect(await ready(video.id)).toMatchObject({ fps: 50, durationMs: 3000 });
  expect((await records.jobs({ limit: 100 })).items.filter(({ kind }) => kind === 'segment')).toHaveLength(jobs);
  expect(await probe((await admin('GET', `${at}/file`)).body)).toEqual({ decoded: FRAMES, seconds: 3 });

  // A title is encoded, and nothing else; days begin behind it.
  const titled = await admin('PATCH', at, { body: { title: { text: 'Roses', seconds: 2, ground: 'blurred' } } });
  expect(titled.body.title).toEqual({ text: 'Roses', seconds: 2, ground: 'blurred', locale: 'en' });
  expect(await ready(video.id)).toMatchObject({ fps: 60, durationMs: 4500, framesTotal: FRAMES });
  expect((await records.jobs({ limit: 100 })).items.filter(({ kind }) => kind === 'segment')).toHaveLength(jobs + 1);
  expect(await probe((await admin('GET', `${at}/file`)).body)).toEqual({ decoded: FRAMES + 48, seconds: 4.5 });
  expect((await admin('GET', `${at}/chapters`)).body.chapters).toMatchObject([{ startMs: 2000, frames: FRAMES }]);
  const after = (await admin('GET', `${at}/manifest`)).body;
  expect(after).toMatchObject({ title: { lines: ['Roses'], seconds: 2, ground: { id: frames[0] } } });
  expect(after.frames).toHaveLength(FRAMES);
  expect((await admin('PATCH', at, { body: { title: { text: 'a\nb\nc\nd' } } })).body.fields).toMatchObject([
    { path: 'title.text' },
  ]);
  expect((await admin('DELETE', at)).status).toBe(204);
  expect((await admin('GET', `${at}/manifest`)).status).toBe(404);
});

test('the same pieces are a stream: each fragment stands at its place, at the speed of the film', async () => {
  const { admin, at } = await openMadeFilm();
  const playlist = await admin('GET', `${at}/hls/index.m3u8`);
  expect(playlist.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
  const lines = String(playlist.body).trim().split('\n');
  const durations = lines.filter((line) => line.startsWith('#EXTINF:')).map((line) => Number.parseFloat(line.slice(8)));
  expect(durations.length).toBeGreaterThanOrEqual(3);
  expect(durations.reduce((sum, seconds) => sum + seconds, 0)).toBeCloseTo(6, 4);
  const init = /URI="([^"]+)"/.exec(lines.find((line) => line.startsWith('#EXT-X-MAP')) ?? '')?.[1];
  const media = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const parts = [];
  for (const name of [init, ...media]) parts.push((await admin('GET', `${at}/hls/${name}`)).body);
  const whole = await probe(Buffer.concat(parts));
  expect(whole.decoded).toBe(FRAMES);
  expect(Math.abs(whole.seconds - 6)).toBeLessThan(0.15);
  const unknown = `${'0'.repeat(64)}/media.m4s?at=0`;
  expect((await admin('GET', `${at}/hls/${unknown}`)).body.code).toBe('segment.not-found');
  expect((await admin('GET', `${at}/hls/..%2f..%2fx/media.m4s?at=0`)).status).toBeGreaterThanOrEqual(400);
});

test('Chromium plays the film and the stream, and finds every picture where it should be', async (context) => {
  const { page, complaints } = await openPage(context);
  const { address, admin, at, logIn, ready, video } = await openMadeFilm();
  const { cookie } = await logIn();
  const [name = '', value = ''] = cookie.split('=');
  await page.context().addCookies([{ name, value, url: address }]);
  await page.goto(`${address}/health/live`);
  // What stands in the page is a text: it knows the browser's names, the test does not.
  const look = (source: string, titleSeconds: number) => `(async () => {
    const titleSeconds = ${titleSeconds};
    const video = document.createElement('video');
    video.muted = true;
    const heard = (name) => new Promise((resolve, reject) => {
      video.addEventListener(name, resolve, { once: true });
      video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
    });
    ${source}
    const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
    const draw = canvas.getContext('2d', { willReadFrequently: true });
    const seen = [];
    for (const index of [0, 34, 35, 149, 70, 3]) {
      const sought = heard('seeked');
      video.currentTime = titleSeconds + (index + 0.5) / 25;
      await sought;
      draw.drawImage(video, 0, 0, 8, 8);
      seen.push([index, draw.getImageData(4, 4, 1, 1).data[0]]);
    }
    const from = video.currentTime;
    await video.play();
    // Says so several times a second, whether the picture moves or not.
    while (video.currentTime <= from) await heard('timeupdate');
    return { seen, duration: video.duration, plays: video.currentTime > from };
  })()`;
  const file = `const loaded = heard('loadeddata'); video.src = '${at}/file'; await loaded;`;
  const stream = `
    const lines = (await (await fetch('${at}/hls/index.m3u8')).text()).split('\\n');
    // As a player does: a head whenever there is another one, and the pieces behind it.
    const names = lines.map((line) => /URI="([^"]+)"/.exec(line)?.[1] ?? line).filter((name) => name && !name.startsWith('#'));
    const media = new MediaSource();
    const loaded = heard('loadeddata');
    video.src = URL.createObjectURL(media);
    await new Promise((resolve) => media.addEventListener('sourceopen', resolve, { once: true }));
    const buffer = media.addSourceBuffer('video/mp4; codecs="avc1.64000b"');
    for (const name of names) {
      buffer.appendBuffer(await (await fetch('${at}/hls/' + name)).arrayBuffer());
      await new Promise((resolve) => buffer.addEventListener('updateend', resolve, { once: true }));
    }
    media.endOfStream();
    await loaded;`;
  for (const [source, late, titleSeconds] of [
    [file, 0, 0],
    [stream, 2, 0],
    [file, 0, 1.5],
    [stream, 2, 1.5],
  ] as const) {
    if (titleSeconds > 0 && video.title === null) {
      await admin('PATCH', at, { body: { title: { seconds: titleSeconds } } });
      Object.assign(video, await ready(video.id));
      // What was played here lately is played again without being asked for.
      await page.goto(`${address}/health/ready`);
    }
    const { seen, duration, plays } = (await page.evaluate(look(source, titleSeconds))) as {
      seen: [number, number][];
      duration: number;
      plays: boolean;
    };
    expect(Math.abs(duration - 6 - titleSeconds)).toBeLessThan(0.15);
    expect(plays).toBe(true);
    // A stream begins as much later as its encoder looks ahead: two pictures.
    for (const [index, light] of seen)
      expect(
        Math.abs(light - levelOf(Math.max(0, index - late))),
        `picture ${index}, title ${titleSeconds}`,
      ).toBeLessThan(9);
  }
  expect(complaints).toEqual([]);
}, 40_000);
