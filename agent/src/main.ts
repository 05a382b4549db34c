#!/usr/bin/env node
/** The process: refuses what cannot work, starts the agent, stops it on SIGTERM or SIGINT. Exit code 0: stopped clean. */
import { enableCompileCache } from 'node:module';
import type { CliAsked } from './wire-cli.ts';

const OLDEST_NODE = 22;
const EXIT_FAILED = 1;
/** EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;
/** EX_TEMPFAIL of sysexits.h: start it again, somebody asked for it. */
const EXIT_RESTART = 75;
/** EX_CONFIG of sysexits.h: starting again without a change is of no use. */
const EXIT_CONFIG = 78;
/** How long a clean stop may take, ms. */
const STOP_MS = 4500;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `Slowlight's agent needs Node.js ${OLDEST_NODE} or newer, this is ${process.versions.node}. Install a newer Node.js, or start it through npm, which brings its own.\n`,
  );
  process.exitCode = EXIT_CONFIG;
} else {
  enableCompileCache();
  await main();
}

async function main(): Promise<void> {
  // Loaded here, because an older Node would not survive it.
  const { HELP, parseArguments } = await import('./cli/arguments.ts');
  const asked = parseArguments(process.argv.slice(2));
  switch (asked.verb) {
    case 'run':
      return run(asked);
    case 'help':
      process.stdout.write(HELP);
      return;
    case 'version':
      process.stdout.write(`${(await import('./version.ts')).VERSION}\n`);
      return;
    case 'wrong':
      process.stderr.write(`${asked.problem}\n\n${HELP}`);
      process.exitCode = EXIT_USAGE;
      return;
    default:
      return tell(asked);
  }
}

/** Everything but running: says what was asked for, then ends. */
async function tell(asked: CliAsked): Promise<void> {
  const [{ readConfig }, { runCli }, kit, { pino }] = await Promise.all([
    import('./config.ts'),
    import('./wire-cli.ts'),
    import('@slowlight/protocol/kit'),
    import('pino'),
  ]);
  // What the rooms log goes beside the answer, not into it.
  const log = pino({ level: 'error' }, pino.destination(2));
  const { stdin: input, stdout: output, stderr: prompt } = process;
  // Whoever reads it has seen enough.
  output.on('error', () => process.exit(EXIT_FAILED));
  try {
    process.exitCode = await runCli(asked, readConfig(process.env), {
      clock: kit.systemClock,
      log,
      input,
      output,
      prompt,
    });
  } catch (cause) {
    const { code, message, hint } = kit.toFailure(cause);
    if ('json' in asked && asked.json) output.write(`${JSON.stringify({ kind: 'failed', code, message, hint })}\n`);
    else prompt.write(`${message}\n→ ${hint}\n`);
    process.exitCode = code === 'config.wrong' ? EXIT_CONFIG : EXIT_FAILED;
  }
  // What was said may still be on its way to a pipe.
  await new Promise((resolve) => output.write('', resolve));
  process.exit();
}

async function run({ endWithInput }: { endWithInput: boolean }): Promise<void> {
  const [{ readConfig }, { createAgent }, kit, { pino }] = await Promise.all([
    import('./config.ts'),
    import('./agent.ts'),
    import('@slowlight/protocol/kit'),
    import('pino'),
  ]);
  const log = pino({
    base: { part: 'agent' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  const stop = new AbortController();
  const { signal } = stop;

  const fail = (cause: unknown, exitCode: number) => {
    const { code, message, hint } = kit.toFailure(cause);
    log.fatal({ code, hint }, message);
    process.exitCode = exitCode;
  };
  const stopFor = (reason: string) => {
    if (signal.aborted) return process.exit(EXIT_FAILED);
    log.info({ reason }, 'stopping');
    stop.abort();
    void kit.systemClock.sleep(STOP_MS, new AbortController().signal).then(() => {
      log.error({}, 'could not stop clean in time');
      process.exit(EXIT_FAILED);
    });
  };
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stopFor(name));
  if (endWithInput)
    kit.onInputEnd(process.stdin, () => stopFor('the input was closed: whoever started the agent is gone'));
  process.on('uncaughtException', (cause) => {
    fail(cause, EXIT_FAILED);
    process.exit(EXIT_FAILED);
  });

  try {
    const config = readConfig(process.env);
    log.level = config.logLevel;
    const level = {
      get: () => log.level as typeof config.logLevel,
      set(next: typeof config.logLevel) {
        log.level = next;
      },
    };
    const agent = createAgent(config, { clock: kit.systemClock, log, level });
    void agent.ready.then(
      () => log.info({ ms: Math.round(performance.now()) }, 'ready'),
      () => {},
    );
    await agent.run(signal);
    log.info({}, 'stopped');
    process.exitCode = agent.restartAsked() ? EXIT_RESTART : 0;
  } catch (cause) {
    fail(cause, cause instanceof kit.Failure && cause.retry === 'never' ? EXIT_CONFIG : EXIT_FAILED);
  }
  // Nothing is left to wait for: a handle that a library forgot must not keep the process.
  process.exit();
}
