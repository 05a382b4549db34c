/** The open answer of somebody who follows something as server-sent events. */
import { once } from 'node:events';
import type { FastifyReply } from 'fastify';
import { createSseSink, type SseSink } from './sse-sink.ts';

export interface EventStream {
  sink: SseSink;
  /** Aborts when whoever looked is gone. */
  left: AbortSignal;
  /** Resolves when the connection is closed. @param broken cut off, instead of ended in order */
  end(broken: boolean): Promise<void>;
}

/** Begins the answer: from now on nothing but its own lines may be written. */
export function openStream(reply: FastifyReply): EventStream {
  const response = reply.raw;
  const left = new AbortController();
  response.on('close', () => left.abort());
  // What is written after the connection is gone is no fault: whoever looked has left, as `close` says.
  response.on('error', () => left.abort());
  reply.hijack();
  const headers = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined);
  response.writeHead(200, {
    ...Object.fromEntries(headers),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.socket?.setNoDelay(true);
  return {
    sink: createSseSink(response),
    left: left.signal,
    async end(broken) {
      if (broken) response.destroy();
      else response.end();
      if (!response.destroyed && !response.writableFinished) await once(response, 'close');
    },
  };
}
