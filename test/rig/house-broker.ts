import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished, type TestContext } from 'vitest';
import { openFolder } from './folder.ts';
import { notRun } from './missing.ts';
import { type Certificate, makeSelfSigned } from './self-signed.ts';
import { until } from './until.ts';

const PROGRAM = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto'].find((file) =>
  existsSync(file),
);

/** The broker of somebody's house: a real Mosquitto as people have it beside Home Assistant, with one user. */
export interface HouseBroker {
  url: string;
  port: number;
  username: string;
  password: string;
  certificate: Certificate | null;

  stop(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface HouseBrokerOptions {
  tls?: boolean;
  /** Whether retained messages outlive a restart. */
  keeps?: boolean;
  /** Lines of an access list; nothing: the user may do everything. */
  acl?: string;
}

/** On a free port; it goes with the test. */
export async function openHouseBroker(context: TestContext, options: HouseBrokerOptions = {}): Promise<HouseBroker> {
  if (PROGRAM === undefined) return notRun(context, 'Mosquitto', 'sudo apt-get install mosquitto');
  const program = PROGRAM;
  const folder = await openFolder();
  const port = await freePort();
  const [username, password] = ['house', 'p@ss: word/#ä'];
  const file = (name: string) => path.join(folder, name);
  const certificate = options.tls === true ? makeSelfSigned() : null;
  await writeFile(file('passwords'), '', { mode: 0o600 });
  await promisify(execFile)('mosquitto_passwd', ['-b', file('passwords'), username, password]);
  if (certificate !== null) {
    await writeFile(file('key.pem'), certificate.key, { mode: 0o600 });
    await writeFile(file('cert.pem'), certificate.cert);
  }
  if (options.acl !== undefined) await writeFile(file('acl'), options.acl, { mode: 0o600 });
  const lines = [
    `listener ${port} 127.0.0.1`,
    `user ${userInfo().username}`,
    'allow_anonymous false',
    `password_file ${file('passwords')}`,
    ...(options.acl === undefined ? [] : [`acl_file ${file('acl')}`]),
    ...(certificate === null ? [] : [`certfile ${file('cert.pem')}`, `keyfile ${file('key.pem')}`]),
    ...(options.keeps === true
      ? ['persistence true', `persistence_location ${folder}/`, 'autosave_interval 1']
      : ['persistence false']),
    'log_dest none',
  ];
  await writeFile(file('mosquitto.conf'), `${lines.join('\n')}\n`);
  let end = async (_signal: 'SIGTERM' | 'SIGKILL') => {};
  async function start(): Promise<void> {
    const child = spawn(program, ['-c', file('mosquitto.conf')], { stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    end = async (signal) => {
      child.kill(signal);
      await ended;
    };
    await until('the broker of the house listens', () => answers(port));
  }
  onTestFinished(() => end('SIGKILL'));
  await start();
  return {
    url: `${certificate === null ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`,
    port,
    username,
    password,
    certificate,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
