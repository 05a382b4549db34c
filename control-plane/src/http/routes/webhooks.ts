import {
  pageOf,
  sendTestResult,
  webhookChange,
  webhookCreated,
  webhookId,
  webhookInput,
  webhookResume,
  webhookView,
} from '@slowlight/protocol';
import { z } from 'zod';
import type { AlarmDoor } from '../alarm-door.ts';
import { type Api, noContent, problems } from '../api.ts';
import { found } from '../given.ts';
import { notFound } from '../problems.ts';
import { MOST_TRIAL_MS } from './channels.ts';

const tags = ['webhooks'];
const params = z.object({ id: webhookId });

/** Programs of others that hear the feed over HTTP. */
export function webhookRoutes(app: Api, { alarms }: { alarms: AlarmDoor }, done: () => void): void {
  app.route({
    method: 'GET',
    url: '/api/webhooks',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Who hears the feed over HTTP, and how far',
      response: { 200: pageOf(webhookView), ...problems },
    },
    handler: async () => ({ items: await alarms.webhooks(), next: null }),
  });

  app.route({
    method: 'POST',
    url: '/api/webhooks',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary:
        'Send what happens from now on to an address, in order and signed as Standard Webhooks has it; the secret is in the answer and never shown again',
      body: webhookInput,
      response: { 201: webhookCreated, ...problems },
    },
    handler: async (request, reply) => reply.code(201).send(await alarms.addWebhook(request.body)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/webhooks/:id',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Change a webhook; only what is given changes',
      params,
      body: webhookChange,
      response: { 200: webhookView, ...problems },
    },
    handler: async (request) => found('webhook', await alarms.changeWebhook(request.params.id, request.body)),
  });

  app.route({
    method: 'DELETE',
    url: '/api/webhooks/:id',
    config: { access: 'admin', site: 'house' },
    schema: { tags, summary: 'Send nothing there any more', params, response: { 204: noContent, ...problems } },
    async handler(request, reply) {
      if (!(await alarms.removeWebhook(request.params.id))) throw notFound('webhook');
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/webhooks/:id/resume',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Let a paused webhook go on, from where it stopped or from now',
      params,
      body: webhookResume,
      response: { 200: webhookView, ...problems },
    },
    handler: async (request) => found('webhook', await alarms.resumeWebhook(request.params.id, request.body.from)),
  });

  app.route({
    method: 'POST',
    url: '/api/webhooks/:id/test',
    config: { access: 'admin', site: 'house' },
    schema: { tags, summary: 'Send a test message', params, response: { 200: sendTestResult, ...problems } },
    handler: async (request) =>
      found('webhook', await alarms.testWebhook(request.params.id, AbortSignal.timeout(MOST_TRIAL_MS))),
  });
  done();
}
