import {
  auditEntry,
  auditQuery,
  pageOf,
  sessionView,
  userChange,
  userCreated,
  userId,
  userInput,
  userView,
} from '@slowlight/protocol';
import { z } from 'zod';
import { type Api, noContent, pageQuery, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found, given } from '../given.ts';
import type { People } from '../people.ts';
import { notFound } from '../problems.ts';

const tags = ['people'];
const params = z.object({ id: userId });
const config = { access: 'admin', site: 'house', scope: 'people' } as const;

/** Who may come in and what they may; and who changed what. */
export function userRoutes(
  app: Api,
  { people, records }: { people: People; records: HttpRecords },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/users',
    config,
    schema: {
      tags,
      summary: 'People, oldest first',
      querystring: pageQuery,
      response: { 200: pageOf(userView), ...problems },
    },
    handler: (request) => records.users(request.query),
  });

  app.route({
    method: 'POST',
    url: '/api/users',
    config,
    schema: {
      tags,
      summary: 'Let somebody in; a password that is made up is shown in this answer and never again',
      body: userInput,
      response: { 201: userCreated, ...problems },
    },
    handler: async (request, reply) => reply.code(201).send(await people.createUser(request.body)),
  });

  app.route({
    method: 'GET',
    url: '/api/users/:id',
    config,
    schema: { tags, summary: 'Somebody', params, response: { 200: userView, ...problems } },
    handler: async (request) => found('user', await records.user(request.params.id)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/users/:id',
    config,
    schema: {
      tags,
      summary: 'Change name, role, sites, or switch somebody off; what they may do changes, so their sessions end',
      params,
      body: userChange,
      response: { 200: userView, ...problems },
    },
    handler: async (request) => found('user', await records.changeUser(request.params.id, given(request.body))),
  });

  app.route({
    method: 'DELETE',
    url: '/api/users/:id',
    config,
    schema: {
      tags,
      summary: 'Let somebody in no more, and forget them',
      params,
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (!(await records.deleteUser(request.params.id))) throw notFound('user');
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/users/:id/password',
    config,
    schema: {
      tags,
      summary: 'Give somebody a new password, which must be changed; it is shown in this answer and never again',
      params,
      response: { 200: z.object({ password: z.string() }), ...problems },
    },
    handler: async (request) => ({ password: await people.resetPassword(request.params.id) }),
  });

  app.route({
    method: 'DELETE',
    url: '/api/users/:id/second-factor',
    config,
    schema: {
      tags,
      summary: 'Let somebody who has lost the second factor log in without it',
      params,
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      found('user', await records.user(request.params.id));
      await records.removeSecondFactor(request.params.id);
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/users/:id/sessions',
    config,
    schema: {
      tags,
      summary: 'Where somebody is logged in, newest first',
      params,
      response: { 200: z.object({ items: z.array(sessionView), next: z.null() }), ...problems },
    },
    handler: async (request) => ({ items: await records.sessionsOf(request.params.id, null), next: null }),
  });

  app.route({
    method: 'DELETE',
    url: '/api/users/:id/sessions',
    config,
    schema: { tags, summary: 'Log somebody out everywhere', params, response: { 204: noContent, ...problems } },
    async handler(request, reply) {
      found('user', await records.user(request.params.id));
      await records.deleteSessionsOf(request.params.id);
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/audit',
    config,
    schema: {
      tags,
      summary: 'Who changed what, newest first',
      querystring: auditQuery,
      response: { 200: pageOf(auditEntry), ...problems },
    },
    handler: (request) => records.auditEntries(request.query),
  });
  done();
}
