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
import { until } from './until.ts';

const PROGRAM = ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto'].find((file) =>
  existsSync(file),
);

/** A real Mosquitto on a free port of this machine; whoever it knows, and what for, is said by whoever starts it. */
export interface MosquittoProgram {
  port: number;
  /** Where a file of its folder lies. */
  file(name: string): string;
  /** Writes a file that only its user may read. */
  write(name: string, text: string): Promise<void>;
  /** A password file of these users, by name. */
  writePasswords(name: string, users: Readonly<Record<string, string>>): Promise<void>;
  /** Starts it with these lines of configuration (as before, where there are none), and waits until it listens. */
  start(lines?: readonly string[]): Promise<void>;
  /** Has it read its files again. */
  reload(): void;
  /** Resolves when it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Not started yet; what runs goes with the test. */
export async function openMosquittoProgram(context: TestContext): Promise<MosquittoProgram> {
  if (PROGRAM === undefined) return notRun(context, 'Mosquitto', 'sudo apt-get install mosquitto');
  const program = PROGRAM;
  const folder = await openFolder();
  const port = await freePort();
  const file = (name: string) => path.join(folder, name);
  const write = (name: string, text: string) => writeFile(file(name), text, { mode: 0o600 });
  let end: MosquittoProgram['end'] = async () => {};
  let reload = () => {};
  onTestFinished(() => end('SIGKILL'));
  return {
    port,
    file,
    write,
    async writePasswords(name, users) {
      await write(name, '');
      for (const [user, secret] of Object.entries(users))
        await promisify(execFile)('mosquitto_passwd', ['-b', file(name), user, secret]);
    },
    async start(lines) {
      const all = [
        `listener ${port} 127.0.0.1`,
        `user ${userInfo().username}`,
        'allow_anonymous false',
        'log_dest none',
      ];
      if (lines !== undefined) await write('mosquitto.conf', `${[...all, ...lines].join('\n')}\n`);
      const child = spawn(program, ['-c', file('mosquitto.conf')], { stdio: 'ignore' });
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      end = async (signal) => {
        child.kill(signal);
        await ended;
      };
      reload = () => void child.kill('SIGHUP');
      await until('Mosquitto listens', () => answers(port));
    },
    reload: () => reload(),
    end: (signal) => end(signal),
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
