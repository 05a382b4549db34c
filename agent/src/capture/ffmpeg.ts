/**
 * Every run of ffmpeg in the agent, and the only file that knows fluent-ffmpeg (see docs/decisions on how it would be
 * replaced). Argument lists are made by pure functions; here they are handed to the library, which starts the process and
 * pipes its streams.
 *
 * Promise: no shell; input closed unless fed; TERM at the deadline or when the signal aborts, KILL two seconds later;
 * `ended` resolves exactly once, when the process is gone; what it said is bounded. When it fails to start, `ended` says so.
 */

import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { type Clock, deadline, Failure, systemCode, withoutCredentials } from '@slowlight/protocol/kit';
import fluent from 'fluent-ffmpeg';

export interface FfmpegOptions {
  clock: Clock;
  /** Where ffmpeg lies; default: found in the PATH. */
  ffmpegPath?: string;
  /** Ended after this time, ms; null: runs until it ends by itself or the signal aborts. */
  deadlineMs: number | null;
  signal: AbortSignal;
  /** Written to its input; nothing: its input is closed. */
  input?: Iterable<Uint8Array> | Readable;
  /** Told what it says, as it says it; it may hold credentials. */
  onComplaint?: (text: string) => void;
}

export interface FfmpegEnd {
  /** Null when a signal ended it. */
  exitCode: number | null;
  /** True when its time was over. */
  timedOut: boolean;
  /** The last lines that it said, credentials cut. */
  complaint: string;
}

export interface FfmpegRun {
  output: Readable;
  /** @throws Failure `ffmpeg.missing` */
  ended: Promise<FfmpegEnd>;
}

const KILL_AFTER_MS = 2000;
const COMPLAINT_LINES = 20;
const COMPLAINT_CHARACTERS = 2000;

/** The library's inner doors that this file closes or guards; they have been the same since its version 2.0. */
interface InnerDoors {
  _checkCapabilities(done: (fault: null) => void): void;
  availableEncoders(done: (fault: null, encoders: object) => void): void;
  _getArguments(): string[];
  _getFfmpegPath(done: (fault: unknown, path: string) => void): void;
  _spawnFfmpeg(args: string[], options: SpawnOptions, onProcess: OnProcess, onEnd: OnEnd): void;
}
type Ring = { get(): string };
type OnProcess = (child: ChildProcess, stdout: Ring, stderr: Ring) => void;
type OnEnd = (fault: Error | null, stdout?: Ring, stderr?: Ring) => void;

/** Starts ffmpeg. @throws Failure `ffmpeg.bad-argument` */
export function startFfmpeg(args: readonly string[], options: FfmpegOptions): FfmpegRun {
  refuseOdd(args);
  // Without a 'close' of the output, after which the library would kill a process that is just ending.
  const output = new PassThrough({ emitClose: false, highWaterMark: 1024 * 1024 });
  const command = fluent({ stdoutLines: COMPLAINT_LINES });
  const { input } = options;
  if (input !== undefined)
    command.input(input instanceof Readable ? input : Readable.from(input, { objectMode: false }));
  command.output(output);
  guard(command as unknown as InnerDoors, args, options);
  return { output, ended: follow(command, options).finally(() => output.end()) };
}

/**
 * Three doors: no capability checks (each is a process of its own, and their tables changed with ffmpeg 7); our argument
 * list as it is (the library would split values at blanks); and a spawn with closed input that survives a missing program.
 */
function guard(doors: InnerDoors, args: readonly string[], { ffmpegPath, input }: FfmpegOptions): void {
  doors._checkCapabilities = (done) => done(null);
  doors.availableEncoders = (done) => done(null, {});
  doors._getArguments = () => [...args];
  if (ffmpegPath !== undefined) doors._getFfmpegPath = (done) => done(null, ffmpegPath);
  const spawn = doors._spawnFfmpeg;
  const silence: Ring = { get: () => '' };
  doors._spawnFfmpeg = function guarded(list, options, onProcess, onEnd) {
    const stdin = input === undefined ? 'ignore' : 'pipe';
    spawn.call(
      doors,
      list,
      { ...options, shell: false, stdio: [stdin, 'pipe', 'pipe'] },
      onProcess,
      (fault, out, err) => onEnd(fault, out ?? silence, err ?? silence),
    );
  };
}

async function follow(command: fluent.FfmpegCommand, options: FfmpegOptions): Promise<FfmpegEnd> {
  const over = new AbortController();
  const limit =
    options.deadlineMs === null
      ? { signal: options.signal, clear: () => {} }
      : deadline(options.clock, options.deadlineMs, options.signal);
  const child = () => (command as unknown as { ffmpegProc?: ChildProcess }).ffmpegProc;
  // A signal that lives on would hold whoever listens, and with him all that was handed in.
  let leave = () => {};
  const stop = (running: ChildProcess) => {
    running.kill('SIGTERM');
    void options.clock.sleep(KILL_AFTER_MS, over.signal).then(() => {
      if (!over.signal.aborted) running.kill('SIGKILL');
    });
  };
  try {
    return await new Promise<FfmpegEnd>((resolve, reject) => {
      let said = '';
      const end = (exitCode: number | null) =>
        resolve({
          exitCode,
          timedOut: limit.signal.aborted && !options.signal.aborted,
          complaint: withoutCredentials(said.slice(-COMPLAINT_CHARACTERS)).trim(),
        });
      command.on('start', () => {
        const running = child();
        if (running === undefined) return;
        running.stderr?.on('data', (text: string) => {
          said = (said + text).slice(-COMPLAINT_CHARACTERS * 2);
          options.onComplaint?.(text);
        });
        // `close` comes after the streams are at their end, whether or not the program could be started.
        void once(running, 'close').then(([code]) => end(code as number | null), reject);
        const onAbort = () => stop(running);
        leave = () => limit.signal.removeEventListener('abort', onAbort);
        if (limit.signal.aborted) onAbort();
        else limit.signal.addEventListener('abort', onAbort, { once: true });
      });
      command.on('error', (fault: Error) => {
        if (child() === undefined && said === '' && isMissing(fault)) reject(missing(fault));
      });
      command.run();
    });
  } catch (cause) {
    throw isMissing(cause) ? missing(cause) : cause;
  } finally {
    leave();
    limit.clear();
    over.abort();
  }
}

/** A value that begins with `-` would be read as an option; a missing one would shift all that follow. */
function refuseOdd(args: readonly string[]): void {
  const odd = args.find((arg, index) => arg.includes('\0') || (args[index - 1] === '-i' && arg.startsWith('-')));
  if (odd === undefined) return;
  throw new Failure({
    code: 'ffmpeg.bad-argument',
    message: 'an input of ffmpeg begins with a dash or holds a zero byte',
    hint: 'Check the camera’s address.',
    retry: 'never',
  });
}

function isMissing(fault: unknown): boolean {
  return systemCode(fault) === 'ENOENT' || (fault instanceof Error && fault.message.includes('Cannot find ffmpeg'));
}

function missing(cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  return new Failure({
    code: 'ffmpeg.missing',
    message: 'ffmpeg is not installed',
    hint: 'Install it (on Debian, Ubuntu or Raspberry Pi OS: sudo apt-get install ffmpeg), or name its path in the settings.',
    retry: 'later',
    cause,
  });
}
