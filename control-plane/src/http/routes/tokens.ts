import { tokenCreated, tokenId, tokenInput, tokenView } from '@slowlight/protocol';
import { z } from 'zod';
import { type Api, noContent, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import type { People } from '../people.ts';
import { notFound } from '../problems.ts';

const tags = ['tokens'];

/** Keys for programs. */
export function tokenRoutes(
  app: Api,
  { people, records }: { people: People; records: HttpRecords },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/tokens',
    config: { access: 'admin', site: 'house', scope: 'people' },
    schema: {
      tags,
      summary: 'API tokens',
      response: { 200: z.object({ items: z.array(tokenView), next: z.null() }), ...problems },
    },
    handler: async () => ({ items: await records.tokens(), next: null }),
  });

  app.route({
    method: 'POST',
    url: '/api/tokens',
    config: { access: 'admin', site: 'house', scope: 'people' },
    schema: {
      tags,
      summary: 'Make an API token; its secret is shown in this answer and never again',
      body: tokenInput,
      response: { 201: tokenCreated, ...problems },
    },
    handler: async (request, reply) => reply.code(201).send(await people.createToken(request.body)),
  });

  app.route({
    method: 'DELETE',
    url: '/api/tokens/:id',
    config: { access: 'admin', site: 'house', scope: 'people' },
    schema: {
      tags,
      summary: 'Delete an API token; it opens nothing any more',
      params: z.object({ id: tokenId }),
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (!(await records.deleteToken(request.params.id))) throw notFound('token');
      return reply.code(204).send(null);
    },
  });
  done();
}
