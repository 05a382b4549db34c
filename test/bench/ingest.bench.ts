import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addresses, startControlPlane } from '@slowlight/deploy/local/product.ts';
import { type AgentView, type Api, type CameraView, logIn, type SiteView, type TimelapseView } from '../demo/api.ts';
import type { PublisherFigures, PublisherTask } from './ingest/publisher.ts';
import type { Bench, Report } from './run.ts';

const PASSWORD = 'a-password-of-the-bench';
const AGENTS = 20;
/** Events without a receipt, of each agent: 960 in all. More of them only wait longer. */
const WINDOW = 48;
const TICKS_A_SECOND = 100;

export const bench: Bench = {
  question:
    'How many announcements a second does one control plane record (SQLite, FULL, receipts and grants after the commit, publishers in another process), against a bare aedes with batched inserts? Arguments: seconds.',
  async run(report, args) {
    const seconds = Number(args[0] ?? 60);
    const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    try {
      await measureOurs(folder, seconds, report);
      await measureBare(folder, seconds, report);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measureOurs(folder: string, seconds: number, report: Report): Promise<void> {
  const controlPlane = startControlPlane({
    dataDir: folder,
    environment: {
      SLOWLIGHT_ADMIN_PASSWORD: PASSWORD,
      SLOWLIGHT_HTTP_PORT: '0',
      SLOWLIGHT_BROKER_PORT: '0',
      SLOWLIGHT_MIN_INTERVAL_MS: '1000',
    },
    onLine: ({ level, msg }) => level > 30 && console.error(msg),
  });
  try {
    const { address, brokerUrl } = await addresses(controlPlane);
    const agents = await arrange(await logIn(address, 'admin', PASSWORD));
    const port = Number(new URL(brokerUrl).port);
    const before = await cpuSeconds(controlPlane.pid);
    const warm = await publish({ host: '127.0.0.1', port, seconds: 3, window: WINDOW, agents });
    const begin = await cpuSeconds(controlPlane.pid);
    const going = agents.map((agent, index) => ({ ...agent, seq: warm.seqs[index] ?? 0 }));
    const figures = await publish({ host: '127.0.0.1', port, seconds, window: WINDOW, agents: going });
    tell(report, 'Slowlight', figures);
    const taken = (await cpuSeconds(controlPlane.pid)) - begin;
    const events = figures.seqs.reduce((sum, seq) => sum + seq, 0) - warm.seqs.reduce((sum, seq) => sum + seq, 0);
    report('Slowlight, CPU of an event', (taken / events) * 1e6, 'µs');
    report('Slowlight, memory at the end', await residentMegabytes(controlPlane.pid), 'MB');
    report('Slowlight, CPU before it was warm', begin - before, 's');
  } finally {
    await controlPlane.stop();
  }
}

async function measureBare(folder: string, seconds: number, report: Report): Promise<void> {
  const server = fork(path.join(import.meta.dirname, 'ingest/bare.ts'), [path.join(folder, 'bare.sqlite')]);
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    const agents = Array.from({ length: AGENTS }, (_, index) => ({
      id: `agt-${String(index).padStart(16, '0')}` as PublisherTask['agents'][number]['id'],
      secret: 'none',
      cameraId: 'cam-0000000000000000',
      timelapseId: 'tlp-0000000000000000',
      seq: 0,
    }));
    tell(report, 'bare aedes', await publish({ host: '127.0.0.1', port, seconds, window: WINDOW, agents }));
  } finally {
    server.kill();
  }
}

async function arrange(api: Api): Promise<PublisherTask['agents']> {
  const site = await api.send<SiteView>('POST', '/api/sites', { name: 'Bench', timeZone: 'UTC' });
  const agents: PublisherTask['agents'] = [];
  for (let index = 0; index < AGENTS; index += 1) {
    const { agent, secret } = await api.send<{ agent: AgentView; secret: string }>('POST', '/api/agents', {
      siteId: site.id,
      name: `Agent ${index}`,
    });
    const camera = await api.send<CameraView>('POST', '/api/cameras', {
      agentId: agent.id,
      name: `Camera ${index}`,
      source: { kind: 'rtsp', url: 'rtsp://192.0.2.1/stream' },
    });
    const timelapse = await api.send<TimelapseView>('POST', '/api/timelapses', {
      cameraId: camera.id,
      name: `Timelapse ${index}`,
      schedule: { rhythm: { kind: 'interval', everyMs: 1000 }, timeZone: 'UTC' },
    });
    agents.push({ id: agent.id, secret, cameraId: camera.id, timelapseId: timelapse.id, seq: 0 });
  }
  return agents;
}

async function publish(task: PublisherTask): Promise<PublisherFigures> {
  const publisher: ChildProcess = fork(path.join(import.meta.dirname, 'ingest/publisher.ts'));
  try {
    publisher.send(task);
    const answer = await Promise.race([
      once(publisher, 'message'),
      once(publisher, 'exit').then(() => Promise.reject(new Error('the publisher broke off'))),
    ]);
    return answer[0] as PublisherFigures;
  } finally {
    publisher.kill();
  }
}

function tell(report: Report, who: string, figures: PublisherFigures): void {
  report(`${who}, announcements recorded`, figures.eventsPerSecond, 'events/s');
  report(`${who}, sent → receipt, p50`, figures.receiptP50Ms, 'ms');
  report(`${who}, sent → receipt, p99`, figures.receiptP99Ms, 'ms');
  report(`${who}, the publisher's share`, figures.cores, 'cores');
}

/** User and system time of a process, in s. Source: proc(5), fields 14 and 15 of stat. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
