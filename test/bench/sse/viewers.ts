/**
 * The viewers of the bench `sse`, in a process of their own: each holds a connection to the feed and notes when it heard of
 * each change of a site's name, which says which change it is and when it was asked for. Some are killed and come back.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { quantile } from '../quantile.ts';

export interface ViewersTask {
  address: string;
  token: string;
  viewers: number;
  /** So many break off once and come back where they were. */
  killed: number;
}
export interface ViewersFigures {
  /** Events that a viewer did not hear, or heard more than once. */
  wrong: number;
  allP50Ms: number;
  allP99Ms: number;
  oneP99Ms: number;
  killed: number;
}

interface Viewer {
  heard: number[];
  lastId: string;
  socket: Socket;
  /** Whether it shall break off at its next event. */
  breaks: boolean;
  comesBack: boolean;
}

const [task] = (await once(process, 'message')) as [ViewersTask];
const { hostname, port } = new URL(task.address);
/** When each position of the feed was appended, as the event says it, and when each viewer heard it. */
const appendedAt = new Map<number, number>();
const latest = new Map<number, number>();
const single: number[] = [];
let killed = 0;

function look(viewer: Viewer): Promise<void> {
  const greeted = Promise.withResolvers<void>();
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  viewer.socket = socket;
  const resume = viewer.lastId === '' ? '' : `last-event-id: ${viewer.lastId}\r\n`;
  socket.write(
    `GET /api/feed?topics=site HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${task.token}\r\n${resume}\r\n`,
  );
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const id = /(?:^|\n)id: (\d+)/.exec(block)?.[1];
      if (id !== undefined) viewer.lastId = id;
      greeted.resolve();
      const at = /"at":(\d+)/.exec(block)?.[1];
      if (at === undefined || id === undefined) continue;
      hear(viewer, Number(id), Number(at));
      if (!viewer.breaks) continue;
      viewer.breaks = false;
      killed += 1;
      socket.destroy();
      setTimeout(() => void look(viewer), 200);
      return;
    }
  });
  socket.on('error', greeted.reject);
  return greeted.promise;
}

function hear(viewer: Viewer, position: number, at: number): void {
  const now = Date.now();
  viewer.heard.push(position);
  // Whoever comes back hears late what it missed meanwhile.
  if (viewer.comesBack) return;
  appendedAt.set(position, at);
  latest.set(position, Math.max(latest.get(position) ?? 0, now));
  single.push(now - at);
}

const viewers: Viewer[] = [];
for (let index = 0; index < task.viewers; index += 1)
  viewers.push({
    heard: [],
    lastId: '',
    socket: undefined as never,
    breaks: index < task.killed,
    comesBack: index < task.killed,
  });
for (let from = 0; from < viewers.length; from += 100) await Promise.all(viewers.slice(from, from + 100).map(look));
process.send?.('ready');

const [events] = (await once(process, 'message')) as [number];
const patience = Date.now() + 30_000;
while (viewers.some(({ heard }) => new Set(heard).size < events) && Date.now() < patience)
  await new Promise((resolve) => setTimeout(resolve, 50));
const all = [...latest].map(([position, at]) => at - (appendedAt.get(position) ?? at));
const wrong = viewers.reduce(
  (sum, { heard }) => sum + Math.max(0, events - new Set(heard).size) + (heard.length - new Set(heard).size),
  0,
);
const figures: ViewersFigures = {
  wrong,
  allP50Ms: quantile(all, 0.5),
  allP99Ms: quantile(all, 0.99),
  oneP99Ms: quantile(single, 0.99),
  killed,
};
process.send?.(figures);
