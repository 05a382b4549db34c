import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, type TestContext } from 'vitest';
import { notRun } from './missing.ts';
import { until } from './until.ts';

const HOW = 'sudo apt-get install postgresql';
const DEBIAN = '/usr/lib/postgresql';
/** PostgreSQL never runs as root; these users exist on every machine that has it. */
const SERVANTS = ['postgres', 'nobody'];

export interface PostgresServer {
  /** A fresh, empty database; the first call starts the server. Skips the test where PostgreSQL is missing. */
  newDatabase(context: TestContext): Promise<string>;
  /** As a power cut would end it, and back. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

interface Running {
  port: number;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A private PostgreSQL for all tests of a file, on a folder of its own and on 127.0.0.1 alone; it ends with them. */
export function usePostgres(): PostgresServer {
  let running: Promise<Running | null> | null = null;
  let databases = 0;
  afterAll(async () => (await running)?.close());
  const started = async () => {
    const server = await running;
    if (server == null) throw new Error('PostgreSQL has not been started');
    return server;
  };
  return {
    async newDatabase(context) {
      running ??= launch();
      const server = await running;
      if (server === null) return notRun(context, 'PostgreSQL', HOW);
      databases += 1;
      const name = `test_${databases}`;
      const admin = new pg.Client({ connectionString: addressOf(server.port, 'postgres') });
      await admin.connect();
      await admin.query(`create database ${name}`);
      await admin.end();
      return addressOf(server.port, name);
    },
    stop: async () => (await started()).stop(),
    start: async () => (await started()).start(),
  };
}

const addressOf = (port: number, database: string) => `postgres://slowlight@127.0.0.1:${port}/${database}`;

async function launch(): Promise<Running | null> {
  const programs = await findPrograms();
  if (programs === null) return null;
  const servant = await findServant();
  const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-postgres-'));
  if (servant !== null) await chown(folder, servant.uid, servant.gid);
  const data = path.join(folder, 'data');
  const identity = { ...servant, cwd: folder };
  await promisify(execFile)(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'slowlight', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    identity,
  );
  const port = await freePort();
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'max_connections=60',
  ];
  let child: ChildProcess | null = null;
  const kill = () => void child?.kill('SIGQUIT');
  process.once('exit', kill);

  async function start(): Promise<void> {
    const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
    child = spawn(path.join(programs ?? '', 'postgres'), args, { ...identity, stdio: 'ignore' });
    await until('PostgreSQL answers', () => answers(port), 30_000);
  }
  async function stop(): Promise<void> {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null) return;
    const ended = new Promise((resolve) => ending.once('close', resolve));
    ending.kill('SIGQUIT');
    await ended;
  }
  await start();
  return {
    port,
    start,
    stop,
    async close() {
      process.off('exit', kill);
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The folder with the newest PostgreSQL's programs; null where there is none. */
async function findPrograms(): Promise<string | null> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newest = versions.filter((version) => /^\d+$/.test(version)).sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? null : path.join(DEBIAN, newest, 'bin');
}

/** Whom to run it as when this is root; null: as whoever this is. */
async function findServant(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of SERVANTS) {
    const ids = await Promise.all(['-u', '-g'].map((which) => promisify(execFile)('id', [which, name]))).catch(
      () => [],
    );
    const [uid, gid] = ids.map(({ stdout }) => Number(stdout));
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error(`PostgreSQL does not run as root, and there is no user ${SERVANTS.join(' or ')} to run it as`);
}

async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: addressOf(port, 'postgres') });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
