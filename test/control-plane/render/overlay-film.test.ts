import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { createFilmOverlays } from '@slowlight/control-plane/src/render/overlay/film-overlay.ts';
import { fillCanvas } from '@slowlight/control-plane/src/render/overlay/overlay-canvas.ts';
import { openSheetFeed } from '@slowlight/control-plane/src/render/overlay/sheet-feed.ts';
import { planFilm } from '@slowlight/control-plane/src/render/plan-film.ts';
import { overlayLayout, resolveOverlay } from '@slowlight/protocol';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { decodeFilm, meanOff } from '../../rig/decode-film.ts';
import { drawPicture, openFilm } from '../../rig/film.ts';
import { openFolder } from '../../rig/folder.ts';
import { FACTS, type LayoutInput, LOGO, openRenderer, prepare } from '../../rig/overlay-scene.ts';
import { probeFilm } from '../../rig/probe-film.ts';

const never = new AbortController().signal;

const CANVAS = { widthPx: 640, heightPx: 360 };
const FRAMES = 12;
/** A byte of a pixel in the middle of the picture, over which nothing lies. */
const PLAIN_AT = (180 * 640 + 320) * 3;
const COLOURS = 'scale=out_range=tv:out_color_matrix=bt709,format=yuv420p';

test('sheets fed beside the frames give a film with as many pictures, each with its overlay where the preview has it', async () => {
  const overlay = await prepare({
    style: { sizePercent: 8 },
    elements: [
      { kind: 'time', id: 'time', anchor: 'bottom-right' },
      { kind: 'frame-number', id: 'frame', anchor: 'bottom-right' },
      { kind: 'temperature', id: 'temperature', anchor: 'bottom-left', icon: true },
      { kind: 'image', id: 'logo', anchor: 'top', assetId: LOGO },
    ],
  });
  const factsOf = (index: number) => ({ ...FACTS, at: FACTS.at + index * 61_000, frameNumber: index + 1 });
  const all = Array.from({ length: FRAMES }, (_, index) => factsOf(index));
  const sheets = await openSheetFeed({ overlay, facts: all, canvas: CANVAS, fps: 24 });
  if (sheets === null) throw new Error('nothing was planned');
  onTestFinished(sheets.close);
  const background = { r: 90, g: 122, b: 154 };
  const ground = sharp({ create: { width: 640, height: 360, channels: 3, background } });
  const picture = await ground.clone().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
  const file = path.join(await openFolder(), 'film.mp4');
  const child = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'image2pipe', '-framerate', '24', '-c:v', 'mjpeg', '-i', 'pipe:0'],
      ...sheets.input,
      ...['-filter_complex', `[0:v]${COLOURS}[in];${sheets.filter('in', 'out')}`, '-map', '[out]'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '8', '-colorspace', 'bt709', '-color_range', 'tv', file],
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const closed = once(child, 'close');
  for (let index = 0; index < FRAMES; index += 1) if (!child.stdin.write(picture)) await once(child.stdin, 'drain');
  child.stdin.end();
  expect(await closed).toEqual([0, null]);

  const pictures = await decodeFilm(file, CANVAS);
  expect(pictures).toHaveLength(FRAMES);
  // Between two kinds of colour a plain one may come out a shade darker: the film says itself which one it has.
  const [r = 0, g = 0, b = 0] = pictures[0]?.subarray(PLAIN_AT, PLAIN_AT + 3) ?? [];
  const film = sharp({ create: { width: 640, height: 360, channels: 3, background: { r, g, b } } });
  for (const index of [0, 5, FRAMES - 1]) {
    const facts = factsOf(index);
    const laid = fillCanvas(await overlay.draw(facts, CANVAS), CANVAS);
    const raw = { width: 640, height: 360, channels: 4 } as const;
    const expected = await film
      .clone()
      .composite([{ input: laid, raw }])
      .removeAlpha()
      .raw()
      .toBuffer();
    const other = await film
      .clone()
      .composite([{ input: fillCanvas(await overlay.draw(factsOf(index + 1), CANVAS), CANVAS), raw }])
      .removeAlpha()
      .raw()
      .toBuffer();
    // Colour at half the resolution blurs edges: what counts is that it is this overlay, here, in these colours.
    const off = meanOff(pictures[index] ?? Buffer.alloc(0), expected);
    expect(off).toBeLessThan(1);
    expect(meanOff(pictures[index] ?? Buffer.alloc(0), other)).toBeGreaterThan(off * 1.05);
  }
});

test('sheets that cannot be drawn end early and say why, and leave nothing behind', async () => {
  const overlay = await prepare({ elements: [{ kind: 'time', id: 'time', anchor: 'top' }] });
  let drawn = 0;
  const failing: typeof overlay = {
    ...overlay,
    draw(facts, canvas) {
      drawn += 1;
      return drawn === 3 ? Promise.reject(new Error('no ink')) : overlay.draw(facts, canvas);
    },
  };
  const facts = Array(5).fill(FACTS);
  const sheets = await openSheetFeed({ overlay: failing, facts, canvas: CANVAS, fps: 24 });
  const address = sheets?.input.at(-1)?.replace('unix:', '') ?? '';
  const socket = connect(address);
  let bytes = 0;
  socket.on('data', (part: Buffer) => {
    bytes += part.length;
  });
  await once(socket, 'close');
  const [width = 0, height = 0] = (sheets?.input[5] ?? '').split('x').map(Number);
  expect([bytes, String(sheets?.fault())]).toEqual([2 * width * height * 4, 'Error: no ink']);
  await sheets?.close();
  expect(existsSync(path.dirname(address))).toBe(false);
  expect(await openSheetFeed({ overlay: await prepare({ elements: [] }), facts, canvas: CANVAS, fps: 24 })).toBeNull();
});

/** Overlays of films whose facts can be changed between two makings. */
function openFilmOverlays(layout: LayoutInput) {
  const facts = { ...FACTS };
  const overlays = createFilmOverlays({
    renderer: openRenderer(),
    records: {
      overlayOf: async () => ({
        overlay: resolveOverlay(overlayLayout.parse(layout), null),
        revision: 1,
        sidecars: false,
      }),
      overlayFacts: async (frames) =>
        new Map(
          frames.map((frame, index) => [frame, { ...facts, at: FACTS.at + index * 60_000, frameNumber: index + 1 }]),
        ),
    },
  });
  return { facts, overlays };
}

const NUMBER = { kind: 'frame-number', id: 'number', anchor: 'centre', digits: 1, style: { sizePercent: 50 } } as const;

test('a film that shows an overlay is made of other segments than one that does not, and only of what is seen', async () => {
  const { facts, overlays } = openFilmOverlays({ elements: [NUMBER, { kind: 'camera-name', id: 'c', anchor: 'top' }] });
  const drawn = await Promise.all(Array.from({ length: 6 }, () => drawPicture(320, 180)));
  const film = await openFilm(drawn, { overlay: true }, { overlays });
  await film.run(never);
  expect(await probeFilm(film)).toMatchObject({ decoded: 6, seconds: 0.25 });
  const [first] = film.told.encoded;
  // What is not shown encodes nothing; what is shown does.
  film.told.ready = null;
  Object.assign(facts, { siteName: 'Elsewhere', weather: null });
  await film.run(never);
  expect(film.told.encoded).toEqual([first]);
  film.told.ready = null;
  Object.assign(facts, { cameraName: 'Another' });
  await film.run(never);
  expect(film.told.encoded).toHaveLength(2);
  const { segments } = planFilm(
    film.pictures,
    { ...film.input, overlay: false },
    { about: { name: 'The bridge', timeZone: 'UTC' } },
  );
  expect(film.told.encoded).not.toContain(segments[0]?.address);
});

test('pictures that cannot be read take their overlay with them', async () => {
  const { overlays } = openFilmOverlays({ elements: [NUMBER] });
  const drawn = await Promise.all(Array.from({ length: 5 }, () => drawPicture(320, 180)));
  const film = await openFilm(drawn, { overlay: true, fps: 5 }, { overlays });
  const [, , third] = film.pictures;
  await film.store.remove(third?.key ?? '');
  await film.run(never);
  expect(film.told.ready).toMatchObject({ framesDone: 4, framesLeftOut: 1 });
  // The film is that of the other four with their own numbers, not with those of their neighbours.
  const shown = await picturesOf(film);
  const whole = await openFilm(drawn, { overlay: true, fps: 5 }, { overlays });
  await whole.run(never);
  const all = await picturesOf(whole);
  expect(shown).toHaveLength(4);
  for (const [index, like] of [0, 1, 3, 4].entries()) {
    const off = all.map((one) => meanOff(shown[index] ?? Buffer.alloc(0), one));
    expect(off.indexOf(Math.min(...off))).toBe(like);
  }
  // Frames that fade into each other keep their own numbers, sharp, for all of their time.
  const faded = await openFilm(drawn, { overlay: true, fps: 12, crossFade: 1 }, { overlays });
  await faded.run(never);
  const fades = await picturesOf(faded);
  expect(fades).toHaveLength(10);
  for (const [index, fade] of fades.entries()) {
    const off = all.map((one) => meanOff(fade, one));
    expect(off.indexOf(Math.min(...off)), `picture ${index}`).toBe(index >> 1);
  }
});

async function picturesOf(film: Awaited<ReturnType<typeof openFilm>>): Promise<Buffer[]> {
  const file = path.join(await openFolder(), 'film.mp4');
  const parts: Uint8Array[] = [];
  for await (const part of await film.store.read(film.told.ready?.key ?? '')) parts.push(part);
  await writeFile(file, Buffer.concat(parts));
  return decodeFilm(file, { widthPx: 320, heightPx: 180 });
}
