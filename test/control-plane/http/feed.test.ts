import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { FeedEntry } from '@slowlight/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHandClock } from '../../rig/hand-clock.ts';
import { openHttpServer } from '../../rig/http-server.ts';
import { openViewer } from '../../rig/sse-viewer.ts';
import { until } from '../../rig/until.ts';

type Opened = Awaited<ReturnType<typeof openHttpServer>>;

/** Makes things happen, one event each, and gives the feed as it is recorded. */
async function happen(server: Opened, count: number): Promise<FeedEntry[]> {
  for (let made = 0; made < count; made += 1)
    await server.records.createSite({ name: `Site ${made}`, timeZone: 'UTC', latitude: null, longitude: null });
  return whole(server);
}
async function whole(server: Opened): Promise<FeedEntry[]> {
  const entries: FeedEntry[] = [];
  for (;;) {
    const more = await server.records.feedAfter(entries.at(-1)?.position ?? 0, 1000);
    if (more.length === 0) return entries;
    entries.push(...more);
  }
}
const positions = (entries: readonly { position: number }[]) => entries.map(({ position }) => position);

/** What the server holds unsent for whoever asked for this address: its answer's and its connection's share, bytes. */
function holdsOf(url: string) {
  const held = { most: 0, look: () => {}, takeUp: () => {} };
  const onRequest = (message: unknown) => {
    const { request: asked, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (asked.url !== url) return;
    held.look = () => {
      held.most = Math.max(held.most, response.writableLength, asked.socket.writableLength);
    };
  };
  subscribe('http.server.request.start', onRequest);
  onTestFinished(() => void unsubscribe('http.server.request.start', onRequest));
  return held;
}

describe('two tabs', () => {
  it('both see every event once and in order, though one is killed and comes back', async () => {
    const server = await openHttpServer();
    const { cookie } = await server.logIn();
    const staying = await openViewer(server.address, { cookie });
    const first = await openViewer(server.address, { cookie });
    await happen(server, 30);
    await until('both have heard some', () => first.entries.length >= 10 && staying.entries.length >= 10);
    first.kill();
    const heardBefore = [...first.entries];
    await happen(server, 30);
    const second = await openViewer(server.address, { cookie, lastEventId: first.lastEventId() });
    const all = await happen(server, 30);
    await until('the last event is heard by both', () => {
      const last = all.at(-1)?.position;
      return staying.entries.at(-1)?.position === last && second.entries.at(-1)?.position === last;
    });
    expect(all).toHaveLength(90);
    expect(staying.entries).toEqual(all);
    expect([...heardBefore, ...second.entries]).toEqual(all);
  });

  it('a viewer that had heard nothing yet misses nothing either', async () => {
    const server = await openHttpServer();
    const { cookie } = await server.logIn();
    await happen(server, 3);
    const first = await openViewer(server.address, { cookie });
    expect(first.lastEventId()).toBe('3');
    first.kill();
    const all = await happen(server, 2);
    const second = await openViewer(server.address, { cookie, lastEventId: first.lastEventId() });
    await until('what was missed is heard', () => second.entries.length === 2);
    expect(second.entries).toEqual(all.slice(3));
  });
});

describe('the feed', () => {
  it('replays from any point, narrowed to topics, and says `reset` for a point that is not there', async () => {
    const server = await openHttpServer();
    const { cookie, client } = await server.logIn();
    await happen(server, 5);
    await client('POST', '/api/agents', {
      body: { siteId: (await client('GET', '/api/sites')).body.items[0].id, name: 'A' },
    });
    const all = await whole(server);
    const replay = await openViewer(server.address, { cookie, query: '?after=2' });
    await until('the rest is heard', () => replay.entries.length === all.length - 2);
    expect(positions(replay.entries)).toEqual(positions(all.slice(2)));
    const narrow = await openViewer(server.address, { cookie, query: '?after=0&topics=agent,video' });
    await until('the agent is heard', () => narrow.entries.length > 0);
    expect(new Set(narrow.entries.map(({ event }) => event.type))).toEqual(new Set(['agent.changed']));
    const ahead = await openViewer(server.address, { cookie, lastEventId: '999' });
    await until('the reset', () => ahead.resets.length === 1);
    expect(ahead.resets).toEqual([{ position: all.at(-1)?.position }]);
    await happen(server, 1);
    await until('it goes on', () => ahead.entries.length === 1);
  });

  it('is for those who are logged in, and ends for a viewer who is logged out', async () => {
    const clock = createHandClock();
    const server = await openHttpServer({ clock });
    expect((await server.anybody('GET', '/api/feed')).status).toBe(401);
    const { cookie, client } = await server.logIn();
    expect((await client('GET', '/api/feed', { headers: { 'last-event-id': 'x' } })).status).toBe(400);
    const viewer = await openViewer(server.address, { cookie });
    await until('the viewer is served', () => server.feed.viewers() === 1);
    await clock.advance(15_000);
    await until('a heartbeat', () => viewer.comments.includes('heartbeat'));
    await client('DELETE', '/api/session');
    await clock.advance(15_000);
    await until('the end', () => viewer.ended());
    expect(server.feed.viewers()).toBe(0);
  });

  it('cuts off a viewer that takes nothing, holds less than 1 MB for it, and serves the others', async () => {
    const server = await openHttpServer({ feed: { mostStallMs: 300 } });
    const { cookie } = await server.logIn();
    const quick = await openViewer(server.address, { cookie });
    const held = holdsOf('/api/feed?after=0');
    const stalled = request(`${server.address}/api/feed?after=0`, { headers: { cookie } });
    const gone = new Promise<void>((resolve) => stalled.on('close', () => resolve()));
    let taken = '';
    stalled.on('error', () => {});
    // Takes the headers and then nothing: the connection fills up.
    stalled.on('response', (response) => {
      response.on('error', () => {}).setEncoding('utf8');
      response.pause().on('data', (text) => {
        taken += text;
      });
      held.takeUp = () => response.resume();
    });
    stalled.end();
    await until('both are served', () => server.feed.viewers() === 2);
    const long = 'x '.repeat(10_000);
    const faults = Array.from({ length: 50 }, (_, index) => index);
    const flood = async () => {
      for (const index of faults) {
        await server.records.keepFault({
          agentId: null,
          code: 'ingest.unreadable',
          reason: `${index} ${long}`,
          excerpt: null,
        });
        held.look();
      }
    };
    await until(
      'the stalled one is cut off',
      async () => {
        await flood();
        return server.feed.viewers() === 1;
      },
      40_000,
    );
    const last = (await whole(server)).at(-1)?.position;
    await until('the quick one has heard everything', () => quick.entries.at(-1)?.position === last);
    expect(positions(quick.entries)).toEqual(positions(await whole(server)));
    expect(held.most).toBeGreaterThan(0);
    expect(held.most).toBeLessThan(1_000_000);
    // It wakes up, finds itself cut off, and comes back to where it was: nothing is missing, nothing comes twice.
    held.takeUp();
    await gone;
    const heard = [...taken.matchAll(/^id: (\d+)\nevent: fault\.found\ndata: .*\n\n/gm)].map(([, id]) => Number(id));
    const back = await openViewer(server.address, { cookie, lastEventId: String(heard.at(-1) ?? 0) });
    await until('it has heard the rest', () => back.entries.at(-1)?.position === last);
    expect([...heard, ...positions(back.entries)]).toEqual(positions(await whole(server)));
  });

  it('lets its viewers go at once when the server stops', async () => {
    const server = await openHttpServer();
    const { cookie } = await server.logIn();
    const viewer = await openViewer(server.address, { cookie });
    await until('the viewer is served', () => server.feed.viewers() === 1);
    const began = performance.now();
    await server.server.close();
    expect(performance.now() - began).toBeLessThan(1000);
    await until('the end', () => viewer.ended());
  });
});
