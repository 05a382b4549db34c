import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One line of a program's log: pino's JSON, or the text of a line that is none. */
export interface LogLine {
  /** pino's number: 30 info, 40 warn, 50 error, 60 fatal. */
  level: number;
  time: number | string;
  msg: string;
  /** Not JSON: text that was meant for a person. */
  plain?: true;
  [field: string]: unknown;
}

export interface Program {
  /** The fields of its log line `ready`; rejects when it ends before, with what it said. */
  ready: Promise<LogLine>;
  /** Resolves with its exit code, or null when a signal ended it. */
  exited: Promise<number | null>;
  pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Asks it to stop clean; kills it when it has not within `patienceMs`. Gives whether it stopped by itself. */
  stop(patienceMs?: number): Promise<boolean>;
}

export interface ProgramOptions {
  /** The `main.ts` to run with this Node. */
  script: string;
  /** For Node itself. */
  nodeArgs?: readonly string[];
  /** Its working directory. */
  folder: string;
  environment: Record<string, string>;
  onLine: (line: LogLine) => void;
}

/**
 * Starts one program of the product as a process of its own and reads its log. The program gets nothing of this
 * process's `SLOWLIGHT_*` variables but what `environment` names.
 */
export function startProgram({ script, nodeArgs = [], folder, environment, onLine }: ProgramOptions): Program {
  // In a group of its own: Ctrl-C reaches us alone, and we stop the programs in their right order.
  // Its input is a pipe that nobody writes to: when this process goes, even by SIGKILL, it closes and the program stops clean.
  const child = spawn(process.execPath, [...nodeArgs, script, '--end-with-input'], {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin.on('error', () => {});
  const said: string[] = [];
  const ready = Promise.withResolvers<LogLine>();
  const exited = Promise.withResolvers<number | null>();
  // Nobody needs to wait for `ready`: whoever does is told.
  ready.promise.catch(() => {});

  const read = (text: string) => {
    const line = readLine(text);
    if (line.level >= 50 || line.plain) said.push(line.msg);
    onLine(line);
    if (line.msg === 'ready') ready.resolve(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', read);
  child.once('error', (cause) => ready.reject(cause));
  child.once('close', (code) => {
    ready.reject(new Error(said.slice(-5).join('\n') || `${script} ended before it was ready (exit code ${code})`));
    exited.resolve(code);
  });

  return {
    ready: ready.promise,
    exited: exited.promise,
    pid: child.pid ?? -1,
    kill: (signal) => {
      child.kill(signal);
    },
    stop: (patienceMs = 5000) => stop(child, exited.promise, patienceMs),
  };
}

async function stop(child: ChildProcess, exited: Promise<number | null>, patienceMs: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  child.kill('SIGTERM');
  let patience: NodeJS.Timeout | undefined;
  const outOfPatience = new Promise<'late'>((resolve) => {
    patience = setTimeout(() => resolve('late'), patienceMs);
  });
  const outcome = await Promise.race([exited, outOfPatience]);
  clearTimeout(patience);
  if (outcome !== 'late') return true;
  child.kill('SIGKILL');
  await exited;
  return false;
}

const LEVELS: Record<string, number> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

function readLine(text: string): LogLine {
  try {
    const line: unknown = JSON.parse(text);
    if (line !== null && typeof line === 'object' && 'msg' in line && 'level' in line)
      return { ...line, level: LEVELS[String(line.level)] ?? Number(line.level) } as LogLine;
  } catch {
    // Not every line is JSON: text for people, or the run time itself, is passed on as it is.
  }
  return { level: 30, time: Date.now(), msg: text, plain: true };
}

/** What a program needs from this process's environment besides its own settings. */
export function plainEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS', 'SystemRoot'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
