/** The process: refuses what cannot work, starts the agent, stops it on SIGTERM or SIGINT. Exit code 0: stopped clean. */
import { enableCompileCache } from 'node:module';

const OLDEST_NODE = 22;
const EXIT_FAILED = 1;
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
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.on(name, () => {
      if (signal.aborted) return process.exit(EXIT_FAILED);
      log.info({ signal: name }, 'stopping');
      stop.abort();
      void kit.systemClock.sleep(STOP_MS, new AbortController().signal).then(() => {
        log.error({}, 'could not stop clean in time');
        process.exit(EXIT_FAILED);
      });
    });
  process.on('uncaughtException', (cause) => {
    fail(cause, EXIT_FAILED);
    process.exit(EXIT_FAILED);
  });

  try {
    const config = readConfig(process.env);
    log.level = config.logLevel;
    const agent = createAgent(config, { clock: kit.systemClock, log });
    void agent.ready.then(
      () => log.info({ ms: Math.round(performance.now()) }, 'ready'),
      () => {},
    );
    await agent.run(signal);
    log.info({}, 'stopped');
    process.exitCode = 0;
  } catch (cause) {
    fail(cause, cause instanceof kit.Failure && cause.retry === 'never' ? EXIT_CONFIG : EXIT_FAILED);
  }
  // Nothing is left to wait for: a handle that a library forgot must not keep the process.
  process.exit();
}
