import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { openWorkFolder } from '@slowlight/control-plane/src/render/work-folder.ts';
import { systemClock } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { drawPicture, openFilm } from '../../rig/film.ts';
import { openFolder } from '../../rig/folder.ts';
import { createHandClock } from '../../rig/hand-clock.ts';
import { probeFilm } from '../../rig/probe-film.ts';
import { until } from '../../rig/until.ts';

const never = new AbortController().signal;

test('pictures that cannot be read are left out and counted', async () => {
  const drawn = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => drawPicture(64, 36, index)));
  const film = await openFilm(drawn, { fps: 2 });
  const [, gone, changed, garbage] = film.pictures;
  if (!gone || !changed || !garbage) throw new Error('no pictures');
  await film.store.remove(gone.key);
  await film.store.write(changed.key, Buffer.concat([drawn[2] ?? Buffer.alloc(0)]).fill(0, 100, 110), 'image/jpeg');
  const bytes = Buffer.from('this was never a picture');
  await film.store.write(garbage.key, bytes, 'image/jpeg');
  Object.assign(garbage, {
    sizeBytes: bytes.length,
    sha256: Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex'),
  });
  await film.run(never);
  expect(await probeFilm(film)).toMatchObject({ decoded: 3, seconds: 1.5 });
  expect(film.told.ready).toMatchObject({ framesDone: 3, framesLeftOut: 3, durationMs: 1500 });
});

test('a picture that is damaged but whole in its bytes does not spoil the count', async () => {
  const noise = await sharp({
    create: {
      width: 320,
      height: 180,
      channels: 3,
      background: '#333333',
      noise: { type: 'gaussian', mean: 120, sigma: 60 },
    },
  })
    .jpeg()
    .toBuffer();
  const damaged = Buffer.concat([noise.subarray(0, noise.length / 3), noise.subarray(noise.length - 2)]);
  const headless = Buffer.from(noise).fill(0, 2, 200);
  const film = await openFilm([noise, damaged, noise, headless, noise], { fps: 5 });
  await film.run(never);
  const { decoded } = await probeFilm(film);
  expect(film.told.ready?.framesDone).toBe(decoded);
  expect((film.told.ready?.framesDone ?? 0) + (film.told.ready?.framesLeftOut ?? 0)).toBe(5);
  expect(decoded).toBeGreaterThanOrEqual(3);
});

test('a film that came out wrong is made once more from pictures encoded here', async () => {
  const [first, second] = await Promise.all([drawPicture(64, 36), drawPicture(64, 36, 1)]);
  // Two pictures in one object: whole by its first and last bytes, and ffmpeg sees two.
  const film = await openFilm([first, Buffer.concat([second, first]), second], { fps: 3 });
  await film.run(never);
  expect(await probeFilm(film)).toMatchObject({ decoded: 3, seconds: 1 });
  expect(film.told.ready).toMatchObject({ framesDone: 3, framesLeftOut: 0 });
  expect(film.log.lines).toMatchObject([{ level: 'warn', fields: { pictures: 4, fed: 3, preparation: 'as-is' } }]);
});

test('WebP pictures are taken too', async () => {
  const webp = await sharp({ create: { width: 64, height: 36, channels: 3, background: '#20a020' } })
    .webp()
    .toBuffer();
  const film = await openFilm([webp, await drawPicture(64, 36), webp], { fps: 3 });
  await film.run(never);
  expect(await probeFilm(film)).toMatchObject({ decoded: 3, seconds: 1 });
});

test('a film of which no picture can be read fails for good, in words', async () => {
  const film = await openFilm([await drawPicture(64, 36), await drawPicture(64, 36, 1)]);
  for (const { key } of film.pictures) await film.store.remove(key);
  await expect(film.run(never)).rejects.toMatchObject({ code: 'render.no-picture', retry: 'never' });
});

test('a store that is out of reach fails the job, to be tried again, and leaves no file', async () => {
  const film = await openFilm(await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((index) => drawPicture(64, 36, index))));
  const unreachable = Object.assign(new Error('away'), { code: 'EIO' });
  const read = film.store.read.bind(film.store);
  film.store.read = (key, range) => (key === film.pictures[6]?.key ? Promise.reject(unreachable) : read(key, range));
  await expect(film.run(never)).rejects.toBe(unreachable);
  expect(await readdir(film.workFolder)).toEqual([]);
  expect(await objectsOf(film)).toEqual([]);
});

async function objectsOf({ store }: Awaited<ReturnType<typeof openFilm>>, prefix?: string): Promise<string[]> {
  const found: string[] = [];
  for (const below of prefix === undefined ? ['segments/', 'videos/'] : [prefix])
    for await (const key of store.list(below)) found.push(key);
  return found;
}

async function ffmpegsBelow(): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['--ppid', String(process.pid), '-o', 'args=']);
  return stdout.split('\n').filter((name) => name.includes('image2pipe')).length;
}

test('a cancelled film stops ffmpeg within two seconds and leaves no file', async () => {
  const pictures = await Promise.all([1, 2, 3, 4].map((index) => drawPicture(1920, 1080, index)));
  const film = await openFilm(
    Array.from({ length: 600 }, (_, index) => pictures[index % 4] as Buffer),
    { quality: 'archive' },
  );
  const cancel = new AbortController();
  const running = film.run(cancel.signal);
  running.catch(() => {});
  await until(
    'ffmpeg encodes',
    async () => (await ffmpegsBelow()) === 1 && (await readdir(film.workFolder)).length === 1,
  );
  const start = performance.now();
  cancel.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
  expect(performance.now() - start).toBeLessThan(2000);
  expect(await ffmpegsBelow()).toBe(0);
  expect(await readdir(film.workFolder)).toEqual([]);
  expect(await objectsOf(film)).toEqual([]);
});

test('a film that nobody wants any more when it is ready leaves no object', async () => {
  const film = await openFilm([await drawPicture(64, 36)]);
  await film.runVideo(never);
  for (const address of film.missing()) await film.runSegment({ subject: address }, never);
  film.told.wanted = false;
  await film.runVideo(never);
  expect(await objectsOf(film, 'videos/')).toEqual([]);
});

test('a worker whose lease was lost while it wrote the file leaves nothing, and nothing of another worker is touched', async () => {
  const film = await openFilm([await drawPicture(64, 36)]);
  const stop = new AbortController();
  await film.runVideo(never);
  for (const address of film.missing()) await film.runSegment({ subject: address }, never);
  await film.store.write('videos/other.mp4', Buffer.from('x'), 'video/mp4');
  const { write } = film.store;
  film.store.write = async (...what) => {
    await write(...what);
    if (what[0].endsWith('.mp4')) stop.abort(new Error('not ours'));
  };
  await expect(film.runVideo(stop.signal)).rejects.toThrow('not ours');
  expect(film.told.ready).toBeNull();
  expect(await objectsOf(film, 'videos/')).toEqual(['videos/other.mp4']);
});

test('a picture that claims to be larger than the memory is left out', async () => {
  const whole = await drawPicture(64, 36);
  const bomb = Buffer.from(await drawPicture(64, 36, 1));
  // The size in the header of the frame (SOF0: ff c0, length, precision, height, width).
  bomb.writeUInt16BE(12_000, bomb.indexOf(Buffer.from([0xff, 0xc0])) + 5);
  bomb.writeUInt16BE(12_000, bomb.indexOf(Buffer.from([0xff, 0xc0])) + 7);
  const film = await openFilm([whole, bomb, whole], { fps: 2 });
  await film.run(never);
  expect(film.told.ready).toMatchObject({ framesDone: 2, framesLeftOut: 1 });
});

test('a film that is finished already is not made again', async () => {
  const film = await openFilm([await drawPicture(64, 36)]);
  film.told.state = 'ready';
  await film.run(never);
  expect(film.told.progress).toEqual([]);
});

test('progress is said, at most once a second', async () => {
  const clock = createHandClock();
  const drawn = await Promise.all(Array.from({ length: 40 }, (_, index) => drawPicture(64, 36, index)));
  const film = await openFilm(drawn, {}, { clock });
  const read = film.store.read.bind(film.store);
  // One after the other: pictures are read ahead, a few at once.
  let turn: Promise<unknown> = Promise.resolve();
  film.store.read = async (key, range) => {
    turn = turn.then(() => clock.advance(250));
    await turn;
    return read(key, range);
  };
  await film.run(never);
  const { progress } = film.told;
  expect(progress).toEqual([...new Set(progress)].sort((a, b) => a - b));
  // Ten seconds of the hand clock; pictures are read up to a second before they are fed.
  expect(progress.length).toBeGreaterThanOrEqual(5);
  expect(progress.length).toBeLessThanOrEqual(10);
});

test('an ffmpeg that takes nothing any more is stopped', async () => {
  const clock = createHandClock();
  const film = await openFilm(
    [await drawPicture(64, 36), await drawPicture(64, 36, 1), await drawPicture(64, 36, 2)],
    {},
    { clock, stuckAfterMs: 5000 },
  );
  const read = film.store.read.bind(film.store);
  film.store.read = (key, range) => (key === film.pictures[2]?.key ? new Promise(() => {}) : read(key, range));
  const running = film.run(never);
  running.catch(() => {});
  await until('ffmpeg runs', async () => (await ffmpegsBelow()) === 1);
  await until('it is stopped', async () => {
    await clock.advance(1000);
    return (await ffmpegsBelow()) === 0;
  });
});

test('half-made films of processes that are gone are swept when a worker starts, and those of one that lives are not', async () => {
  const folder = path.join(await openFolder(), 'work');
  const own = await openWorkFolder(folder, systemClock);
  const [host, , started] = path.basename(own).split('_');
  const stat = await readFile(`/proc/${process.ppid}/stat`, 'utf8');
  const [alive, dead, elsewhere] = [
    `${host}_${process.ppid}_${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`,
    `${host}_${process.ppid}_${Number(started) + 1}`,
    'another-host_1_7',
  ] as const;
  for (const name of [alive, dead, elsewhere]) await mkdir(path.join(folder, name));
  for (const name of [alive, dead, elsewhere, path.basename(own)])
    await writeFile(path.join(folder, name, 'half.mp4'), 'half');
  await writeFile(path.join(folder, 'vid-old.mp4'), 'half');
  await openWorkFolder(folder, systemClock);
  const left = async (name: string) => (await readdir(path.join(folder, name))).length;
  expect((await readdir(folder)).toSorted()).toEqual([alive, elsewhere, path.basename(own)].toSorted());
  expect([await left(alive), await left(elsewhere)]).toEqual([1, 1]);
  // Nobody can ask another machine: what has not moved for a day goes.
  await openWorkFolder(folder, { now: () => Date.now() + 90_000_000 });
  expect([await left(alive), await left(elsewhere)]).toEqual([1, 0]);
});

test('ffmpeg is started once for each segment, and asked nothing before', async () => {
  const folder = await openFolder();
  const log = path.join(folder, 'calls');
  const program = path.join(folder, 'ffmpeg');
  await writeFile(
    program,
    `#!/bin/sh\nprintf '%s\\n' "$*" >> "${log}"\nexec /usr/bin/env -i PATH=/usr/bin:/bin ffmpeg "$@"\n`,
    { mode: 0o755 },
  );
  const before = process.env.FFMPEG_PATH;
  process.env.FFMPEG_PATH = program;
  onTestFinished(() => {
    if (before === undefined) delete process.env.FFMPEG_PATH;
    else process.env.FFMPEG_PATH = before;
  });
  const fluent = (await import('fluent-ffmpeg')).default as unknown as () => { _forgetPaths(): void };
  fluent()._forgetPaths();
  onTestFinished(() => fluent()._forgetPaths());
  const film = await openFilm([await drawPicture(64, 36)]);
  await film.run(never);
  expect((await readFile(log, 'utf8')).trim().split('\n')).toHaveLength(1);
});
