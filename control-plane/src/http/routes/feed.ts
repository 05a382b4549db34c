import { once } from 'node:events';
import { type FeedEntry, problem } from '@slowlight/protocol';
import { messageOf } from '@slowlight/protocol/kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { WhereRecords } from '../../ports-people.ts';
import { grantsOf, type RequestAccess, SESSION_COOKIE } from '../access.ts';
import type { Api } from '../api.ts';
import type { ServeFeed } from '../deps.ts';
import { createFeedSight } from '../feed-sight.ts';
import { sitesSeen } from '../grants.ts';
import type { People } from '../people.ts';
import { wrongFields } from '../problems.ts';
import { createSseSink } from '../sse-sink.ts';

const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Server-sent events: what happens, as it happens, and what happened since a position. */
export function feedRoutes(
  app: Api,
  deps: {
    serveFeed: ServeFeed;
    people: Pick<People, 'identify'>;
    access: RequestAccess;
    siteOf: WhereRecords['siteOf'];
    closing: AbortSignal;
  },
  done: () => void,
): void {
  const hear = createFeedSight(deps.siteOf);

  app.route({
    method: 'GET',
    url: '/api/feed',
    config: { access: 'viewer', site: 'seen' },
    schema: {
      tags: ['feed'],
      summary:
        'The feed as server-sent events (text/event-stream). Each has its position as id, its type as name, and {position, at, event} ' +
        'as data. Comes back with Last-Event-ID (or after) to where it was; `event: reset` means: load everything anew.',
      querystring: z.strictObject({
        after: position.optional(),
        /** Types or their first words, with commas, such as `frame,video.completed`. */
        topics: z.string().max(400).default(''),
      }),
      response: { '4xx': problem, '5xx': problem },
    },
    async handler(request, reply) {
      const seen = deps.access.sitesSeen(request);
      const after = readLastEventId(request) ?? request.query.after ?? null;
      const topics = request.query.topics.split(',').map((topic) => topic.trim());
      const response = reply.raw;
      const left = new AbortController();
      response.on('close', () => left.abort());
      // What is written after the connection is gone is no fault: the viewer has left, as `close` says.
      response.on('error', () => left.abort());
      reply.hijack();
      response.writeHead(200, {
        ...plainHeaders(reply.getHeaders()),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      });
      response.socket?.setNoDelay(true);
      const viewer = {
        after,
        topics: topics.filter((topic) => topic !== ''),
        sink: createSseSink(response),
        hears: seen === undefined ? undefined : (entries: readonly FeedEntry[]) => hear(entries, seen),
        stillAllowed: () => isStillKnown(request),
      };
      try {
        const end = await deps.serveFeed(viewer, AbortSignal.any([left.signal, deps.closing]));
        if (end === 'too-slow') response.destroy();
        else response.end();
        if (end !== 'left') request.log.info({ end }, 'a viewer of the feed was cut off');
      } catch (thrown) {
        request.log.warn({ fault: messageOf(thrown) }, 'the feed broke off; its viewer comes back by itself');
        response.destroy();
      }
      if (!response.destroyed && !response.writableFinished && !deps.closing.aborted) await once(response, 'close');
    },
  });

  /** Somebody who may look at other sites now comes back, and hears of those. */
  async function isStillKnown(request: FastifyRequest): Promise<boolean> {
    const before = deps.access.required(request);
    const bearer = before.kind === 'token' ? (request.headers.authorization ?? '').slice(7) : null;
    const now = await deps.people.identify({ bearer, cookie: request.cookies[SESSION_COOKIE] });
    if (now === null) return false;
    const seen = (identity: typeof now) => (sitesSeen(grantsOf(identity)) ?? ['all']).toSorted().join(' ');
    return seen(now) === seen(before);
  }
  done();
}

/** @throws Failure `request.invalid` when the header is there and is no position */
function readLastEventId(request: FastifyRequest): number | null {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return null;
  const read = position.safeParse(header);
  if (!read.success) throw wrongFields([{ path: 'Last-Event-ID', problem: 'is not a position of the feed' }]);
  return read.data;
}

function plainHeaders(headers: Record<string, number | string | string[] | undefined>) {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}
