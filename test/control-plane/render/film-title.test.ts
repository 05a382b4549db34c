import { titleLines } from '@slowlight/control-plane/src/render/plan-film.ts';
import { createTitleCards } from '@slowlight/control-plane/src/render/title-card.ts';
import { decideFilmSpeed, type FilmTitle, filmTitle } from '@slowlight/protocol';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeFilm } from '../../rig/decode-film.ts';
import { openFilm } from '../../rig/film.ts';
import { probeFilm } from '../../rig/probe-film.ts';

const never = new AbortController().signal;
const INNER_FPS = 24;
const SIZE = { widthPx: 128, heightPx: 72 };

const title = (of: Partial<FilmTitle> = {}): FilmTitle => filmTitle.parse({ text: 'The bridge\nin spring', ...of });
const levelOf = (index: number) => 60 + index * 15;
const grey = (index: number) => {
  const level = levelOf(index);
  return sharp({
    create: { width: SIZE.widthPx, height: SIZE.heightPx, channels: 3, background: { r: level, g: level, b: level } },
  })
    .jpeg({ quality: 95 })
    .toBuffer();
};
const greys = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => grey(index)));
const meanOf = (picture: Buffer) => picture.reduce((sum, value) => sum + value, 0) / picture.length;

test('a title stands before the film for its own time at every speed, and another text encodes only the title', async () => {
  const film = await openFilm(await greys(10), { quality: 'high', title: title({ seconds: 1.5 }) });
  await film.run(never);
  const still = 1.5 * INNER_FPS;
  const made = await probeFilm(film);
  expect(made).toMatchObject({ decoded: still + 10, packets: still + 10 });
  expect(made.seconds).toBeCloseTo(1.5 + 10 / 24, 4);
  expect(film.told.ready).toMatchObject({ framesTotal: 10, framesDone: 10, framesLeftOut: 0, durationMs: 1917 });
  const pictures = await decodeFilm(made.file, SIZE);
  const card = pictures.slice(0, still);
  // Dark, with letters on it, and it does not move.
  for (const one of card) expect(Math.abs(meanOf(one) - meanOf(card[0] ?? one))).toBeLessThan(1);
  expect(Math.max(...(card[0] ?? []))).toBeGreaterThan(200);
  expect(card[0]?.[0]).toBeLessThan(40);
  for (const [index, one] of pictures.slice(still).entries())
    expect(Math.abs(meanOf(one) - levelOf(index)), `picture ${index}`).toBeLessThan(5);

  const before = film.told.encoded.length;
  for (const fps of [23.976, 7, 120]) {
    Object.assign(film.input, { fps });
    film.told.ready = null;
    await film.run(never);
    const again = await probeFilm(film);
    expect(again).toMatchObject({ decoded: still + 10, packets: still + 10 });
    expect(again.seconds).toBeCloseTo(1.5 + 10 / fps, 4);
  }
  expect(film.told.encoded).toHaveLength(before);
  film.input.title = title({ seconds: 1.5, text: 'The bridge\nin summer' });
  film.told.ready = null;
  await film.run(never);
  expect(film.told.encoded).toHaveLength(before + 1);
  film.input.title = null;
  film.told.ready = null;
  await film.run(never);
  expect(film.told.encoded).toHaveLength(before + 1);
  expect(await probeFilm(film)).toMatchObject({ decoded: 10 });
});

test.for(['h265', 'av1'] as const)('a title is joined to a film in %s', async (codec) => {
  const film = await openFilm(await greys(4), { codec, fps: 10, title: title({ seconds: 1 }) });
  await film.run(never);
  const made = await probeFilm(film);
  expect(made).toMatchObject({ decoded: INNER_FPS + 4, packets: INNER_FPS + 4 });
  expect(made.seconds).toBeCloseTo(1.4, 4);
});

test('a title on the first picture shows it blurred and darker; where that cannot be read the ground is plain', async () => {
  const film = await openFilm(await greys(3), { fps: 3, title: title({ seconds: 1, ground: 'blurred' }) });
  const first = film.pictures[0];
  await film.run(never);
  const corner = async () => (await decodeFilm((await probeFilm(film)).file, SIZE))[0]?.[0] ?? -1;
  expect(Math.abs((await corner()) - levelOf(0) * 0.55)).toBeLessThan(8);
  // A late frame at the very beginning is the first one now.
  film.pictures.unshift(...film.pictures.splice(2, 1));
  film.told.ready = null;
  const before = film.told.encoded.length;
  await film.run(never);
  expect(film.told.encoded).toHaveLength(before + 2);
  expect(Math.abs((await corner()) - levelOf(2) * 0.55)).toBeLessThan(8);

  film.pictures.splice(0, 3, ...film.pictures.slice(1), first as never);
  await film.store.remove(film.pictures[0]?.key ?? '');
  for (const segment of film.segments.values()) segment.made = null;
  film.told.ready = null;
  await film.run(never);
  expect(await corner()).toBeLessThan(40);
  expect(film.log.lines.map(({ fields }) => fields)).toMatchObject([{ reason: expect.any(String) }]);
});

test('a title says the name of the timelapse and the days of the film by itself, in the language that was asked for', () => {
  const about = { name: 'The bridge', timeZone: 'Europe/Vienna' };
  const [from, to] = [Date.UTC(2026, 4, 31, 22, 30), Date.UTC(2026, 5, 3, 21)];
  expect(titleLines({ text: null, locale: 'en' }, { about, from, to })).toEqual([
    'The bridge',
    expect.stringMatching(/^June 1\s.\s3, 2026$/u),
  ]);
  expect(titleLines({ text: null, locale: 'de' }, { about, from, to: from })).toEqual(['The bridge', '1. Juni 2026']);
  expect(titleLines({ text: 'a\n{date}', locale: 'de' }, { about, from, to })).toEqual(['a', '{date}']);
  for (const text of ['', ' \n ', 'a\nb\nc\nd', `${'x'.repeat(81)}`, 'a\u0007'])
    expect(filmTitle.safeParse({ text }).success, JSON.stringify(text)).toBe(false);
  for (const seconds of [0.5, 10.5, 1.3]) expect(filmTitle.safeParse({ seconds }).success).toBe(false);
});

test('a length that is asked for is that of the whole film, its title among it', () => {
  const speed = (asked: Partial<Parameters<typeof decideFilmSpeed>[1]>) =>
    decideFilmSpeed(100, { fps: 20, title: { seconds: 3 }, ...asked });
  expect(speed({})).toEqual({ fps: 20, durationMs: 8000, reason: null });
  expect(speed({ length: { seconds: 8, minFps: 1, maxFps: 60 } })).toEqual({ fps: 20, durationMs: 8000, reason: null });
  // The title alone is longer than that.
  expect(speed({ length: { seconds: 2, minFps: 1, maxFps: 50 } })).toEqual({
    fps: 50,
    durationMs: 5000,
    reason: '5 s instead of 2 s: 50 pictures a second at most',
  });
  expect(speed({ maxSeconds: 5 })).toMatchObject({ fps: 50, durationMs: 5000, reason: expect.any(String) });
  expect(speed({ minSeconds: 13 })).toMatchObject({ fps: 10, durationMs: 13_000 });
});

test.for([
  [1280, 720],
  [405, 720],
  [64, 36],
] as const)('every line of a title is on the card, whole, at %i×%i', async ([widthPx, heightPx]) => {
  const draw = createTitleCards();
  const long = [
    'A timelapse whose name is about as long as names may be, and then a little {longer}',
    'line two',
    '三 □',
  ];
  const jpeg = await draw(long, { widthPx, heightPx }, null);
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  const bright = (row: number) => Math.max(...data.subarray(row * info.width, (row + 1) * info.width));
  const rows = Array.from({ length: info.height }, (_, row) => bright(row) > 90);
  expect(rows.filter(Boolean).length).toBeGreaterThan(heightPx * 0.15);
  expect([rows.slice(0, heightPx * 0.05), rows.slice(heightPx * 0.95)].flat().some(Boolean)).toBe(false);
  let edge = 0;
  for (let row = 0; row < info.height; row += 1)
    edge = Math.max(edge, data[row * info.width] ?? 0, data[(row + 1) * info.width - 1] ?? 0);
  expect(edge).toBeLessThan(60);
});
