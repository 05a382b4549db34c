import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Clock, deadline } from './clock.ts';
import { Failure, systemCode, withoutCredentials } from './failure.ts';

export interface ProgramOptions {
  program: string;
  /** A list, never a line: no shell reads it. */
  args: readonly string[];
  clock: Clock;
  /** TERM after this time, KILL two seconds later. */
  deadlineMs: number;
  signal: AbortSignal;
  /** Written to the program's input, which is then closed; nothing: closed from the start. */
  input?: Uint8Array | Readable;
  /** Most bytes of output that are kept; more is a failure. */
  mostOutputBytes?: number;
}

export interface ProgramResult {
  exitCode: number;
  output: Buffer;
  /** The last 4 KB of what it said on stderr, credentials cut. */
  complaint: string;
}

const KILL_AFTER_MS = 2000;
const COMPLAINT_BYTES = 4096;

/**
 * Runs a program to its end and gives what it wrote; a non-zero exit is a value, not a failure.
 * @throws Failure `program.missing` | `program.timed-out` | `program.too-much-output` | `program.killed`; the signal's reason when it aborts
 */
export async function runProgram(options: ProgramOptions): Promise<ProgramResult> {
  options.signal.throwIfAborted();
  const limit = deadline(options.clock, options.deadlineMs, options.signal);
  const most = options.mostOutputBytes ?? 16 * 1024 * 1024;
  const child = spawn(options.program, options.args, {
    shell: false,
    windowsHide: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  let outputBytes = 0;
  let complaint = Buffer.alloc(0);
  const stopped = new AbortController();

  const stop = () => {
    child.kill('SIGTERM');
    void options.clock.sleep(KILL_AFTER_MS, stopped.signal).then(() => {
      if (!stopped.signal.aborted) child.kill('SIGKILL');
    });
  };
  limit.signal.addEventListener('abort', stop, { once: true });
  child.stdout?.on('data', (chunk: Buffer) => {
    outputBytes += chunk.length;
    if (outputBytes > most) child.kill('SIGKILL');
    else output.push(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = Buffer.concat([complaint, chunk]).subarray(-COMPLAINT_BYTES);
  });
  if (child.stdin && options.input !== undefined) {
    // The program may end before it has read everything: its exit code says whether that is a fault.
    child.stdin.on('error', () => {});
    if (options.input instanceof Uint8Array) child.stdin.end(options.input);
    else options.input.pipe(child.stdin);
  }

  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code));
    });
    const said = withoutCredentials(complaint.toString('utf8')).trim();
    if (outputBytes > most) throw tooMuch(options.program, most);
    if (limit.signal.aborted) throw limit.signal.reason;
    if (exitCode === null) throw killed(options.program, said);
    return { exitCode, output: Buffer.concat(output), complaint: said };
  } catch (cause) {
    throw translate(cause, options);
  } finally {
    limit.signal.removeEventListener('abort', stop);
    limit.clear();
    stopped.abort();
  }
}

function translate(cause: unknown, { program, deadlineMs, signal }: ProgramOptions): unknown {
  if (cause instanceof Failure || signal.aborted) return cause;
  if (systemCode(cause) === 'ENOENT')
    return new Failure({
      code: 'program.missing',
      message: `${program} is not installed`,
      hint: `Install ${program} (on Debian, Ubuntu or Raspberry Pi OS: sudo apt-get install ${program}).`,
      retry: 'later',
      cause,
    });
  return new Failure({
    code: 'program.timed-out',
    message: `${program} was stopped: it took longer than ${deadlineMs} ms`,
    hint: 'The machine may be overloaded, or what it read from was silent.',
    retry: 'soon',
    cause,
  });
}

const tooMuch = (program: string, most: number) =>
  new Failure({
    code: 'program.too-much-output',
    message: `${program} wrote more than ${most} bytes`,
    hint: 'The picture or stream is larger than this device takes.',
    retry: 'never',
  });
const killed = (program: string, said: string) =>
  new Failure({
    code: 'program.killed',
    message: `${program} was ended by somebody else${said === '' ? '' : `: ${said}`}`,
    hint: 'The system may be short of memory.',
    retry: 'soon',
  });
