#!/usr/bin/env node
/** The process: its Node, its signals, its exit code. Everything else is in `control-plane.ts`. */
import { enableCompileCache } from 'node:module';
import type { Logger } from 'pino';
import { beginCompiled } from './begin-compiled.ts';
import type { Config } from './config.ts';

const LEAST_NODE = 22;
/** After this time a stop that hangs is ended by force, ms. */
const STOP_WITHIN_MS = 4500;

if (Number.parseInt(process.versions.node, 10) < LEAST_NODE) {
  process.stderr.write(
    `Slowlight needs Node ${LEAST_NODE} or newer; this is ${process.versions.node}. ` +
      'Start it with npm start in Slowlight’s folder, which brings the right one.\n',
  );
  process.exit(1);
}
enableCompileCache?.();

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stop.abort());

const { destination, multistream, pino } = await import('pino');
const { onInputEnd, systemClock, toFailure } = await import('@slowlight/protocol/kit');
// Whoever starts it as a child with a pipe as its input takes it along when it goes, however it goes.
if (process.argv.includes('--end-with-input')) onInputEnd(process.stdin, () => stop.abort());

const [command, ...given] = process.argv.slice(2);
if (command !== undefined && (!command.startsWith('-') || command === '--help')) {
  const { runCommand } = await import('./run-command.ts');
  const write = (text: string) => void process.stdout.write(text);
  process.exit(await runCommand({ command, given }, { clock: systemClock, environment: process.env, write }));
}

try {
  const { readConfig } = await import('./config.ts');
  const config = readConfig(process.env);
  if (process.env.NODE_COMPILE_CACHE !== undefined) await beginCompiled(() => loadAll(config), stop.signal);
  const { createLogs } = await import('./logs/logs.ts');
  const { restMemory } = await import('./rest-memory.ts');
  const logs = createLogs({ startedAt: systemClock.now() });
  const kept = { level: 'trace', stream: logs } as const;
  const log = pino(
    { level: config.logLevel, base: null },
    multistream([{ level: 'trace', stream: destination({ dest: 1, sync: true }) }, kept]),
  );
  if (!config.roles.serves) await workOnly(config, log);
  const { createControlPlane } = await import('./control-plane.ts');
  const controlPlane = await createControlPlane(config, { clock: systemClock, log, logs });
  if (controlPlane.firstPassword !== null) showFirstPassword(controlPlane.address, controlPlane.firstPassword);
  const running = Promise.all([controlPlane.run(stop.signal), restMemory(systemClock, stop.signal)]);
  log.info({ address: controlPlane.address, brokerUrl: controlPlane.brokerUrl }, 'ready');
  stop.signal.addEventListener('abort', () => void forceStop(), { once: true });
  await running;
  await controlPlane.close();
  log.info('stopped');
  process.exit(0);
} catch (thrown) {
  const { code, message, hint } = toFailure(thrown);
  pino({ base: null }).fatal({ code }, `${message} ${hint}`);
  process.exit(1);
}

/** Every program that may be needed, and nothing of it is begun. */
async function loadAll(config: Config): Promise<void> {
  const { loadParts } = await import('./open-parts.ts');
  const programs = [import('./control-plane.ts'), import('./worker-program.ts')];
  const small = [import('./logs/logs.ts'), import('./rest-memory.ts')];
  await Promise.all([...programs, ...small, loadParts(config), import('./wire-rendering.ts')]);
}

async function workOnly(config: Config, log: Logger): Promise<never> {
  const { createWorkerProgram } = await import('./worker-program.ts');
  const { restMemory } = await import('./rest-memory.ts');
  const worker = await createWorkerProgram(config, { clock: systemClock, log });
  const running = Promise.all([worker.run(stop.signal), restMemory(systemClock, stop.signal)]);
  log.info({ roles: ['worker'] }, 'ready');
  stop.signal.addEventListener('abort', () => void forceStop(), { once: true });
  await running;
  await worker.close();
  log.info('stopped');
  process.exit(0);
}

/** Printed beside the log, once: it is stored nowhere. */
function showFirstPassword(address: string, password: string): void {
  process.stdout.write(
    `\n  Slowlight is at ${address}\n  Log in as admin with the password ${password}\n  (shown only now; change it when you are in)\n\n`,
  );
}

async function forceStop(): Promise<void> {
  await systemClock.sleep(STOP_WITHIN_MS, new AbortController().signal);
  pino({ base: null }).fatal('did not stop in time; what was committed is safe');
  process.exit(1);
}
