/**
 * The one place that runs ffmpeg in the control plane, and the only one that knows fluent-ffmpeg: it is given whole
 * argument lists, so that another runner can take its place.
 */
import type { Readable } from 'node:stream';
import { type Clock, Failure, runProgram, withoutCredentials } from '@slowlight/protocol/kit';
import fluent from 'fluent-ffmpeg';
import { z } from 'zod';
import type { FilmMeasures } from './film-plan.ts';

export interface FfmpegRun {
  /** What stands before and after `-i`. */
  args: {
    input: readonly string[];
    /** A second input, whole, with the `-i` and the address at its end; nothing: there is none. */
    second?: readonly string[];
    output: readonly string[];
  };
  /** Read to its end. It must not fail: whoever feeds it aborts the signal instead, and ffmpeg is gone before we settle. */
  input: Readable;
  /** Overwritten. */
  outputPath: string;
}

const GLOBAL_ARGUMENTS = ['-hide_banner', '-nostats', '-loglevel', 'warning'];
/** Films can wait; taking in and showing pictures cannot. */
const NICENESS = 10;
const COMPLAINT_CHARACTERS = 600;
const PROBE_DEADLINE_MS = 120_000;
const VERSION_DEADLINE_MS = 20_000;

/**
 * Runs ffmpeg to its end. When the signal aborts it is killed; this settles after it is gone.
 * @throws Failure `ffmpeg.missing` | `ffmpeg.failed`; the signal's reason when that aborted
 */
export async function runFfmpeg({ args, input, outputPath }: FfmpegRun, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const command = fluent({ source: input, niceness: NICENESS, stdoutLines: 50 }).inputOptions(
    ...GLOBAL_ARGUMENTS,
    ...args.input,
  );
  const address = args.second?.at(-1);
  if (args.second !== undefined && address !== undefined)
    command.input(address).inputOptions(...args.second.slice(0, -2));
  command.outputOptions(...args.output).output(outputPath);
  skipCapabilityCheck(command, args);
  const kill = () => command.kill('SIGKILL');
  try {
    await new Promise<void>((resolve, reject) => {
      command
        .on('start', () => signal.aborted && kill())
        .on('end', () => resolve())
        .on('error', (cause: Error, _output: unknown, complaint: unknown) => reject(failureOf(cause, complaint)));
      signal.addEventListener('abort', kill, { once: true });
      command.run();
    });
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', kill);
    input.destroy();
  }
  signal.throwIfAborted();
}

/**
 * The library would first run `ffmpeg -formats` and `-encoders`: two more processes, and it cannot read the table that
 * ffmpeg 7 prints. ffmpeg itself says what it lacks, so the questions are answered with what the arguments ask for.
 */
function skipCapabilityCheck(command: fluent.FfmpegCommand, { input, second = [], output }: FfmpegRun['args']): void {
  const formats = [...input, ...second, ...output].filter((_, index, all) => all[index - 1] === '-f');
  const known = Object.fromEntries(formats.map((name) => [name, { description: name, canDemux: true, canMux: true }]));
  // Its types forget that no error is null.
  const noError = null as unknown as Error;
  command.availableFormats = (answer) => answer(noError, known);
  command.availableEncoders = (answer) => answer(noError, {});
}

function failureOf(cause: Error, complaint: unknown): Failure {
  if (/cannot find ffmpeg/i.test(cause.message))
    return new Failure({
      code: 'ffmpeg.missing',
      message: 'ffmpeg is not installed',
      hint: 'Install it: sudo apt-get install ffmpeg.',
      retry: 'later',
      cause,
    });
  const said = withoutCredentials(typeof complaint === 'string' ? complaint : '').trim();
  return new Failure({
    code: 'ffmpeg.failed',
    message: `ffmpeg failed: ${(said === '' ? cause.message : said).slice(-COMPLAINT_CHARACTERS)}`,
    hint: /no space left/i.test(said)
      ? 'Make room on the disk of the control plane, then retry the job.'
      : 'Look whether the disk is full and whether this ffmpeg has libx264 (ffmpeg -encoders); then retry the job.',
    retry: 'later',
    cause,
  });
}

const probed = z.object({
  streams: z.tuple([
    z.object({
      width: z.int(),
      height: z.int(),
      duration: z.coerce.number(),
      nb_read_packets: z.coerce.number().int(),
    }),
  ]),
  format: z.object({ size: z.coerce.number().int() }),
});

/**
 * Measures a film by reading all its packets.
 * @throws Failure `program.missing` | `ffmpeg.film-unreadable`; the signal's reason when that aborted
 */
export async function measureFilm(
  file: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<FilmMeasures> {
  const entries = 'stream=width,height,duration,nb_read_packets:format=size';
  const { exitCode, output, complaint } = await runProgram({
    program: 'ffprobe',
    args: ['-v', 'error', '-select_streams', 'v:0', '-count_packets', '-show_entries', entries, '-of', 'json', file],
    clock,
    deadlineMs: PROBE_DEADLINE_MS,
    signal,
  });
  const read = exitCode === 0 ? probed.safeParse(JSON.parse(output.toString('utf8'))) : null;
  if (read?.success !== true)
    throw new Failure({
      code: 'ffmpeg.film-unreadable',
      message: `the film that ffmpeg made cannot be read: ${complaint.slice(-COMPLAINT_CHARACTERS)}`,
      hint: 'Look whether the disk is full; then retry the job.',
      retry: 'later',
      cause: read?.error,
    });
  const [{ width, height, duration, nb_read_packets: frames }] = read.data.streams;
  return { frames, durationMs: duration * 1000, widthPx: width, heightPx: height, sizeBytes: read.data.format.size };
}

/** Such as `5.1.9-0+deb12u1`; `unknown` where it does not say. @throws Failure `program.missing`; the signal's reason */
export async function ffmpegVersion({ clock, signal }: { clock: Clock; signal: AbortSignal }): Promise<string> {
  const { output } = await runProgram({
    program: 'ffmpeg',
    args: ['-version'],
    clock,
    deadlineMs: VERSION_DEADLINE_MS,
    signal,
  });
  return /^ffmpeg version (\S+)/.exec(output.toString('utf8'))?.[1] ?? 'unknown';
}
