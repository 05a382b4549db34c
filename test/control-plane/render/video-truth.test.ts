import { readdir } from 'node:fs/promises';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { drawPicture, openFilm } from '../../rig/film.ts';
import { colourAt, probeFilm } from '../../rig/probe-film.ts';

const never = new AbortController().signal;

const SIZES = { '16:9': [64, 36], '4:3': [64, 48], portrait: [36, 64] } as const;

test.for([
  ['16:9', 1, 24],
  ['4:3', 1, 1],
  ['portrait', 2, 30],
  ['16:9', 3, 120],
  ['4:3', 10, 24],
  ['portrait', 25, 25],
  ['16:9', 49, 12.5],
  ['4:3', 100, 60],
  ['16:9', 101, 23.976],
  ['portrait', 193, 29.97],
  ['4:3', 400, 120],
  ['portrait', 129, 7],
] as const)('a film of %s pictures: %i of them at %d a second', async ([aspect, count, fps]) => {
  const [widthPx, heightPx] = SIZES[aspect];
  const drawn = await Promise.all(
    Array.from({ length: Math.min(count, 20) }, (_, index) => drawPicture(widthPx, heightPx, index)),
  );
  const film = await openFilm(
    Array.from({ length: count }, (_, index) => drawn[index % drawn.length] as Buffer),
    { fps },
  );
  await film.run(never);
  const measured = await probeFilm(film);
  expect(measured).toMatchObject({
    decoded: count,
    packets: count,
    size: [widthPx, heightPx],
    aspect: '1:1',
    pixels: 'yuv420p',
    codec: 'h264',
  });
  expect(Math.abs(measured.seconds - count / fps)).toBeLessThanOrEqual(0.5 / fps);
  expect(Math.abs(measured.containerSeconds - count / fps)).toBeLessThanOrEqual(0.5 / fps);
  expect(film.told.ready).toMatchObject({ framesDone: count, framesLeftOut: 0, widthPx, heightPx });
  expect(film.told.ready?.durationMs).toBeCloseTo((count / fps) * 1000, -2);
  expect(await readdir(film.workFolder)).toEqual([]);
});

test('the pictures stand in the film in their order, in their colours', async () => {
  const red = await sharp({ create: { width: 320, height: 180, channels: 3, background: '#c02020' } })
    .jpeg()
    .toBuffer();
  const blue = await sharp({ create: { width: 320, height: 180, channels: 3, background: '#2020c0' } })
    .jpeg()
    .toBuffer();
  const grey = await sharp({ create: { width: 320, height: 180, channels: 3, background: '#808080' } })
    .greyscale()
    .jpeg()
    .toBuffer();
  const film = await openFilm([red, blue, grey], { quality: 'high', fps: 5 });
  await film.run(never);
  const { file } = await probeFilm(film);
  for (const [index, colour] of [
    [0, [0xc0, 0x20, 0x20]],
    [1, [0x20, 0x20, 0xc0]],
    [2, [0x80, 0x80, 0x80]],
  ] as const) {
    const seen = await colourAt(file, index, 0.5, 0.5);
    for (const [channel, value] of colour.entries())
      expect(Math.abs((seen[channel] ?? 0) - value), `${index} ${seen}`).toBeLessThan(14);
  }
});

test('pictures of other sizes are fitted on the canvas of the first, with bars, never enlarged', async () => {
  const draw = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
      .jpeg()
      .toBuffer();
  const film = await openFilm(
    await Promise.all([draw(320, 180), draw(180, 320), draw(100, 50), draw(640, 360), draw(320, 180)]),
    { fps: 5 },
  );
  await film.run(never);
  const measured = await probeFilm(film);
  expect(measured).toMatchObject({ decoded: 5, size: [320, 180] });
  const bright = async (index: number, x: number, y: number) =>
    ((await colourAt(measured.file, index, x, y))[0] ?? 0) > 128;
  expect(await bright(0, 0.01, 0.01)).toBe(true);
  expect([await bright(1, 0.1, 0.5), await bright(1, 0.5, 0.5)]).toEqual([false, true]);
  expect([await bright(2, 0.3, 0.5), await bright(2, 0.5, 0.5), await bright(2, 0.5, 0.25)]).toEqual([
    false,
    true,
    false,
  ]);
  expect(await bright(3, 0.01, 0.01)).toBe(true);
  expect(film.told.ready).toMatchObject({ framesDone: 5, framesLeftOut: 0 });
});

test('a film is made smaller with its aspect kept, and odd sizes become even without bars', async () => {
  const film = await openFilm(
    [
      await sharp({ create: { width: 641, height: 361, channels: 3, background: '#ffffff' } })
        .jpeg()
        .toBuffer(),
    ],
    { heightPx: 121 },
  );
  await film.run(never);
  const measured = await probeFilm(film);
  expect(measured.size).toEqual([214, 120]);
  for (const [x, y] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const)
    expect((await colourAt(measured.file, 0, x, y))[0]).toBeGreaterThan(200);
});
