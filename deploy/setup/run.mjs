/**
 * What every npm script of this project starts with: plain JavaScript for any Node from 18 on, so that a fresh clone with
 * nothing but git, Node and npm can run it. It installs what is missing, builds the dashboard where it is needed, and goes
 * on with the pinned run time (the npm package `node`).
 */
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureDependencies, runtime, tool } from './dependencies.mjs';
import { ensurePrograms } from './programs.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
process.chdir(root);

/** Larger suites need more engines: in CI all of them, so that nothing is skipped there. */
const inCi = process.env.CI === 'true' || process.env.CI === '1';
const quietTurbo = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
const engines = ['mosquitto', 'postgres', 'chromium', 'strace', 'debootstrap'];

const commands = {
  demo: { programs: ['ffmpeg'], dashboard: true, run: (args) => node('test/demo/demo.ts', args) },
  start: { programs: ['ffmpeg'], dashboard: true, run: (args) => node('deploy/local/start.ts', args) },
  dev: { programs: ['ffmpeg'], dashboard: true, run: (args) => node('test/demo/demo.ts', ['--dev', ...args]) },
  test: {
    programs: inCi ? ['ffmpeg', ...engines] : ['ffmpeg'],
    wished: engines,
    dashboard: true,
    run: (args) => node(tool('vitest', 'vitest.mjs'), ['run', '--root', 'test', ...args]),
  },
  screenshots: {
    programs: ['ffmpeg', 'chromium'],
    dashboard: true,
    run: (args) => node('test/gallery/screenshots.ts', args),
  },
  bench: { programs: ['ffmpeg'], dashboard: true, run: (args) => node('test/bench/run.ts', args) },
  package: { programs: ['dpkg'], dashboard: false, run: (args) => node('deploy/agent/build-deb.ts', args) },
  check: { programs: [], dashboard: false, run: check },
};

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.error(`"${name}" is not a command here. There are: ${Object.keys(commands).join(', ')}.`);
  process.exit(2);
}

if (Number(process.versions.node.split('.')[0]) < 18) {
  console.error(
    `Slowlight needs Node 18 or newer to set itself up; this is ${process.version}. Install a newer Node and run the same command again.`,
  );
  process.exit(1);
}
if (!ensureDependencies(root)) process.exit(1);
if (!ensurePrograms(command.programs, command.wished ?? [])) process.exit(1);
if (command.dashboard && buildDashboard() !== 0) process.exit(1);
process.exit(await command.run(args));

async function check() {
  const steps = [
    ['format and lint', () => program(tool('@biomejs/biome', 'bin/biome'), ['check', '.'], runtime(root))],
    ['types', () => turbo(['run', 'check:types', '--output-logs=errors-only'])],
    ['boundaries between packages', () => turbo(['boundaries'])],
    ['architecture', () => node(tool('vitest', 'vitest.mjs'), ['run', '--root', 'test', 'architecture'])],
  ];
  for (const [title, step] of steps) {
    console.log(`check: ${title}`);
    const code = await step();
    if (code !== 0) {
      console.error(`check: ${title} failed; see above. \`npm run format\` mends what can be mended by itself.`);
      return code;
    }
  }
  return 0;
}

/** Quiet when it goes well: nobody who starts the product wants to read about a build. */
function buildDashboard() {
  const list = ['run', 'build', '--filter=@slowlight/dashboard', '--output-logs=new-only'];
  const done = spawnSync(process.execPath, [tool('turbo', 'bin/turbo'), ...list], {
    encoding: 'utf8',
    env: environmentFor({ ...quietTurbo, NODE_ENV: 'production' }),
  });
  if (done.status === 0) return 0;
  console.error(`${done.stdout}${done.stderr}\nThe dashboard could not be built; the lines above say why.`);
  return 1;
}

function turbo(list) {
  return program(tool('turbo', 'bin/turbo'), list, process.execPath, quietTurbo);
}

function node(script, list) {
  return program(script, list, runtime(root));
}

/** This process's environment with the pinned run time and the installed tools first. */
function environmentFor(more) {
  const places = [path.dirname(runtime(root)), path.join(root, 'node_modules', '.bin'), process.env.PATH ?? ''];
  return { ...process.env, ...more, PATH: places.join(path.delimiter) };
}

/** Runs a program to its end with our terminal, passing signals on; gives its exit code. */
function program(script, list, executable, environment = {}) {
  const child = spawn(executable, [script, ...list], { stdio: 'inherit', env: environmentFor(environment) });
  const pass = (signal) => child.kill(signal);
  process.on('SIGTERM', pass);
  process.on('SIGINT', pass);
  process.on('SIGHUP', pass);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`${script} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code, signal) => {
      process.off('SIGTERM', pass);
      process.off('SIGINT', pass);
      process.off('SIGHUP', pass);
      resolve(code ?? (signal === null ? 1 : 130));
    });
  });
}
