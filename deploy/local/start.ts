/**
 * `npm start`: the product for real use on one machine, everything in `./data`. A program that dies is started again with
 * growing patience; a start that cannot succeed (a port that is taken, a wrong setting) is told and ends everything.
 */

import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import pretty from 'pino-pretty';
import { addresses, startAgent, startControlPlane } from './product.ts';
import type { LogLine, Program } from './program.ts';

/** The exit code of an agent that was asked to restart: EX_TEMPFAIL of sysexits.h. */
const RESTART_ASKED = 75;
const FIRST_PATIENCE_MS = 1000;
const MOST_PATIENCE_MS = 30_000;

const dataDir = path.resolve('data');
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

const screen = pretty({
  ignore: 'pid,hostname,program,part',
  messageFormat: '{program}: {msg}',
  singleLine: true,
  sync: true,
  errorLikeObjectKeys: [],
});
const onLine = (line: LogLine) => {
  if (line.plain) process.stdout.write(`${line.msg}\n`);
  else screen.write(`${JSON.stringify(line)}\n`);
};
/** The programs' own settings: this process's environment, and the one file; the environment wins. */
function settings(prefix: RegExp): Record<string, string> {
  const all = Object.entries({ ...readSettingsFile(), ...process.env });
  return Object.fromEntries(
    all.flatMap(([name, value]) => (prefix.test(name) && value !== undefined ? [[name, value]] : [])),
  );
}

/** A file that cannot be read is told by the control plane, which reads it too. */
function readSettingsFile(): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(process.env.SLOWLIGHT_CONFIG || 'slowlight.env', 'utf8'));
  } catch {
    return {};
  }
}

await mkdir(dataDir, { recursive: true, mode: 0o700 });
const environment = settings(/^SLOWLIGHT_(?!AGENT_)/);
const agentEnvironment = settings(/^SLOWLIGHT_AGENT_/);
const common = { dataDir, folder: process.cwd(), agentEnvironment, onLine };
let brokerUrl = '';

const first = await begin(() => startControlPlane({ ...common, environment }));
({ brokerUrl } = await addresses(first));
const agent = await begin(() => startAgent({ ...common, brokerUrl }), first);
const agentGone = keep(agent, () => startAgent({ ...common, brokerUrl }));
// The agent goes first, so that it can say goodbye.
await keep(first, () => startControlPlane({ ...common, environment }), agentGone);
process.exit(0);

/** The first start of a program: when it fails, everything ends, since only a person can mend it. */
async function begin(start: () => Program, before?: Program): Promise<Program> {
  const program = start();
  try {
    await program.ready;
    return program;
  } catch {
    await before?.stop();
    process.exit(1);
  }
}

/** Keeps a program running until we are asked to stop and `others` have. */
async function keep(program: Program, start: () => Program, others?: Promise<void>): Promise<void> {
  let patienceMs = FIRST_PATIENCE_MS;
  for (let running = program; ; running = start()) {
    const since = performance.now();
    const stopped = new Promise<'asked'>((resolve) => {
      if (stop.signal.aborted) resolve('asked');
      stop.signal.addEventListener('abort', () => resolve('asked'), { once: true });
    });
    const end = await Promise.race([running.exited, stopped]);
    if (end === 'asked') {
      await others;
      await running.stop();
      return;
    }
    if (end === RESTART_ASKED) {
      onLine({ level: 30, time: Date.now(), msg: 'a restart was asked for', program: 'start' });
      continue;
    }
    if (performance.now() - since > 60_000) patienceMs = FIRST_PATIENCE_MS;
    onLine({
      level: 40,
      time: Date.now(),
      msg: `a program ended unexpectedly; it is started again in ${patienceMs / 1000} s`,
      program: 'start',
    });
    await wait(patienceMs * (0.5 + Math.random() / 2), undefined, { signal: stop.signal }).catch(() => {});
    if (stop.signal.aborted) return;
    patienceMs = Math.min(MOST_PATIENCE_MS, patienceMs * 2);
  }
}
