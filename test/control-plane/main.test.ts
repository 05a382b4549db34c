import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openFolder } from '../rig/folder.ts';
import { until } from '../rig/until.ts';

const MAIN = path.resolve(import.meta.dirname, '../../control-plane/src/main.ts');

/** The control plane as a process of its own; killed with the test. */
function start(folder: string, environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      SLOWLIGHT_DATA_DIR: path.join(folder, 'data'),
      SLOWLIGHT_HTTP_PORT: '0',
      SLOWLIGHT_BROKER_PORT: '0',
      SLOWLIGHT_WEATHER: 'off',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const lines = () =>
    said.split('\n').flatMap((line): Record<string, unknown>[] => (line.startsWith('{') ? [JSON.parse(line)] : []));
  return {
    child,
    exited,
    said: () => said,
    lines,
    ready: () => until('it is ready', () => lines().find(({ msg }) => msg === 'ready'), 30_000),
  };
}

describe('the control plane', () => {
  it('begins again in its own place when nothing was compiled yet, so that a first start is as small as any', async () => {
    const folder = await openFolder();
    const environment = { NODE_COMPILE_CACHE: path.join(folder, 'compiled') };
    const startedWith = async ({ child }: ReturnType<typeof start>) =>
      (await readFile(`/proc/${child.pid}/cmdline`, 'utf8')).split('\0').slice(2, -1);
    for (const wanted of [['--compiled'], []]) {
      const program = start(folder, environment);
      await program.ready();
      expect(await startedWith(program)).toEqual(wanted);
      expect(program.lines().filter(({ msg }) => msg === 'ready')).toHaveLength(1);
      expect(program.said()).not.toContain('Warning');
      program.child.kill('SIGTERM');
      expect(await program.exited).toBe(0);
    }
  });

  it('shows the first password once, lets it in, welcomes the local agent, and stops clean', async () => {
    const folder = await openFolder();
    const identityFile = path.join(folder, 'agent/identity.json');
    const environment = { SLOWLIGHT_LOCAL_AGENT_IDENTITY: identityFile };
    const first = start(folder, environment);
    const { address, brokerUrl } = await first.ready();
    expect(brokerUrl).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/);
    const [, password = ''] = /with the password (\S+)/.exec(first.said()) ?? [];
    const login = await fetch(`${address}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'admin', password }),
    });
    expect(await login.json()).toMatchObject({ name: 'admin', mustChangePassword: true });
    expect(await (await fetch(`${address}/health/ready`)).json()).toMatchObject({ ready: true });

    const identity = JSON.parse(await readFile(identityFile, 'utf8'));
    expect(identity).toMatchObject({ agentId: expect.stringMatching(/^agt-/), secret: expect.any(String), brokerUrl });
    expect((await stat(identityFile)).mode & 0o777).toBe(0o600);
    const temporary = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const tooEarly = await fetch(`${address}/api/agents`, { headers: { cookie: temporary } });
    expect([tooEarly.status, await tooEarly.json()]).toMatchObject([403, { code: 'login.change-password' }]);
    const changed = await fetch(`${address}/api/session/password`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: temporary },
      body: JSON.stringify({ current: password, next: 'a-password-of-my-own' }),
    });
    const cookie = (changed.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const agents = await (await fetch(`${address}/api/agents`, { headers: { cookie } })).json();
    expect(agents).toMatchObject({ items: [{ id: identity.agentId, name: 'This machine' }] });

    const asked = performance.now();
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(first.said().split(password)).toHaveLength(2);
    expect(first.said()).not.toContain(identity.secret);

    await writeFile(identityFile, JSON.stringify({ ...identity, privateKey: 'kept' }), { mode: 0o600 });
    const second = start(folder, environment);
    const again = await second.ready();
    expect(second.said()).not.toContain('with the password');
    const after = JSON.parse(await readFile(identityFile, 'utf8'));
    expect(after).toEqual({ ...identity, privateKey: 'kept', brokerUrl: again.brokerUrl });
    second.child.kill('SIGINT');
    expect(await second.exited).toBe(0);
  });

  it.each([
    ['dashboard', 'SLOWLIGHT_HTTP_PORT'],
    ['broker', 'SLOWLIGHT_BROKER_PORT'],
  ])('says in one message that the port of the %s is taken, which one, and what to do', async (_name, variable) => {
    const folder = await openFolder();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => taken.close(() => resolve())));
    const at = taken.address();
    const port = typeof at === 'object' && at !== null ? String(at.port) : '';
    const program = start(folder, { [variable]: port });
    expect(await program.exited).toBe(1);
    expectOneMessage(program.said(), [port, 'taken']);
  });

  it('says that its data folder cannot be used', async () => {
    const folder = await openFolder();
    await writeFile(path.join(folder, 'data'), 'a file stands where the folder should be');
    const program = start(folder);
    expect(await program.exited).toBe(1);
    expectOneMessage(program.said(), ['data folder', 'SLOWLIGHT_DATA_DIR']);
  });

  it('says that another one has the records already', async () => {
    const folder = await openFolder();
    await start(folder).ready();
    const other = start(folder);
    expect(await other.exited).toBe(1);
    expectOneMessage(other.said(), ['already working with these records']);
  });

  it('says that the records are damaged', async () => {
    const folder = await openFolder();
    const file = path.join(folder, 'records.sqlite');
    await writeFile(file, Buffer.alloc(8192, 'not a database '));
    const program = start(folder, { SLOWLIGHT_SQLITE_FILE: file });
    expect(await program.exited).toBe(1);
    expectOneMessage(program.said(), ['records.sqlite']);
  });

  it('names every wrong setting at once', async () => {
    const program = start(await openFolder(), { SLOWLIGHT_ENCODERS: 'many', SLOWLIGHT_OBJECTS: 'tape' });
    expect(await program.exited).toBe(1);
    expectOneMessage(program.said(), ['SLOWLIGHT_ENCODERS', 'SLOWLIGHT_OBJECTS']);
  });
});

function expectOneMessage(said: string, parts: string[]): void {
  const lines = said.trim().split('\n');
  const fatal = lines.filter((line) => line.startsWith('{"level":60'));
  expect(fatal, said).toHaveLength(1);
  for (const part of parts) expect(fatal[0]).toContain(part);
  expect(said).not.toMatch(/ {4}at |node_modules|\.ts:\d/);
  expect(lines.every((line) => line.startsWith('{'))).toBe(true);
}
