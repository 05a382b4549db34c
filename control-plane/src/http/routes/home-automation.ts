import {
  homeAutomationView,
  homeBrokerChange,
  homeBrokerId,
  homeBrokerInput,
  homeBrokerView,
  homeTestInput,
  homeTestResult,
} from '@slowlight/protocol';
import { z } from 'zod';
import { type Api, noContent, problems } from '../api.ts';
import type { HomeDoor } from '../deps.ts';
import { found } from '../given.ts';
import { notFound } from '../problems.ts';

const tags = ['home automation'];
const params = z.object({ id: homeBrokerId });

/** The brokers of users' houses (Home Assistant, Node-RED, …) that are told what happens, and may ask for things. */
export function homeAutomationRoutes(app: Api, { home }: { home: HomeDoor }, done: () => void): void {
  app.route({
    method: 'GET',
    url: '/api/home-automation',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'The brokers of houses that are spoken with, and how each connection stands',
      response: { 200: homeAutomationView, ...problems },
    },
    handler: () => home.view(),
  });

  app.route({
    method: 'POST',
    url: '/api/home-automation/brokers',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Speak with the broker of a house; its password is stored encrypted and never shown again',
      body: homeBrokerInput,
      response: { 201: homeBrokerView, ...problems },
    },
    handler: async (request, reply) => reply.code(201).send(await home.add(request.body)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/home-automation/brokers/:id',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary:
        'Change a connection; only what is given changes. At another address the password must be given again; under other topics, or disabled, what was announced is taken away',
      params,
      body: homeBrokerChange,
      response: { 200: homeBrokerView, ...problems },
    },
    handler: async (request) => found('home-broker', await home.change(request.params.id, request.body)),
  });

  app.route({
    method: 'DELETE',
    url: '/api/home-automation/brokers/:id',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary: 'Speak no more with a broker; what was announced there is taken away',
      params,
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (!(await home.remove(request.params.id))) throw notFound('home-broker');
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/home-automation/test',
    config: { access: 'admin', site: 'house' },
    schema: {
      tags,
      summary:
        'Try a connection before it is kept: log in, and see whether what is said comes back. With `id` and no password: with the stored one',
      body: homeTestInput,
      response: { 200: homeTestResult, ...problems },
    },
    handler: (request) => home.test(request.body, AbortSignal.timeout(MOST_TRIAL_MS)),
  });
  done();
}
const MOST_TRIAL_MS = 20_000;
