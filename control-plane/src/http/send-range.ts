/** An object of the store as an answer to a range request, or whole. */
import { Failure } from '@slowlight/protocol/kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ByteRange } from '../frame.ts';
import { readRange } from './byte-range.ts';

/**
 * Says on the reply which part it will be (206), or that it is the whole; gives the range to read, undefined for the whole.
 * A client that resumes what has changed meanwhile gets the whole of the new one.
 * @param code of the failure where the range lies outside, such as `video.out-of-range`
 * @throws Failure with that code
 */
export function chooseRange(
  request: FastifyRequest,
  reply: FastifyReply,
  { sizeBytes, etag, code }: { sizeBytes: number; etag: string; code: string },
): ByteRange | undefined {
  const resumes = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const answer = readRange(resumes ? request.headers.range : undefined, sizeBytes);
  reply.header('accept-ranges', 'bytes');
  if (answer.kind === 'outside') {
    reply.header('content-range', `bytes */${sizeBytes}`);
    throw outside(code, sizeBytes);
  }
  const range = answer.kind === 'part' ? answer.range : { first: 0, last: sizeBytes - 1 };
  reply.header('content-length', range.last - range.first + 1);
  if (answer.kind === 'whole') return undefined;
  reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${sizeBytes}`);
  return range;
}

const outside = (code: string, sizeBytes: number): Failure =>
  new Failure({
    code,
    message: `The file has ${sizeBytes} bytes; what was asked for lies behind its end.`,
    hint: 'Ask for a range inside the file.',
    retry: 'never',
  });
