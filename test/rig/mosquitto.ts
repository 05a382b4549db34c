import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { MAX_MESSAGE_BYTES } from '@slowlight/protocol';
import { onTestFinished, type TestContext } from 'vitest';
import { openFolder } from './folder.ts';
import { notRun } from './missing.ts';
import { until } from './until.ts';

const PROGRAM = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto'].find((file) =>
  existsSync(file),
);

export interface MosquittoAccess {
  /** Passwords by user name; or the password file as it is. */
  users: Readonly<Record<string, string>> | string;
  acl: string;
  /** The configuration of its dynamic-security plugin, in place of users and access list. */
  dynamicSecurity?: string;
}

const PLUGIN = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'].map((folder) =>
  path.join(folder, 'mosquitto_dynamic_security.so'),
);

export interface Mosquitto {
  url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Replaces users and access list while it runs, as its operator would. */
  allow(access: MosquittoAccess): Promise<void>;
}

/** Starts a real Mosquitto on a free port with these users and this access list; it goes with the test. */
export async function openMosquitto(context: TestContext, access: MosquittoAccess): Promise<Mosquitto> {
  if (PROGRAM === undefined) return notRun(context, 'Mosquitto', 'sudo apt-get install mosquitto');
  const program = PROGRAM;
  const folder = await openFolder();
  const port = await freePort();
  const [passwords, list, config] = ['passwords', 'acl', 'mosquitto.conf'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  const write = async ({ users, acl }: MosquittoAccess) => {
    await writeFile(passwords, typeof users === 'string' ? users : '', { mode: 0o600 });
    for (const [user, secret] of typeof users === 'string' ? [] : Object.entries(users))
      await promisify(execFile)('mosquitto_passwd', ['-b', passwords, user, secret]);
    await writeFile(list, acl, { mode: 0o600 });
  };
  await write(access);
  const plugin = PLUGIN.find((file) => existsSync(file));
  const dynamic = access.dynamicSecurity;
  if (dynamic !== undefined && plugin === undefined)
    return notRun(context, 'Mosquitto’s dynamic-security plugin', 'sudo apt-get install mosquitto');
  const rules = path.join(folder, 'dynamic-security.json');
  if (dynamic !== undefined) await writeFile(rules, dynamic, { mode: 0o600 });
  const lines = [
    `listener ${port} 127.0.0.1`,
    `user ${userInfo().username}`,
    'allow_anonymous false',
    ...(dynamic === undefined
      ? [`password_file ${passwords}`, `acl_file ${list}`]
      : ['per_listener_settings false', `plugin ${plugin}`, `plugin_opt_config_file ${rules}`]),
    'use_username_as_clientid true',
    `message_size_limit ${MAX_MESSAGE_BYTES}`,
    'max_qos 1',
    'persistence false',
    'log_dest none',
  ];
  await writeFile(config, `${lines.join('\n')}\n`);

  let stop = async () => {};
  let reload = () => {};
  async function start(): Promise<void> {
    const child = spawn(program, ['-c', config], { stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    stop = async () => {
      child.kill('SIGTERM');
      await ended;
    };
    reload = () => void child.kill('SIGHUP');
    await until('Mosquitto listens', () => answers(port));
  }
  onTestFinished(() => stop());
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    start,
    stop: () => stop(),
    async allow(access) {
      await write(access);
      reload();
    },
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

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
