/** The description of the API, made from the routes' schemas, and pages to read it. Both are open: they hold no data. */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { Api } from './api.ts';

export async function describeApi(app: Api, { version }: { version: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Slowlight',
        version,
        description:
          'Times are milliseconds since 1970-01-01 UTC. Lists are paged by key: give the `next` of a page as `after`. ' +
          'Every error is a problem (RFC 9457) with a stable `code` and a `hint`.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token, made under System.' },
          session: { type: 'apiKey', in: 'cookie', name: 'slowlight_session' },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
  });
  app.route({
    method: 'GET',
    url: '/api/openapi.json',
    config: { access: 'open' },
    schema: { hide: true },
    handler: async () => app.swagger(),
  });
  const { default: swaggerUi } = await import('@fastify/swagger-ui');
  await app.register((docs, _options, done) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open' };
    });
    docs.register(swaggerUi, {
      routePrefix: '/api/docs',
      staticCSP: false,
      uiConfig: {
        layout: 'BaseLayout',
        url: '/api/openapi.json',
        validatorUrl: null,
        docExpansion: 'list',
        deepLinking: true,
      },
      theme: { title: 'Slowlight API' },
    });
    done();
  });
}
