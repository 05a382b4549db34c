/** Rules by which a timelapse makes its films. */
import {
  pageOf,
  ruleChange,
  ruleId,
  ruleInput,
  ruleOccurrence,
  ruleView,
  timelapseId,
  videoView,
} from '@slowlight/protocol';
import { z } from 'zod';
import { type Api, noContent, pageQuery, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found, given } from '../given.ts';

const tags = ['rules'];
const params = z.object({ id: timelapseId });
const one = z.object({ id: timelapseId, rule: ruleId });

export function ruleRoutes(app: Api, { records }: { records: HttpRecords }, done: () => void): void {
  /** @throws Failure `rule.not-found`, also for a rule of another timelapse */
  async function ruleOf({ id, rule }: z.infer<typeof one>) {
    const view = await records.rule(rule);
    return found('rule', view?.timelapseId === id ? view : null);
  }

  app.route({
    method: 'GET',
    url: '/api/timelapses/:id/rules',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'What makes the films of a timelapse',
      params,
      response: { 200: pageOf(ruleView), ...problems },
    },
    handler: async (request) => ({ items: await records.rules(request.params.id), next: null }),
  });

  app.route({
    method: 'POST',
    url: '/api/timelapses/:id/rules',
    config: { access: 'operator' },
    schema: { tags, summary: 'Make a rule', params, body: ruleInput, response: { 201: ruleView, ...problems } },
    handler: async (request, reply) => reply.code(201).send(await records.createRule(request.params.id, request.body)),
  });

  app.route({
    method: 'GET',
    url: '/api/timelapses/:id/rules/:rule',
    config: { access: 'viewer' },
    schema: { tags, summary: 'A rule', params: one, response: { 200: ruleView, ...problems } },
    handler: (request) => ruleOf(request.params),
  });

  app.route({
    method: 'PATCH',
    url: '/api/timelapses/:id/rules/:rule',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Change a rule; another trigger counts from now on',
      params: one,
      body: ruleChange,
      response: { 200: ruleView, ...problems },
    },
    async handler(request) {
      const { id } = await ruleOf(request.params);
      return found('rule', await records.changeRule(id, given(request.body)));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/timelapses/:id/rules/:rule',
    config: { access: 'operator' },
    schema: { tags, summary: 'Delete a rule; its films stay', params: one, response: { 204: noContent, ...problems } },
    async handler(request, reply) {
      const { id } = await ruleOf(request.params);
      await records.deleteRule(id);
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/timelapses/:id/rules/:rule/run',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Make the film of a rule now, before all other films',
      params: one,
      response: { 201: videoView, ...problems },
    },
    async handler(request, reply) {
      const { id } = await ruleOf(request.params);
      return reply.code(201).send(found('rule', await records.runRule(id)));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/timelapses/:id/rules/:rule/occurrences',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'What came of a rule, newest first',
      params: one,
      querystring: pageQuery,
      response: { 200: pageOf(ruleOccurrence), ...problems },
    },
    async handler(request) {
      const { id } = await ruleOf(request.params);
      return records.ruleOccurrences(id, request.query);
    },
  });
  done();
}
