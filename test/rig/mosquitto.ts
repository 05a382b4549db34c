import { existsSync } from 'node:fs';
import path from 'node:path';
import { MAX_MESSAGE_BYTES } from '@slowlight/protocol';
import type { TestContext } from 'vitest';
import { notRun } from './missing.ts';
import { openMosquittoProgram } from './mosquitto-program.ts';

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
  const program = await openMosquittoProgram(context);
  const write = async ({ users, acl }: MosquittoAccess) => {
    if (typeof users === 'string') await program.write('passwords', users);
    else await program.writePasswords('passwords', users);
    await program.write('acl', acl);
  };
  await write(access);
  const plugin = PLUGIN.find((file) => existsSync(file));
  const dynamic = access.dynamicSecurity;
  if (dynamic !== undefined && plugin === undefined)
    return notRun(context, 'Mosquitto’s dynamic-security plugin', 'sudo apt-get install mosquitto');
  if (dynamic !== undefined) await program.write('dynamic-security.json', dynamic);
  await program.start([
    ...(dynamic === undefined
      ? [`password_file ${program.file('passwords')}`, `acl_file ${program.file('acl')}`]
      : [
          'per_listener_settings false',
          `plugin ${plugin}`,
          `plugin_opt_config_file ${program.file('dynamic-security.json')}`,
        ]),
    'use_username_as_clientid true',
    `message_size_limit ${MAX_MESSAGE_BYTES}`,
    'max_qos 1',
    'persistence false',
  ]);
  return {
    url: `mqtt://127.0.0.1:${program.port}`,
    start: () => program.start(),
    stop: () => program.end('SIGTERM'),
    async allow(access) {
      await write(access);
      program.reload();
    },
  };
}
