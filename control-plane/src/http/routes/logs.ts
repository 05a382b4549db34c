import { type LogLevel, type LogLine, logFollowQuery, logLine, logQuery, problem } from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { grantsOf, SESSION_COOKIE } from '../access.ts';
import { type Api, problems } from '../api.ts';
import { decide } from '../grants.ts';
import { openStream } from '../open-stream.ts';
import type { People } from '../people.ts';
import { wrongFields } from '../problems.ts';

/** The newest lines of the control plane's own log; the room of logs keeps them. */
export interface LogDoor {
  newest(wish: { level: LogLevel; text: string; before: number | null; limit: number }): {
    items: LogLine[];
    more: boolean;
  };
  /** Hears those behind a number (null: from now on) and each new one; gives what ends it. */
  follow(wish: { level: LogLevel; text: string; after: number | null }, listener: (line: LogLine) => void): () => void;
}

const tags = ['system'];
const config = { access: 'admin', site: 'house' } as const;
const HEARTBEAT_MS = 15_000;
/** A connection that holds more than this unsent is cut off, bytes; it comes back and asks for the rest. */
const MOST_HELD_BYTES = 1024 * 1024;
const MOST_FOLLOWERS = 20;
const position = logFollowQuery.shape.after;

export function logRoutes(
  app: Api,
  deps: { logs: LogDoor; people: Pick<People, 'identify'>; clock: Clock; closing: AbortSignal },
  done: () => void,
): void {
  const { logs, people, clock, closing } = deps;
  let followers = 0;

  app.route({
    method: 'GET',
    url: '/api/logs',
    config,
    schema: {
      tags,
      summary:
        'The newest lines of the control plane’s own log, newest first, as far as this process keeps them in memory',
      querystring: logQuery,
      response: { 200: z.object({ items: z.array(logLine), next: z.string().nullable() }), ...problems },
    },
    async handler({ query }) {
      const { after, ...wish } = query;
      const { items, more } = logs.newest({ ...wish, before: after === undefined ? null : readKey(after) });
      const last = items.at(-1);
      return { items, next: more && last !== undefined ? String(last.number) : null };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/logs/stream',
    config,
    schema: {
      tags,
      summary:
        'The log as it is written, as server-sent events (text/event-stream): each line has its number as id and is JSON. ' +
        'Comes back with Last-Event-ID (or after) to where it was.',
      querystring: logFollowQuery,
      response: { '4xx': problem, '5xx': problem },
    },
    async handler(request, reply) {
      const { level, text, after: asked = null } = request.query;
      const after = readLastEventId(request) ?? asked;
      if (followers >= MOST_FOLLOWERS) throw tooMany();
      followers += 1;
      const { sink, left, end } = openStream(reply);
      const cut = new AbortController();
      const over = AbortSignal.any([left, closing, cut.signal]);
      const send = (words: string) => {
        if (!over.aborted && sink.write(words) > MOST_HELD_BYTES) cut.abort();
      };
      send(': the log\n\n');
      const stop = logs.follow({ level, text, after }, (line) =>
        send(`id: ${line.number}\ndata: ${JSON.stringify(line)}\n\n`),
      );
      try {
        while (!over.aborted) {
          await clock.sleep(HEARTBEAT_MS, over);
          if (over.aborted || !(await isStillAllowed(request))) break;
          send(': still here\n\n');
        }
      } finally {
        stop();
        followers -= 1;
        await end(cut.signal.aborted);
      }
    },
  });

  async function isStillAllowed(request: FastifyRequest): Promise<boolean> {
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
    const cookie = bearer === null ? request.cookies[SESSION_COOKIE] : undefined;
    const now = await people.identify({ bearer, cookie });
    return now !== null && decide(config, grantsOf(now), { kind: 'house' }).kind === 'allowed';
  }
  done();
}

/** @throws Failure `request.invalid` */
function readKey(after: string): number {
  const read = position.safeParse(after);
  if (!read.success || read.data === undefined)
    throw wrongFields([{ path: 'after', problem: 'is not the `next` of a page before' }]);
  return read.data;
}

/** @throws Failure `request.invalid` when the header is there and is no number of a line */
function readLastEventId(request: FastifyRequest): number | null {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return null;
  const read = position.safeParse(header);
  if (!read.success || read.data === undefined)
    throw wrongFields([{ path: 'Last-Event-ID', problem: 'is not the number of a line' }]);
  return read.data;
}

const tooMany = () =>
  new Failure({
    code: 'request.overloaded',
    message: 'Too many pages follow the log at once.',
    hint: 'Close some of them; the newest lines can be had at /api/logs meanwhile.',
    retry: 'later',
  });
