import { writePlaylist } from '@slowlight/control-plane/src/http/hls.ts';
import { choosePieces } from '@slowlight/control-plane/src/render/animation.ts';
import { fadeWeights, stepsAt } from '@slowlight/control-plane/src/render/cross-fade.ts';
import { filmTitle } from '@slowlight/protocol';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeFilm } from '../../rig/decode-film.ts';
import { openFilm } from '../../rig/film.ts';
import { probeFilm } from '../../rig/probe-film.ts';

const never = new AbortController().signal;
const SIZE = { widthPx: 128, heightPx: 72 };
/** Neighbours differ by much. */
const levelOf = (index: number) => 60 + ((index * 61) % 150);
const grey = (index: number) => {
  const [r, g, b] = [levelOf(index), levelOf(index), levelOf(index)];
  return sharp({ create: { width: 128, height: 72, channels: 3, background: { r, g, b } } })
    .jpeg({ quality: 95 })
    .toBuffer();
};
const greys = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => grey(index)));
const meanOf = (picture: Buffer) => picture.reduce((sum, value) => sum + value, 0) / picture.length;

async function lightsOf(film: Awaited<ReturnType<typeof openFilm>>): Promise<number[]> {
  return (await decodeFilm((await probeFilm(film)).file, SIZE)).map(meanOf);
}

/** What a film of these frames shows, picture by picture. */
function expected(frames: readonly number[], share: number, steps: number): number[] {
  const weights = fadeWeights({ share, steps });
  return frames.flatMap((frame, index) =>
    weights.map((weight) => levelOf(frame) * (1 - weight) + levelOf(frames[index + 1] ?? frame) * weight),
  );
}

function expectLights(lights: readonly number[], wanted: readonly number[]): void {
  expect(lights).toHaveLength(wanted.length);
  for (const [index, light] of lights.entries())
    expect(Math.abs(light - (wanted[index] ?? 0)), `picture ${index}`).toBeLessThan(7);
}

test('each step of a fade shows the mean of what would be seen in its time', () => {
  const close = (share: number, steps: number, weights: number[]) =>
    fadeWeights({ share, steps }).forEach((weight, step) => {
      expect(weight, `${share} ${step}`).toBeCloseTo(weights[step] ?? -1, 6);
    });
  close(1, 1, [0.5]);
  close(0.5, 1, [0.25]);
  close(1, 4, [0.125, 0.375, 0.625, 0.875]);
  close(0.5, 4, [0, 0, 0.25, 0.75]);
  close(0.1, 2, [0, 0.1]);
  expect([120, 24, 23.976, 12, 7, 1].map(stepsAt)).toEqual([1, 1, 2, 2, 4, 12]);
});

test('a film fades from frame to frame, also from piece to piece, and is as long as without', async () => {
  const film = await openFilm(await greys(70), { quality: 'high', fps: 7, crossFade: 1 });
  await film.run(never);
  expect(film.told.encoded.length).toBeGreaterThan(1);
  const all = Array.from({ length: 70 }, (_, index) => index);
  expectLights(await lightsOf(film), expected(all, 1, 4));
  const made = await probeFilm(film);
  expect(made).toMatchObject({ decoded: 280, packets: 280 });
  expect(made.seconds).toBeCloseTo(10, 4);
  expect(film.told.ready).toMatchObject({ framesDone: 70, framesTotal: 70, durationMs: 10_000 });

  const segments = await film.records.segmentsOf(film.id);
  const pieces = segments.map(({ address, framesShown, object }) => ({
    address,
    frames: framesShown,
    layout: JSON.parse(object?.layout ?? '{}'),
  }));
  const playlist = writePlaylist(pieces, 7);
  const sum = [...playlist.matchAll(/#EXTINF:([\d.]+)/g)].reduce((seconds, [, one]) => seconds + Number(one), 0);
  expect(sum).toBeCloseTo(10, 4);
  expect(playlist).toContain('scale=28000');
  const [first, second] = [...playlist.matchAll(/at=(\d+)/g)].map(([, at]) => Number(at));
  expect((second ?? 0) - (first ?? 0)).toBe((pieces[0]?.frames ?? 0) * 4000);
  expect(choosePieces(segments).reduce((count, { pictures }) => count + pictures.length, 0)).toBe(50);

  // A late frame costs its own piece and, where it is the first of that, the one before; another speed none, as long as it needs no other steps.
  const encoded = film.told.encoded.length;
  film.input.fps = 6;
  film.told.ready = null;
  await film.run(never);
  expect(film.told.encoded).toHaveLength(encoded);
  const begins = pieces[0]?.frames ?? 0;
  const [late] = film.pictures.splice(begins, 1);
  film.told.ready = null;
  await film.run(never);
  expect(film.told.encoded).toHaveLength(encoded + 2);
  if (late !== undefined) film.pictures.splice(begins, 0, late);
  film.told.ready = null;
  await film.run(never);
  expect(film.told.encoded).toHaveLength(encoded + 2);
});

test('frames that cannot be read leave no hole in a fade, and a title stands before it', async () => {
  const film = await openFilm(await greys(6), {
    quality: 'high',
    fps: 12,
    crossFade: 0.5,
    title: filmTitle.parse({ seconds: 1, text: 'x' }),
  });
  await film.store.remove(film.pictures[2]?.key ?? '');
  await film.store.remove(film.pictures[5]?.key ?? '');
  await film.run(never);
  expect(film.told.ready).toMatchObject({ framesDone: 4, framesLeftOut: 2 });
  expectLights((await lightsOf(film)).slice(24), expected([0, 1, 3, 4], 0.5, 2));
  const made = await probeFilm(film);
  expect(made.seconds).toBeCloseTo(1 + 4 / 12, 4);
});

test('a fast film fades within its pictures', async () => {
  const film = await openFilm(await greys(5), { quality: 'high', fps: 30, crossFade: 1 });
  await film.run(never);
  expectLights(await lightsOf(film), expected([0, 1, 2, 3, 4], 1, 1));
});

test.for(['h264', 'h265', 'av1'] as const)(
  'a piece in %s may have more pictures than lie between two key pictures',
  async (codec) => {
    const film = await openFilm(await greys(22), { fps: 1, crossFade: 1, codec });
    await film.run(never);
    const made = await probeFilm(film);
    expect(made).toMatchObject({ decoded: 264, packets: 264 });
    expect(made.seconds).toBeCloseTo(22, 3);
  },
);
