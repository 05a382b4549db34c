import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type AccessUnit, createUnitSplitter } from '@slowlight/agent/src/capture/tap/access-units.ts';
import { createDecoders } from '@slowlight/agent/src/capture/tap/decoders.ts';
import { createPace } from '@slowlight/agent/src/capture/tap/pace.ts';
import { sequenceSetOf } from '@slowlight/agent/src/capture/tap/parameter-sets.ts';
import { reorders } from '@slowlight/agent/src/capture/tap/reordering.ts';
import type { Gop } from '@slowlight/agent/src/capture/tap/running-gop.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { neverAborted } from '../../rig/capture-parts.ts';
import { openFolder } from '../../rig/folder.ts';
import { readClock } from '../../rig/picture-clock.ts';
import { ownFfmpegs } from '../../rig/processes.ts';
import { createScene } from '../../rig/scene.ts';
import { until } from '../../rig/until.ts';

type Codec = 'h264' | 'hevc';
const START = Date.UTC(2026, 5, 1, 12);
const PICTURE_MS = 100;

/** So many pictures of one GOP; the clock in the first shows `START`, and each later one 100 ms more. */
async function encode(codec: Codec, extra: string[] = [], widthPx = 640, pictures = 12): Promise<AccessUnit[]> {
  const heightPx = 360;
  const scene = createScene({ widthPx, heightPx });
  const encoder = codec === 'h264' ? 'libx264' : 'libx265';
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${widthPx}x${heightPx}`, '-framerate', '10'];
  const quiet = codec === 'hevc' ? ['-x265-params', 'log-level=error:bframes=0:pools=1'] : ['-bf', '0'];
  const args = ['-v', 'error', ...raw, '-i', 'pipe:0', '-c:v', encoder, '-preset', 'ultrafast', '-g', '100', ...quiet];
  const child = spawn('ffmpeg', [...args, ...extra, '-f', codec, 'pipe:1'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const splitter = createUnitSplitter(codec);
  const units: AccessUnit[] = [];
  child.stdout.on('data', (chunk: Buffer) => units.push(...splitter.push(chunk, 0)));
  const closed = once(child, 'close');
  for (let picture = 0; picture < pictures; picture += 1)
    child.stdin.write(Buffer.from(scene.draw(START + picture * PICTURE_MS)));
  child.stdin.end();
  await closed;
  const last = splitter.unproven();
  return last === null ? units : [...units, last];
}

const gopOf = (units: readonly AccessUnit[]): Gop => ({ units, arrivedAtMs: 0, keyAtMs: 0 });

function openDecoders(most = 2, idleMs = 60_000, { clock = systemClock, ffmpegPath = 'ffmpeg' } = {}) {
  const decoders = createDecoders(clock, { most, idleMs, ffmpegPath });
  onTestFinished(() => decoders.close());
  const stream = (codec: Codec = 'h264') => ({ codec, parameterSets: Buffer.alloc(0), pace: createPace() });
  /** Which picture of the GOP came out, by its clock; `damaged`; with its width. */
  const decode = async (units: readonly AccessUnit[], codec: Codec = 'h264') => {
    const decoded = await decoders.decode(gopOf(units), stream(codec), neverAborted);
    if (decoded.kind === 'damaged') return 'damaged';
    const { pixels, widthPx, heightPx } = decoded.picture;
    return `${((readClock(pixels, widthPx, heightPx) ?? Number.NaN) - START) / PICTURE_MS} of ${widthPx}`;
  };
  return { decoders, decode, stream };
}

const resident = () => ownFfmpegs().filter(({ commandLine }) => commandLine.includes('ivf')).length;

describe('the decoder that stays', () => {
  it.each(['h264', 'hevc'] as const)('of %s gives the newest picture of each GOP, from one process', async (codec) => {
    const units = await encode(codec);
    const { decode } = openDecoders();
    expect(units.length).toBe(12);
    for (const count of [1, 12, 5, 6]) expect(await decode(units.slice(0, count), codec)).toBe(`${count - 1} of 640`);
    expect(resident()).toBe(1);
  });

  it('goes on from what it decoded ahead, and begins anew for another stream in between', async () => {
    const [mine, other] = await Promise.all([encode('h264'), encode('h264', [], 640, 3)]);
    const { decoders, decode, stream } = openDecoders();
    expect(await decode(mine.slice(0, 2))).toBe('1 of 640');
    decoders.ahead(gopOf(mine.slice(0, 8)), stream());
    expect(await decode(mine)).toBe('11 of 640');
    decoders.ahead(gopOf(mine.slice(0, 8)), stream());
    expect(await decode(other)).toBe('2 of 640');
    expect(await decode(mine.slice(0, 9))).toBe('8 of 640');
  });

  it('is fed ahead for one camera at a time, so that many that are due together do not make one another late', async () => {
    const [mine, other] = await Promise.all([encode('h264'), encode('h264', [], 640, 8)]);
    const { decoders, decode, stream } = openDecoders();
    expect(await decode(mine.slice(0, 2))).toBe('1 of 640');
    decoders.ahead(gopOf(mine.slice(0, 11)), stream());
    for (let camera = 0; camera < 5; camera += 1) decoders.ahead(gopOf(other.slice(0, 7)), stream());
    const leftToDecode: number[] = [];
    const pace = { ...createPace(), learn: (pictures: number) => void leftToDecode.push(pictures) };
    expect((await decoders.decode(gopOf(mine), { ...stream(), pace }, neverAborted)).kind).toBe('picture');
    expect(leftToDecode).toEqual([1]);
  });

  it.each(['h264', 'hevc'] as const)('leaves %s that is sent out of order to a process of its own', async (codec) => {
    const extra =
      codec === 'h264' ? ['-bf', '2', '-x264-params', 'b-adapt=0'] : ['-x265-params', 'log-level=error:bframes=2'];
    const units = await encode(codec, extra, 640, 13);
    const { decode } = openDecoders();
    expect(reorders(units, codec, Buffer.alloc(0))).toBe(true);
    // In the order of sending the first is shown first, and the fourth before the second.
    for (const [count, newest] of [
      [4, 3],
      [1, 0],
    ] as const)
      expect(await decode(units.slice(0, count), codec)).toBe(`${newest} of 640`);
    expect(resident()).toBe(0);
    for (const plain of [await encode(codec, [], 640, 3)]) expect(reorders(plain, codec, Buffer.alloc(0))).toBe(false);
  });

  it('that was silent twice is left out for ten minutes, and then tried again: the device may only have been busy', async () => {
    const folder = await openFolder();
    const [program, busy] = [path.join(folder, 'ffmpeg'), path.join(folder, 'busy')];
    // While the device is busy, what stays takes everything in and says nothing.
    const script = `#!/bin/sh\ncase "$*" in *ivf*) [ -e '${busy}' ] && exec cat > /dev/null;; esac\nexec ffmpeg "$@"\n`;
    await writeFile(program, script, { mode: 0o755 });
    await writeFile(busy, '');
    const units = await encode('h264', [], 640, 3);
    let passedMs = 0;
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + passedMs };
    const { decode } = openDecoders(2, 60_000, { clock, ffmpegPath: program });
    expect([await decode(units), await decode(units)]).toEqual(['2 of 640', '2 of 640']);
    await rm(busy);
    expect(await decode(units)).toBe('2 of 640');
    expect(resident()).toBe(0);
    passedMs = 10 * 60_000;
    expect(await decode(units)).toBe('2 of 640');
    expect(resident()).toBe(1);
  });

  it('is another one for another size, and none beyond the limit is kept', async () => {
    const [small, large] = await Promise.all([encode('h264'), encode('h264', [], 1280)]);
    const { decode } = openDecoders(1);
    expect(await decode(small)).toBe('11 of 640');
    expect(await decode(large)).toBe('11 of 1280');
    await until('the first has ended', () => resident() === 1);
    expect(await decode(small)).toBe('11 of 640');
  });

  it('says that a GOP is damaged, and the next one is whole again', async () => {
    const units = await encode('h264');
    const { decode } = openDecoders();
    // A part of it was lost on the way.
    const broken = units.map((unit, index) =>
      index === 3 ? { ...unit, bytes: unit.bytes.subarray(0, unit.bytes.length / 2) } : unit,
    );
    expect(await decode(broken)).toBe('damaged');
    expect(await decode(units)).toBe('11 of 640');
    // The same complaint a second time is not kept back.
    expect(await decode(broken)).toBe('damaged');
    expect(await decode(units.slice(0, 1).map((unit) => ({ ...unit, bytes: unit.bytes.subarray(0, 60) })))).toBe(
      'damaged',
    );
    expect(await decode(units)).toBe('11 of 640');
  });

  it('that was not heard out is never asked again, and one that nobody needs ends', async () => {
    const units = await encode('h264');
    const { decoders, decode, stream } = openDecoders(2, 300);
    const stop = new AbortController();
    const asking = decoders.decode(gopOf(units), stream(), stop.signal).catch((reason: unknown) => reason);
    stop.abort(new Error('called off'));
    expect(await asking).toMatchObject({ message: 'called off' });
    expect(await decode(units.slice(0, 4))).toBe('3 of 640');
    await until('it has ended', () => resident() === 0);
  });

  it('knows streams apart by the sequence parameter set that stands in them', async () => {
    const [small, large] = await Promise.all([encode('h264', [], 640, 2), encode('h264', [], 1280, 2)]);
    const setOf = (units: AccessUnit[]) => sequenceSetOf(units[0]?.bytes ?? Buffer.alloc(0), 'h264');
    expect((setOf(small)?.[0] ?? 0) & 0x1f).toBe(7);
    expect(setOf(small)?.equals(setOf(large) ?? Buffer.alloc(0))).toBe(false);
    expect(sequenceSetOf(small[1]?.bytes ?? Buffer.alloc(0), 'h264')).toBeNull();
  });
});
