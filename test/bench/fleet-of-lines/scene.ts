/** A control plane in a process of its own, its agents known to it, and their lines in another process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addresses, startControlPlane } from '@slowlight/deploy/local/product.ts';
import type { Program } from '@slowlight/deploy/local/program.ts';
import { type AgentView, logIn, type SiteView } from '../../demo/api.ts';
import type { LineAgent, LinesFigures, LinesTask } from './agents.ts';

const PASSWORD = 'a-password-of-the-bench';

export interface LinesScene {
  port: number;
  /** Starts the control plane (again). */
  start(): Promise<void>;
  kill(): Promise<void>;
  begin(everyMs: number): void;
  anew(): void;
  figures(): Promise<LinesFigures>;
  /** Resident now, and the most since it was started; MB. */
  memory(): Promise<{ now: number; most: number }>;
  close(): Promise<void>;
}

export async function openLines(agents: number): Promise<LinesScene> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
  const port = await freePort();
  let program: Program | null = null;
  let address = '';
  async function start(): Promise<void> {
    program = startControlPlane({
      dataDir: folder,
      environment: {
        SLOWLIGHT_ADMIN_PASSWORD: PASSWORD,
        SLOWLIGHT_HTTP_PORT: '0',
        SLOWLIGHT_BROKER_PORT: String(port),
        SLOWLIGHT_WEATHER: 'off',
      },
      onLine: ({ level, msg }) => level > 40 && console.error(msg),
    });
    ({ address } = await addresses(program));
  }
  await start();
  const api = await logIn(address, 'admin', PASSWORD);
  const site = await api.send<SiteView>('POST', '/api/sites', { name: 'Bench', timeZone: 'UTC' });
  const known: LineAgent[] = [];
  for (let index = 0; index < agents; index += 1) {
    const body = { siteId: site.id, name: `Agent ${index}` };
    const { agent, secret } = await api.send<{ agent: AgentView; secret: string }>('POST', '/api/agents', body);
    known.push({ id: agent.id, secret });
  }
  const lines: ChildProcess = fork(path.join(import.meta.dirname, 'agents.ts'));
  return {
    port,
    start,
    async kill() {
      program?.kill('SIGKILL');
      await program?.exited;
    },
    begin(everyMs) {
      const task: LinesTask = { host: '127.0.0.1', port, agents: known, everyMs };
      lines.send(task);
    },
    anew: () => void lines.send('anew'),
    async figures() {
      lines.send('figures');
      const [figures] = (await once(lines, 'message')) as [LinesFigures];
      return figures;
    },
    async memory() {
      const status = await readFile(`/proc/${program?.pid}/status`, 'utf8');
      const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1000;
      return { now: of('VmRSS'), most: of('VmHWM') };
    },
    async close() {
      lines.kill();
      program?.kill('SIGKILL');
      await program?.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
