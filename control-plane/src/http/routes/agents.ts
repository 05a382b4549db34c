import { agentChange, agentCreated, agentId, agentInput, agentView, pageOf } from '@slowlight/protocol';
import { z } from 'zod';
import type { RequestAccess } from '../access.ts';
import { type Api, pageQuery, problems } from '../api.ts';
import type { HttpRecords, ServerDeps } from '../deps.ts';
import { found } from '../given.ts';
import { hashSecret, newSecret } from '../secrets.ts';

const tags = ['agents'];
const params = z.object({ id: agentId });

export function agentRoutes(
  app: Api,
  deps: { records: HttpRecords; access: RequestAccess } & Pick<ServerDeps, 'brokerUrl' | 'brokerHash'>,
  done: () => void,
): void {
  const { records, access, brokerUrl, brokerHash } = deps;
  app.route({
    method: 'GET',
    url: '/api/agents',
    config: { access: 'viewer', site: 'seen' },
    schema: { tags, summary: 'Agents', querystring: pageQuery, response: { 200: pageOf(agentView), ...problems } },
    handler: (request) => records.agents({ ...request.query, sites: access.sitesSeen(request) }),
  });

  app.route({
    method: 'POST',
    url: '/api/agents',
    config: { access: 'admin', site: { body: { siteId: 'site' } } },
    schema: {
      tags,
      summary: 'Make an agent; its secret is shown in this answer and never again',
      body: agentInput,
      response: { 201: agentCreated, ...problems },
    },
    async handler(request, reply) {
      const secret = newSecret();
      const agent = await records.createAgent({
        ...request.body,
        secretHash: hashSecret(secret),
        brokerHash: brokerHash(secret),
      });
      return reply.code(201).send({ agent, secret, brokerUrl: brokerUrl() });
    },
  });

  app.route({
    method: 'GET',
    url: '/api/agents/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'An agent', params, response: { 200: agentView, ...problems } },
    handler: async (request) => found('agent', await records.agent(request.params.id)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/agents/:id',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Rename an agent, or limit what it may deliver and when',
      params,
      body: agentChange,
      response: { 200: agentView, ...problems },
    },
    handler: async (request) => found('agent', await records.changeAgent(request.params.id, request.body)),
  });
  done();
}
