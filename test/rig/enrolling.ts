/** A control plane that is reached encrypted, in this process, and the agent's real program beside it. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { EnrolmentCreated } from '@slowlight/protocol';
import { onTestFinished } from 'vitest';
import { openFolder } from './folder.ts';
import { openWholePlane } from './whole-plane.ts';

const PROGRAM = path.join(import.meta.dirname, '../../agent/src/main.ts');

/** Runs until the test ends, or until `close`; opened again on the same folder, it is the same house. */
export async function openSecureHouse(folder: string, settings: Record<string, string> = {}) {
  const { plane, ask, close } = await openWholePlane(folder, {
    SLOWLIGHT_DATA_DIR: path.join(folder, 'control-plane'),
    SLOWLIGHT_HTTPS_PORT: '0',
    SLOWLIGHT_BROKER_TLS_PORT: '0',
    SLOWLIGHT_TLS: 'on',
    SLOWLIGHT_MIN_INTERVAL_MS: '1000',
    ...settings,
  });
  const site = async (): Promise<string> => {
    const known = (await ask('GET', '/api/sites')).body.items[0];
    return (known ?? (await ask('POST', '/api/sites', { name: 'Garden', timeZone: 'UTC' })).body).id;
  };
  /** A token for an agent of this name, or for another device of an agent. */
  const makeToken = async (
    what: { replaces: string } | { name: string },
    more: object = {},
  ): Promise<EnrolmentCreated> => {
    const body = 'name' in what ? { siteId: await site(), ...what, ...more } : { ...what, ...more };
    const made = await ask('POST', '/api/enrolments', body);
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body;
  };
  return { folder, plane, ask, site, makeToken, close };
}
export type SecureHouse = Awaited<ReturnType<typeof openSecureHouse>>;

/** A device with a card of its own. */
export async function openDevice() {
  const folder = await openFolder();
  const env = {
    PATH: process.env.PATH,
    SLOWLIGHT_AGENT_DATA: path.join(folder, 'agent'),
    SLOWLIGHT_AGENT_TRUST_CLOCK: 'yes',
    SLOWLIGHT_AGENT_KEEP_FREE_MB: '1',
  };

  function start(args: readonly string[]) {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, env });
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    let complaint = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (complaint += chunk));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.stdin.end();
    return { child, ended, said: () => said, complaint: () => complaint };
  }

  return {
    folder,
    identityFile: path.join(folder, 'agent/identity.json'),
    /** Begins `slowlight-agent enroll …`, as the command says it. */
    enroll: (command: string, ...more: string[]) => start([...command.split(' ').slice(1), ...more]),
    /** Starts the agent; it goes with the test. */
    run: () => start([]),
  };
}
export type Device = Awaited<ReturnType<typeof openDevice>>;
