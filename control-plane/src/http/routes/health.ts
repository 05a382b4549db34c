import { z } from 'zod';
import type { Api } from '../api.ts';
import type { ServerDeps } from '../deps.ts';

const readiness = z.object({
  ready: z.boolean(),
  parts: z.array(z.object({ part: z.string(), ready: z.boolean(), detail: z.string() })),
});

/** For whoever watches over the process: does it live, can it work, what are its figures. */
export function healthRoutes(
  app: Api,
  deps: { readiness: ServerDeps['readiness']; metrics: ServerDeps['metrics']; metricsOpen: boolean },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/health/live',
    config: { access: 'open' },
    schema: {
      tags: ['health'],
      summary: 'The process answers',
      response: { 200: z.object({ live: z.literal(true) }) },
    },
    handler: async () => ({ live: true as const }),
  });

  app.route({
    method: 'GET',
    url: '/health/ready',
    config: { access: 'open' },
    schema: {
      tags: ['health'],
      summary: 'Every part can do its work; says which one cannot',
      response: { 200: readiness, 503: readiness },
    },
    async handler(_request, reply) {
      const parts = await deps.readiness();
      const ready = parts.every((part) => part.ready);
      return reply
        .code(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ ready, parts });
    },
  });

  app.route({
    method: 'GET',
    url: '/metrics',
    config: { access: deps.metricsOpen ? 'open' : 'viewer', site: 'house' },
    schema: { tags: ['health'], summary: 'Figures in the form of Prometheus' },
    async handler(_request, reply) {
      const { type, body } = await deps.metrics.text();
      return reply.type(type).send(body);
    },
  });
  done();
}
