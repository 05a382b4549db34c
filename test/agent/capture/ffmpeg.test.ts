import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import path from 'node:path';
import { type FfmpegOptions, startFfmpeg } from '@slowlight/agent/src/capture/ffmpeg.ts';
import { residentArguments, tapArguments } from '@slowlight/agent/src/capture/tap/arguments.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { neverAborted } from '../../rig/capture-parts.ts';
import { listProcesses, ownFfmpegs } from '../../rig/processes.ts';
import { until } from '../../rig/until.ts';

const options = (more: Partial<FfmpegOptions> = {}): FfmpegOptions => ({
  clock: systemClock,
  deadlineMs: 10_000,
  signal: neverAborted,
  ...more,
});
const quiet = ['-hide_banner', '-loglevel', 'error'];
const endless = [...quiet, '-re', '-f', 'lavfi', '-i', 'testsrc=size=64x64', '-f', 'null', '-'];

async function run(args: string[], more: Partial<FfmpegOptions> = {}) {
  const { output, ended } = startFfmpeg(args, options(more));
  const pieces: Buffer[] = [];
  output.on('data', (piece: Buffer) => pieces.push(piece));
  return { ...(await ended), output: Buffer.concat(pieces) };
}

describe('a run of ffmpeg', () => {
  it('gives its output and its exit code, and starts no other process to look what it can', async () => {
    const before = new Set(listProcesses().map(({ pid }) => pid));
    const args = [
      ...quiet,
      '-f',
      'lavfi',
      '-i',
      'color=red:size=16x16',
      '-frames:v',
      '1',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      'pipe:1',
    ];
    const started = new Set<number>();
    const running = run(args);
    const end = await until('it has ended', () => {
      for (const { pid, parentPid } of listProcesses())
        if (parentPid === process.pid && !before.has(pid)) started.add(pid);
      return Promise.race([running, null]);
    });
    expect(started.size).toBe(1);
    expect(end).toMatchObject({ exitCode: 0, timedOut: false });
    expect(end.output.length).toBe(16 * 16 * 3);
  });

  it('leaves nothing behind at a signal that lives on', async () => {
    const { signal } = new AbortController();
    await run(['-version'], { signal, deadlineMs: null });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('is fed from memory', async () => {
    const end = await run(
      [
        ...quiet,
        '-f',
        'rawvideo',
        '-pix_fmt',
        'gray',
        '-video_size',
        '4x2',
        '-i',
        'pipe:0',
        '-f',
        'rawvideo',
        'pipe:1',
      ],
      {
        input: [Buffer.from([1, 2, 3, 4]), Buffer.from([5, 6, 7, 8])],
      },
    );
    expect([...end.output]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('ends at its deadline, or when it is called off', async () => {
    expect(await run(endless, { deadlineMs: 300 })).toMatchObject({ timedOut: true });
    const stop = new AbortController();
    const ending = run(endless, { deadlineMs: null, signal: stop.signal });
    await until('it runs', () => ownFfmpegs().length > 0);
    stop.abort();
    expect(await ending).toMatchObject({ timedOut: false });
    expect(ownFfmpegs()).toEqual([]);
  });

  it('that cannot read says why, with credentials cut and in bounds', async () => {
    const end = await run([...quiet, '-i', 'http://user:secret@127.0.0.1:1/x', '-f', 'null', '-']);
    expect(end.exitCode).not.toBe(0);
    expect(end.complaint).not.toBe('');
    expect(end.complaint).not.toContain('secret');
    expect(end.complaint.length).toBeLessThanOrEqual(2000);
  });

  it('that is not installed says so', async () => {
    await expect(run(endless, { ffmpegPath: '/nowhere/ffmpeg' })).rejects.toMatchObject({ code: 'ffmpeg.missing' });
  });

  it('refuses an input that would be read as an option', () => {
    expect(() => startFfmpeg(['-i', '-version'], options())).toThrow(
      expect.objectContaining({ code: 'ffmpeg.bad-argument' }),
    );
  });

  it.each([
    ['the tap', tapArguments('rtsp://127.0.0.1:1/x', 'h264', true)],
    ['the decoder', residentArguments('hevc')],
  ])('%s says which protocols it may use before it says from where', (_, args) => {
    expect(args.indexOf('-protocol_whitelist')).toBeGreaterThan(-1);
    expect(args.indexOf('-protocol_whitelist')).toBeLessThan(args.indexOf('-i'));
  });
});

describe('when the program dies', () => {
  it('no ffmpeg of it stays behind, neither the camera’s encoder nor the tap', async () => {
    const program = path.join(import.meta.dirname, '../../rig/camera-crasher.ts');
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    const orphans = listProcesses().filter(({ parentPid }) => parentPid === child.pid);
    expect(orphans.length).toBe(2);
    child.kill('SIGKILL');
    const alive = () => listProcesses().filter(({ pid }) => orphans.some((orphan) => orphan.pid === pid));
    await until('both have ended', () => alive().length === 0);
  });
});
