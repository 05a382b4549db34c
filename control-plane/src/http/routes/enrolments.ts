/** How agents come in, and how they are kept out. */
import {
  agentId,
  credentialView,
  enrolmentAnswer,
  enrolmentCreated,
  enrolmentId,
  enrolmentInput,
  enrolmentRequest,
  enrolmentView,
  revokeInput,
} from '@slowlight/protocol';
import { z } from 'zod';
import type { RequestAccess } from '../access.ts';
import { type Api, noContent, problems } from '../api.ts';
import type { EnrolmentDesk, HttpRecords } from '../deps.ts';
import { found } from '../given.ts';
import { notFound } from '../problems.ts';

const tags = ['agents'];
/** Of one address: a device that waits asks six times a minute; guessing 256 bits is of no use at any speed. */
const TRIES_A_MINUTE = 30;
const ofAgent = z.object({ id: agentId });
const ofEnrolment = z.object({ id: enrolmentId });
const whole = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), next: z.null() });

export function enrolmentRoutes(
  app: Api,
  { records, access, enrolment }: { records: HttpRecords; access: RequestAccess; enrolment: EnrolmentDesk },
  done: () => void,
): void {
  app.route({
    method: 'POST',
    url: '/api/enrol',
    config: {
      access: 'open',
      site: 'anywhere',
      // A device that waits to be accepted asks every five seconds, for days.
      audit: 'by-itself',
      rateLimit: { max: TRIES_A_MINUTE, timeWindow: 60_000 },
    },
    bodyLimit: 4096,
    schema: {
      tags,
      summary: 'What a device says that becomes an agent: its one-time token and its public key',
      body: enrolmentRequest,
      response: { 200: enrolmentAnswer, ...problems },
    },
    handler: (request) => enrolment.show(request.body, request.ip),
  });

  app.route({
    method: 'POST',
    url: '/api/enrolments',
    config: { access: 'operator', site: { body: { siteId: 'site', replaces: 'agent' } } },
    schema: {
      tags,
      summary: 'A one-time token for a new agent, or for new hardware of one; shown in this answer and never again',
      body: enrolmentInput,
      response: { 201: enrolmentCreated, ...problems },
    },
    handler: async (request, reply) => reply.code(201).send(await enrolment.create(request.body)),
  });

  app.route({
    method: 'GET',
    url: '/api/enrolments',
    config: { access: 'operator', site: 'seen' },
    schema: { tags, summary: 'Enrolments of late, newest first', response: { 200: whole(enrolmentView), ...problems } },
    handler: async (request) => ({ items: await records.enrolments(access.sitesSeen(request)), next: null }),
  });

  for (const [verb, to, summary] of [
    ['accept', 'accepted', 'Let the device in that waits'],
    ['refuse', 'refused', 'Send the device away that waits'],
    ['cancel', 'cancelled', 'Take the token back'],
  ] as const)
    app.route({
      method: 'POST',
      url: `/api/enrolments/:id/${verb}`,
      config: { access: 'operator' },
      schema: { tags, summary, params: ofEnrolment, response: { 200: enrolmentView, ...problems } },
      handler: async (request) => found('enrolment', await records.moveEnrolment(request.params.id, to)),
    });

  app.route({
    method: 'POST',
    url: '/api/agents/:id/revoke',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Nobody comes in under this agent’s name any more, until it is enrolled anew; its frames stay',
      params: ofAgent,
      body: revokeInput,
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (!(await records.revokeAgent(request.params.id, request.body))) throw notFound('agent');
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/agents/:id/credentials',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'With what an agent comes in; never the secrets',
      params: ofAgent,
      response: { 200: whole(credentialView), ...problems },
    },
    async handler(request) {
      found('agent', await records.agent(request.params.id));
      return { items: await records.credentials(request.params.id), next: null };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/agents/:id/credentials',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Hand an agent that is online another credential; the one before is good until it is used',
      params: ofAgent,
      response: { 201: credentialView, ...problems },
    },
    handler: async (request, reply) => reply.code(201).send(await enrolment.rotate(request.params.id)),
  });

  app.route({
    method: 'DELETE',
    url: '/api/agents/:id/clone-suspicion',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Somebody has looked at it: no two devices work under this identity any more',
      params: ofAgent,
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (!(await records.clearClone(request.params.id))) throw notFound('agent');
      return reply.code(204).send(null);
    },
  });
  done();
}
