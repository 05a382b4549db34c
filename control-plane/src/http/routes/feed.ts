import { once } from 'node:events';
import { problem } from '@slowlight/protocol';
import { messageOf } from '@slowlight/protocol/kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type RequestAccess, SESSION_COOKIE } from '../access.ts';
import type { Api } from '../api.ts';
import type { ServeFeed } from '../deps.ts';
import type { People } from '../people.ts';
import { wrongFields } from '../problems.ts';
import { createSseSink } from '../sse-sink.ts';

const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Server-sent events: what happens, as it happens, and what happened since a position. */
export function feedRoutes(
  app: Api,
  deps: { serveFeed: ServeFeed; people: Pick<People, 'identify'>; access: RequestAccess; closing: AbortSignal },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/feed',
    config: { access: 'viewer' },
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

  async function isStillKnown(request: FastifyRequest): Promise<boolean> {
    const bearer =
      deps.access.required(request).kind === 'token' ? (request.headers.authorization ?? '').slice(7) : null;
    return (await deps.people.identify({ bearer, cookie: request.cookies[SESSION_COOKIE] })) !== null;
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
