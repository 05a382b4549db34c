import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { encoderArguments, hasEncoder } from '@slowlight/control-plane/src/render/encoder-arguments.ts';
import { createEncoders, type Encoders, inShort } from '@slowlight/control-plane/src/render/encoders.ts';
import { measureFilm, runFfmpeg } from '@slowlight/control-plane/src/render/ffmpeg.ts';
import { segmentArguments } from '@slowlight/control-plane/src/render/film-plan.ts';
import { readSegment } from '@slowlight/control-plane/src/render/mp4-boxes.ts';
import { addressOf, type SegmentRecipe } from '@slowlight/control-plane/src/render/segment-recipe.ts';
import type { FilmEncoder } from '@slowlight/protocol';
import { frameIdOf, newAgentId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { expect, test } from 'vitest';
import { drawPicture, openFilm } from '../../rig/film.ts';
import { openFolder } from '../../rig/folder.ts';
import { createHandClock } from '../../rig/hand-clock.ts';
import { probeFilm } from '../../rig/probe-film.ts';
import { createQuietLog } from '../../rig/quiet-log.ts';

const never = new AbortController().signal;
const canvas = { widthPx: 640, heightPx: 360 };
const pictures = () => Promise.all([0, 1, 2].map((index) => drawPicture(64, 36, index)));

test.for([
  ['vaapi', 'h264', 'medium', 'h264_vaapi', '-rc_mode CQP -qp 25', 'format=nv12,hwupload'],
  ['vaapi', 'av1', 'medium', 'av1_vaapi', '-rc_mode CQP -global_quality 120', 'format=nv12,hwupload'],
  ['qsv', 'h265', 'high', 'hevc_qsv', '-global_quality 20 -pix_fmt nv12', 'format=nv12'],
  ['nvenc', 'h264', 'low', 'h264_nvenc', '-rc vbr -cq 30 -b:v 0 -pix_fmt yuv420p', ''],
  ['v4l2m2m', 'h264', 'medium', 'h264_v4l2m2m', '-b:v 552960 -pix_fmt yuv420p', ''],
  ['v4l2m2m', 'h265', 'medium', 'hevc_v4l2m2m', '-b:v 359424 -pix_fmt yuv420p', ''],
] as const)('%s is asked for %s of quality %s as %s', ([encoder, codec, quality, name, asked, filter]) => {
  const look = { canvas, fit: 'bars', codec, quality, encoder } as const;
  const { input, output } = segmentArguments(look, [1, 1]);
  const said = output.join(' ');
  expect(said).toContain(`-c:v ${name}`);
  expect(said).toContain(asked);
  // One key picture a piece, and pictures in the order in which they are shown.
  expect(said).toContain('-bf 0 -g 250');
  expect(said.includes('-tag:v hvc1')).toBe(codec === 'h265');
  expect(said.includes('+delay_moov')).toBe(encoder === 'v4l2m2m');
  expect(input.join(' ').startsWith('-init_hw_device vaapi=')).toBe(encoder === 'vaapi');
  const filters = output[output.indexOf('-vf') + 1] ?? '';
  expect(filters.endsWith(filter === '' ? 'format=yuv420p' : `format=yuv420p,${filter}`)).toBe(true);
  const sheets = { input: ['-i', 'unix:/s'], filter: (from: string, to: string) => `[${from}][1:v]overlay[${to}]` };
  const laid = segmentArguments(look, [1, 1], sheets).output;
  const all = laid[laid.indexOf('-filter_complex') + 1] ?? '';
  expect(all).toContain(filter === '' ? '[bare][1:v]overlay[film]' : `overlay[laid];[laid]${filter}[film]`);
});

test('AV1 is not asked of V4L2, and software is told as it always was', () => {
  expect(hasEncoder('v4l2m2m', 'av1')).toBe(false);
  expect(() => encoderArguments({ codec: 'av1', quality: 'low', encoder: 'v4l2m2m', canvas }, 24)).toThrow(
    'no encoder',
  );
  expect(encoderArguments({ codec: 'h264', quality: 'medium', canvas }, 24)).toEqual({
    device: [],
    filter: '',
    output: '-c:v libx264 -preset veryfast -crf 23.15 -flags +cgop -pix_fmt yuv420p -g 250'.split(' '),
    headLate: false,
  });
});

test('what an encoder makes of a piece is part of its address', () => {
  const frame = { id: frameIdOf(newAgentId(), 1), type: 'image/jpeg', sizeBytes: 1, sha256: 'a', gain: 1 } as const;
  const recipe: SegmentRecipe = {
    way: 2,
    look: { canvas, fit: 'bars', codec: 'h264', quality: 'medium' },
    frames: [frame],
  };
  const encoders = [undefined, 'vaapi', 'qsv', 'nvenc', 'v4l2m2m'] as const;
  const addresses = encoders.map((encoder) =>
    addressOf({ ...recipe, look: { ...recipe.look, ...(encoder !== undefined && { encoder }) } }),
  );
  expect(new Set(addresses).size).toBe(encoders.length);
});

test('hardware that is not here is tried once, and software takes its place and says why', async () => {
  const clock = createHandClock();
  const workFolder = await openFolder();
  const log = createQuietLog();
  for (const wanted of ['vaapi', 'qsv', 'nvenc', 'v4l2m2m', 'auto'] as const) {
    const encoders = createEncoders({ clock, log }, { wanted, workFolder });
    const { encoder, reason } = await encoders.choose('h264', never);
    expect([wanted, encoder]).toEqual([wanted, 'software']);
    expect(reason).toMatch(wanted === 'auto' ? /^No hardware/ : new RegExp(`^${wanted} does not work here: .{10,}`));
    expect(reason).not.toMatch(/0x[0-9a-f]{6}/);
  }
  expect(log.lines).toHaveLength(8);
  const encoders = createEncoders({ clock, log }, { wanted: 'vaapi', workFolder });
  const [one, two] = await Promise.all([encoders.choose('h264', never), encoders.choose('h264', never)]);
  expect(one).toEqual(two);
  expect(log.lines).toHaveLength(9);
  await clock.advance(700_000);
  await encoders.choose('h264', never);
  expect(log.lines).toHaveLength(10);
  expect(await createEncoders({ clock, log }, { wanted: 'v4l2m2m', workFolder }).choose('av1', never)).toEqual({
    encoder: 'software',
    reason: 'v4l2m2m does not work here: ffmpeg has no v4l2m2m encoder for av1.',
  });
  expect(await createEncoders({ clock, log }, { wanted: 'software', workFolder }).choose('h264', never)).toEqual({
    encoder: 'software',
    reason: null,
  });
  expect(await readdir(workFolder)).toEqual([]);
  const stopped = new AbortController();
  stopped.abort(new Error('stop'));
  await expect(
    createEncoders({ clock, log }, { wanted: 'vaapi', workFolder }).choose('h264', stopped.signal),
  ).rejects.toThrow('stop');
  const complaint =
    'ffmpeg failed: ectly\n[swscaler @ 0x5a] deprecated pixel format used, make sure you did set range correctly\n';
  expect(inShort(`${complaint}[h264 @ 0x55d0] No device\n[h264 @ 0x55d0] No device.\nConversion failed!`)).toBe(
    'ectly · No device · No device.',
  );
  expect(inShort('Conversion failed!')).toBe('Conversion failed!');
});

test('a film whose hardware fails in the middle is planned anew and made by software, which stays', async () => {
  const chosen: FilmEncoder[] = [];
  // It has worked when it was tried.
  const encoders: Encoders = {
    async choose() {
      chosen.push('vaapi');
      return { encoder: 'vaapi', reason: null };
    },
  };
  const film = await openFilm(await pictures(), { fps: 3 }, { encoders });
  await film.runVideo(never);
  const [hard] = film.missing();
  await film.runSegment({ subject: hard ?? '' }, never);
  expect(film.told.encoder).toEqual({
    encoder: 'software',
    encoderReason: expect.stringMatching(/^vaapi failed: .{10,}/),
  });
  expect(await readdir(film.workFolder)).toEqual([]);
  await film.run(never);
  expect(film.told.encoded).not.toContain(hard);
  expect(await probeFilm(film)).toMatchObject({ decoded: 3, codec: 'h264' });
  expect(film.told.ready).toMatchObject({ encoder: 'software', encoderReason: film.told.encoder.encoderReason });
  expect(chosen).toEqual(['vaapi']);
});

test('pictures that cannot be had are no fault of the encoder', async () => {
  const encoders: Encoders = { choose: async () => ({ encoder: 'nvenc', reason: null }) };
  const film = await openFilm(await pictures(), {}, { encoders });
  const away = new Error('away');
  await film.runVideo(never);
  film.store.read = () => Promise.reject(away);
  await expect(film.runSegment({ subject: film.missing()[0] ?? '' }, never)).rejects.toBe(away);
  expect(film.told.encoder.encoder).toBeNull();
});

test('a piece whose head is written with its first picture, as V4L2 needs it, is read like any other', async () => {
  const look = { canvas: { widthPx: 64, heightPx: 36 }, fit: 'bars', codec: 'h264', quality: 'low' } as const;
  const { input, output } = segmentArguments(look, [1, 1, 1]);
  const late = output.map((one) => (one.startsWith('+frag_custom') ? `${one}+delay_moov` : one));
  // An encoder that does not say beforehand what describes its pictures.
  const args = { input, output: [...late.slice(0, -2), '-flags:v', '-global_header', '-bf', '0', '-f', 'mp4'] };
  const file = path.join(await openFolder(), 'late.mp4');
  await runFfmpeg({ args, input: Readable.from(await pictures()), outputPath: file }, never);
  const { samples, layout } = readSegment(await readFile(file));
  expect(samples.map(({ offsetTicks }) => offsetTicks)).toEqual([0, 0, 0]);
  expect(layout.delayTicks).toBe(0);
  expect(await measureFilm(file, { clock: systemClock, signal: never })).toMatchObject({ frames: 3, widthPx: 64 });
});
