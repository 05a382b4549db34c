import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { newAgentId } from '@slowlight/protocol';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openFolder } from '../rig/folder.ts';
import { agentEnvironment, writeIdentity } from '../rig/running-agent.ts';
import { until } from '../rig/until.ts';

const program = path.join(import.meta.dirname, '../../agent/src/main.ts');

interface Line {
  level: string;
  msg: string;
  code?: string;
  hint?: string;
  ms?: number;
}

function startMain(env: Record<string, string>) {
  const child = spawn(process.execPath, [program], { env: { PATH: process.env.PATH, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  let complaint = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (complaint += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = () =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Line => JSON.parse(line));
  return { child, ended, lines, complaint: () => complaint };
}

describe('the program', () => {
  it('says ready, stops clean when it is told to, and lets its lock go', async () => {
    const folder = await openFolder();
    await writeIdentity(folder, { agentId: newAgentId(), brokerUrl: 'mqtt://127.0.0.1:1' });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { child, ended, lines, complaint } = startMain(agentEnvironment(folder));
      const ready = await until('it is ready', () => lines().find((line) => line.msg === 'ready'));
      expect(ready.ms).toBeGreaterThan(0);
      const since = performance.now();
      child.kill(signal);
      expect(await ended).toBe(0);
      expect(performance.now() - since).toBeLessThan(5000);
      expect(lines().at(-1)?.msg).toBe('stopped');
      expect(complaint()).toBe('');
    }
  });

  it('starts again after SIGKILL', async () => {
    const folder = await openFolder();
    await writeIdentity(folder, { agentId: newAgentId(), brokerUrl: 'mqtt://127.0.0.1:1' });
    const killed = startMain(agentEnvironment(folder));
    await until('it is ready', () => killed.lines().find((line) => line.msg === 'ready'));
    killed.child.kill('SIGKILL');
    await killed.ended;
    const { lines } = startMain(agentEnvironment(folder));
    await until('it is ready again', () => lines().find((line) => line.msg === 'ready'));
  });

  it.each<[string, string, number, (folder: string) => Promise<Record<string, string>>]>([
    ['there is no identity', 'identity.missing', 1, async () => ({})],
    [
      'the identity is damaged',
      'identity.unreadable',
      78,
      async (folder) => {
        const file = await writeIdentity(folder, { agentId: newAgentId(), brokerUrl: '' });
        await writeFile(file, '{"agentId":"somebody","secret":"dont-tell"}');
        return {};
      },
    ],
    [
      'the file of certificates holds none',
      'config.wrong',
      78,
      async (folder) => {
        await writeIdentity(folder, { agentId: newAgentId(), brokerUrl: 'mqtts://127.0.0.1:1' });
        await writeFile(path.join(folder, 'ca.pem'), 'this is no certificate');
        return { SLOWLIGHT_AGENT_CA_FILE: path.join(folder, 'ca.pem') };
      },
    ],
    ['a setting is wrong', 'config.wrong', 78, async () => ({ SLOWLIGHT_AGENT_KEEP_FREE_MB: 'all' })],
    [
      'the data directory cannot be made',
      'buffer.not-writable',
      1,
      async (folder) => {
        await writeFile(path.join(folder, 'file'), '');
        return { SLOWLIGHT_AGENT_DATA: path.join(folder, 'file', 'data') };
      },
    ],
    [
      'the database is damaged',
      'buffer.damaged',
      78,
      async (folder) => {
        await writeIdentity(folder, { agentId: newAgentId(), brokerUrl: 'mqtt://127.0.0.1:1' });
        await writeFile(
          path.join(folder, 'data', 'buffer.sqlite'),
          'this was a database once, before the card wore out',
        );
        return {};
      },
    ],
    [
      'another agent works there',
      'buffer.in-use',
      1,
      async (folder) => {
        await writeIdentity(folder, { agentId: newAgentId(), brokerUrl: 'mqtt://127.0.0.1:1' });
        const lock = new Database(path.join(folder, 'data', 'lock.sqlite'));
        lock.exec('BEGIN EXCLUSIVE');
        onTestFinished(() => void lock.close());
        return {};
      },
    ],
  ])('says in one line what to do when %s', async (_, code, exitCode, arrange) => {
    const folder = await openFolder();
    const env = { ...agentEnvironment(folder), ...(await arrange(folder)) };
    const { ended, lines, complaint } = startMain(env);
    expect(await ended).toBe(exitCode);
    expect(lines()).toMatchObject([{ level: 'fatal', code, hint: expect.stringMatching(/\w{3}/) }]);
    expect(complaint()).toBe('');
    expect(JSON.stringify(lines())).not.toMatch(/dont-tell|\.ts:\d/);
  });
});
