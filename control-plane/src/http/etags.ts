/**
 * Weak ETags of what the API reads out: whoever asks again with `If-None-Match` is told that nothing has changed, and is sent
 * nothing. The tag is made of the answer itself, so it cannot be wrong; what it saves is the way, not the look-up. Browsers
 * are still told to store nothing: what cameras see is not to lie in caches.
 */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Half of a SHA-256 is enough to tell answers apart (RFC 9110, 8.8.3). */
const TAG_LENGTH = 22;

export const etagOf = (payload: string): string =>
  `W/"${createHash('sha256').update(payload).digest('base64url').slice(0, TAG_LENGTH)}"`;

/** Weak comparison (RFC 9110, 13.1.2). */
export function isNamed(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((one) => bare(one) === bare(etag));
}

/** Tags a JSON answer that was read; gives what is to be sent: the answer, or nothing (then it is a 304). */
export function tagAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const isJson = /^application\/json\b/.test(String(reply.getHeader('content-type') ?? ''));
  if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string' || !isJson) return payload;
  if (reply.hasHeader('etag')) return payload;
  const etag = etagOf(payload);
  reply.header('etag', etag);
  if (!isNamed(etag, request.headers['if-none-match'])) return payload;
  reply.code(304).removeHeader('content-type');
  return '';
}
