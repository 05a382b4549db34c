import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { drawPicture, openFilm } from '../../rig/film.ts';
import { colourAt, probeFilm } from '../../rig/probe-film.ts';

const never = new AbortController().signal;
const MINUTE = 60_000;

const grey = (level: number, widthPx = 64, heightPx = 36) =>
  sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: { r: level, g: level, b: level } } })
    .jpeg({ quality: 95 })
    .toBuffer();

/** A grey of its own for each picture, so that its number can be read back. */
const levelOf = (index: number) => 40 + ((index * 7) % 170);

/** The mean brightness of each picture of a film, 0 to 255. */
async function lightsOf(file: string): Promise<number[]> {
  const args = ['-v', 'error', '-i', file, '-vf', 'scale=1:1:flags=area,format=rgb24', '-f', 'rawvideo', '-'];
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer' });
  return Array.from({ length: stdout.length / 3 }, (_, index) => stdout[index * 3] ?? 0);
}

async function greyFilm(count: number, input: Parameters<typeof openFilm>[1] = {}) {
  const drawn = await Promise.all(Array.from({ length: count }, (_, index) => grey(levelOf(index))));
  return openFilm(drawn, { quality: 'high', ...input });
}

test('pieces are joined in their order; a late frame and an appended one cost a piece each, another speed none', async () => {
  const film = await greyFilm(150);
  const last = film.pictures.pop();
  const [late] = film.pictures.splice(20, 1);
  if (late === undefined || last === undefined) throw new Error('no pictures');
  await film.run(never);
  const first = await probeFilm(film);
  expect(first).toMatchObject({ decoded: 148, packets: 148 });
  const pieces = film.told.encoded.length;
  expect(pieces).toBeGreaterThanOrEqual(3);

  film.pictures.splice(20, 0, late);
  film.told.ready = null;
  await film.run(never);
  expect(film.told.encoded).toHaveLength(pieces + 1);
  film.pictures.push(last);
  film.told.ready = null;
  await film.run(never);
  expect(film.told.encoded.length).toBeLessThanOrEqual(pieces + 3);
  const encoded = film.told.encoded.length;

  for (const fps of [30, 7, 23.976, 120]) {
    film.input.fps = fps;
    film.told.ready = null;
    await film.run(never);
    const made = await probeFilm(film);
    expect(made).toMatchObject({ decoded: 150, packets: 150 });
    expect(made.seconds).toBeCloseTo(150 / fps, 5);
    expect(made.containerSeconds).toBeCloseTo(150 / fps, 2);
  }
  expect(film.told.encoded).toHaveLength(encoded);
  const { file } = await probeFilm(film);
  for (const [index, light] of (await lightsOf(file)).entries())
    expect(Math.abs(light - levelOf(index)), `picture ${index}`).toBeLessThan(6);
  expect(film.told.ready).toMatchObject({ speedReason: null, posterKey: expect.any(String) });
}, 60_000);

test('a length that is asked for decides the speed, and what cannot be is told', async () => {
  const film = await greyFilm(10, { length: { seconds: 2, minFps: 1, maxFps: 60 } });
  await film.run(never);
  expect(await probeFilm(film)).toMatchObject({ decoded: 10, seconds: 2 });
  film.input.length = { seconds: 1, minFps: 1, maxFps: 5 };
  film.told.ready = null;
  await film.run(never);
  expect(film.told.ready).toMatchObject({
    fps: 5,
    durationMs: 2000,
    speedReason: expect.stringContaining('instead of'),
  });
});

test('the flicker of the light goes, also behind a picture that cannot be read', async () => {
  const levels = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 110 : 140));
  const film = await openFilm(await Promise.all(levels.map((level) => grey(level))), { quality: 'high', deflicker: 1 });
  for (const [index, picture] of film.pictures.entries()) picture.brightness = levels[index] ?? null;
  await film.store.remove(film.pictures[7]?.key ?? '');
  await film.run(never);
  expect(film.told.ready).toMatchObject({ framesDone: 39, framesLeftOut: 1 });
  const lights = await lightsOf((await probeFilm(film)).file);
  expect(lights).toHaveLength(39);
  expect(Math.max(...lights) - Math.min(...lights)).toBeLessThan(12);
  expect(Math.abs((lights[20] ?? 0) - 125)).toBeLessThan(8);
});

test.for([
  ['h264', 'h264'],
  ['h265', 'hevc'],
  ['av1', 'av1'],
] as const)('a film in %s has its pictures, and pieces of it are joined', async ([codec, name]) => {
  const drawn = await Promise.all(Array.from({ length: 70 }, (_, index) => grey(levelOf(index), 128, 72)));
  const film = await openFilm(drawn, { codec });
  await film.run(never);
  expect(film.told.encoded.length).toBeGreaterThan(1);
  expect(await probeFilm(film)).toMatchObject({ decoded: 70, packets: 70, codec: name, pixels: 'yuv420p' });
});

test('pictures of another shape get bars, a blurred surround, or fill the film', async () => {
  const picture = await sharp({ create: { width: 160, height: 90, channels: 3, background: '#ffffff' } })
    .jpeg()
    .toBuffer();
  for (const [fit, corner] of [
    ['bars', 0],
    ['blurred', 255],
    ['fill', 255],
  ] as const) {
    const film = await openFilm([picture, picture], { shape: 'square', fit, quality: 'high' });
    await film.run(never);
    const { size, file } = await probeFilm(film);
    expect(size).toEqual([90, 90]);
    expect(Math.abs(((await colourAt(file, 1, 0.5, 0.02))[0] ?? 0) - corner)).toBeLessThan(25);
    expect((await colourAt(file, 1, 0.5, 0.5))[0]).toBeGreaterThan(230);
  }
});

test('a piece that is not in the store any more is made again', async () => {
  const film = await openFilm(await Promise.all([0, 1, 2].map((index) => drawPicture(64, 36, index))));
  await film.run(never);
  const [address = ''] = film.told.encoded;
  await film.store.remove(film.segments.get(address)?.made?.object?.key ?? '');
  film.told.ready = null;
  await expect(film.runVideo(never)).rejects.toMatchObject({ code: 'render.segment-lost', retry: 'soon' });
  await film.run(never);
  expect(film.told.encoded).toEqual([address, address]);
  expect(await probeFilm(film)).toMatchObject({ decoded: 3 });
});

test('one odd picture, early or late, does not change the size of the film', async () => {
  const odd = await drawPicture(200, 200);
  const usual = await Promise.all([1, 2, 3].map((index) => drawPicture(64, 36, index)));
  const film = await openFilm([odd, ...usual]);
  film.pictures.forEach((picture, index) => {
    picture.at = index * MINUTE;
  });
  await film.run(never);
  expect((await probeFilm(film)).size).toEqual([64, 36]);
});
