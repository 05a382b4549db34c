import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem } from '@slowlight/protocol';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** The server as routes see it: what they say in schemas is checked, typed and described. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export const pageQuery = z.strictObject({
  /** The `next` of the page before. */
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

export const noContent = z.null().describe('Done; nothing to say.');

/** The replies that any route may give beside its own. */
export const problems = { '4xx': problem, '5xx': problem } as const;
