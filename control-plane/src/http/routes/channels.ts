import {
  channelChange,
  channelCreated,
  channelId,
  channelInput,
  channelTestInput,
  channelView,
  deliveryId,
  deliveryQuery,
  deliveryView,
  pageOf,
  sendTestResult,
} from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import type { AlarmDoor } from '../alarm-door.ts';
import { type Api, noContent, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found } from '../given.ts';
import { notFound } from '../problems.ts';

const tags = ['alarm channels'];
const params = z.object({ id: channelId });
export const MOST_TRIAL_MS = 45_000;

/** Where alarms are told, and what could not be told. */
export function channelRoutes(
  app: Api,
  { records, alarms }: { records: HttpRecords; alarms: AlarmDoor },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/alarm-channels',
    config: { access: 'admin', site: 'house' },
    schema: { tags, summary: 'Where alarms are told', response: { 200: pageOf(channelView), ...problems } },
    handler: async () => ({ items: await alarms.channels(), next: null }),
  });

  app.route({
    method: 'POST',
    url: '/api/alarm-channels',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Tell alarms somewhere: by webhook, e-mail or ntfy. A secret is stored encrypted and never shown again',
      body: channelInput,
      response: { 201: channelCreated, ...problems },
    },
    handler: async (request, reply) => reply.code(201).send(await alarms.addChannel(request.body)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/alarm-channels/:id',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Change a channel; only what is given changes. At another address the secret must be given again',
      params,
      body: channelChange,
      response: { 200: channelView, ...problems },
    },
    handler: async (request) => found('alarm-channel', await alarms.changeChannel(request.params.id, request.body)),
  });

  app.route({
    method: 'DELETE',
    url: '/api/alarm-channels/:id',
    config: { access: 'admin', site: 'house' },
    schema: { tags, summary: 'Tell nothing there any more', params, response: { 204: noContent, ...problems } },
    async handler(request, reply) {
      if (!(await alarms.removeChannel(request.params.id))) throw notFound('alarm-channel');
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/alarm-channels/test',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Send a test message, before a channel is kept or after. With `id` and no secret: with the stored one',
      body: channelTestInput,
      response: { 200: sendTestResult, ...problems },
    },
    handler: (request) => alarms.testChannel(request.body, AbortSignal.timeout(MOST_TRIAL_MS)),
  });

  app.route({
    method: 'GET',
    url: '/api/alarm-deliveries',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'What was told, waits, or was given up (`dead`), newest first',
      querystring: deliveryQuery,
      response: { 200: pageOf(deliveryView), ...problems },
    },
    handler: (request) => records.deliveries(request.query),
  });

  app.route({
    method: 'POST',
    url: '/api/alarm-deliveries/:id/retry',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Tell a message that was given up once more',
      params: z.object({ id: deliveryId }),
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (!(await records.retryDelivery(request.params.id))) throw notDead();
      alarms.tellAgain();
      return reply.code(204).send(null);
    },
  });
  done();
}

const notDead = () =>
  new Failure({
    code: 'delivery.not-dead',
    message: 'There is no such message that was given up.',
    hint: 'Look at the list of messages: it may have been told meanwhile.',
    retry: 'never',
  });
