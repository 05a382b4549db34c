import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { addresses, startControlPlane } from '@slowlight/deploy/local/product.ts';
import { logIn, type SiteView } from '../demo/api.ts';
import type { Bench } from './run.ts';
import type { ViewersFigures, ViewersTask } from './sse/viewers.ts';

const PASSWORD = 'a-password-of-the-bench';
/** Each of them looks on with so many connections that never read. */
const STALLED = 20;

/** `npm run bench -- sse [viewers] [events]` */
export const bench: Bench = {
  question:
    'How long after a change do 2,000 viewers of the feed all know of it, does any miss one over kill and reconnect, and what does one that never reads cost? Arguments: viewers, events.',
  async run(report, args) {
    const viewers = Number(args[0] ?? 2000);
    const events = Number(args[1] ?? 200);
    const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    const controlPlane = startControlPlane({
      dataDir: folder,
      environment: {
        SLOWLIGHT_ADMIN_PASSWORD: PASSWORD,
        SLOWLIGHT_HTTP_PORT: '0',
        SLOWLIGHT_BROKER_PORT: '0',
      },
      onLine: () => {},
    });
    const stalled: Socket[] = [];
    try {
      const { address } = await addresses(controlPlane);
      const api = await logIn(address, 'admin', PASSWORD);
      const site = await api.send<SiteView>('POST', '/api/sites', { name: 'Bench', timeZone: 'UTC' });
      const { secret } = await api.send<{ secret: string }>('POST', '/api/tokens', { name: 'Viewers' });
      const alone = await residentMegabytes(controlPlane.pid);
      const crowd = await startViewers({ address, token: secret, viewers, killed: Math.floor(viewers / 10) });
      report('memory for each viewer', ((await residentMegabytes(controlPlane.pid)) - alone) * (1024 / viewers), 'KB');
      for (let index = 0; index < STALLED; index += 1) stalled.push(await stall(address, secret));
      const before = await residentMegabytes(controlPlane.pid);
      for (let event = 0; event < events; event += 1) {
        await api.send('PATCH', `/api/sites/${site.id}`, { name: `${event}~${Date.now()}` });
        await wait(50);
      }
      const figures = await crowd.end(events);
      report('viewers', viewers, 'viewers');
      report('events that each was to hear', events, 'events');
      report('events that somebody missed or heard twice', figures.wrong, 'events');
      report('a change asked for → known to all, p50', figures.allP50Ms, 'ms');
      report('a change asked for → known to all, p99', figures.allP99Ms, 'ms');
      report('a change asked for → known to one, p99', figures.oneP99Ms, 'ms');
      report('connections that were killed and came back', figures.killed, 'connections');
      const grown = (await residentMegabytes(controlPlane.pid)) - before;
      report(`memory grown while ${STALLED} never read`, grown, 'MB');
    } finally {
      for (const socket of stalled) socket.destroy();
      await controlPlane.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function startViewers(task: ViewersTask) {
  const child: ChildProcess = fork(path.join(import.meta.dirname, 'sse/viewers.ts'));
  const broken = once(child, 'exit').then(() => Promise.reject(new Error('the viewers broke off')));
  broken.catch(() => {});
  child.send(task);
  await Promise.race([once(child, 'message'), broken]);
  return {
    async end(events: number): Promise<ViewersFigures> {
      child.send(events);
      const [figures] = await Promise.race([once(child, 'message'), broken]);
      child.kill();
      return figures as ViewersFigures;
    },
  };
}

/** A viewer whose computer sleeps: connected, and never reading. */
async function stall(address: string, token: string): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  socket.write(`GET /api/feed?after=0 HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${token}\r\n\r\n`);
  socket.pause();
  socket.on('error', () => {});
  return socket;
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
