import { stat } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { makeProblem } from '../problems.ts';

const shown = z.object({ token: z.string() });
const MOST_EMBEDDED_A_MINUTE = 600;
const BUILD_COMMAND = 'npm run build -w @slowlight/dashboard';
/** Addresses of programs: what is not found there is a problem, not a page. */
const FOR_PROGRAMS = /^\/(api|objects|health|metrics)(\/|$|\?)/;
/** Addresses of links for strangers, who load nothing of the dashboard. */
const FOR_STRANGERS = /^\/(s|embed)\/[\w-]{43}\/?(\?|$)/;

/** The built pages. The dashboard routes by itself, so every other address without a file behind it is its first page. */
export function dashboardRoutes(
  app: Api,
  { folder, frameAncestorsOf }: { folder: string; frameAncestorsOf: (token: string) => Promise<string> },
  done: () => void,
): void {
  const pages: FastifyPluginAsync = async (files) => {
    files.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open', rateLimit: route.config?.rateLimit ?? false };
      route.schema = { ...route.schema, hide: true };
    });
    files.register(fastifyStatic, {
      root: folder,
      suppressWarning: true,
      index: false,
      // The build lays compressed copies beside the files.
      preCompressed: true,
      cacheControl: false,
      setHeaders(reply, file) {
        const hashed = path.basename(path.dirname(file)) === 'assets';
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
    // The player for other people's pages: the one address that may be shown inside them, as far as its link says so.
    files.route({
      method: 'GET',
      url: '/embed/:token',
      config: { access: 'open', rateLimit: { max: MOST_EMBEDDED_A_MINUTE, timeWindow: 60_000 } },
      schema: { hide: true },
      async handler(request, reply) {
        const ancestors = await frameAncestorsOf(tokenOf(request));
        const policy = String(reply.getHeader('content-security-policy') ?? '');
        reply.removeHeader('x-frame-options');
        reply.header(
          'content-security-policy',
          policy.replace(/frame-ancestors [^;]*/, `frame-ancestors ${ancestors}`),
        );
        return firstPage(request, reply);
      },
    });
    files.route({ method: 'GET', url: '/', handler: firstPage });
  };
  void app.register(pages);

  app.setNotFoundHandler(async (request, reply) => {
    if (wantsPage(request)) return firstPage(request, reply);
    const detail = 'There is nothing at this address.';
    const problem = makeProblem({
      status: 404,
      code: 'address.not-found',
      detail,
      hint: 'See /api/docs for what there is.',
    });
    return reply.code(404).type('application/problem+json').serializer(JSON.stringify).send(problem);
  });

  async function firstPage({ url }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const page = FOR_STRANGERS.test(url) ? 'shared.html' : 'index.html';
    const built = await stat(path.join(folder, page)).catch(() => null);
    if (built === null) return reply.code(503).type('text/html; charset=utf-8').send(NOT_BUILT);
    return reply.header('cache-control', 'no-cache').sendFile(page, { cacheControl: false });
  }
  done();
}

function tokenOf(request: FastifyRequest): string {
  const { token } = shown.parse(request.params);
  return token;
}

function wantsPage({ method, url }: FastifyRequest): boolean {
  const [address = ''] = url.split('?');
  return (method === 'GET' || method === 'HEAD') && !FOR_PROGRAMS.test(url) && path.extname(address) === '';
}

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Slowlight</title></head>
<body><h1>Slowlight is running</h1>
<p>Its dashboard has not been built yet. Run this in Slowlight’s folder, then load this page again:</p>
<pre>${BUILD_COMMAND}</pre>
<p>The API is described at <a href="/api/docs">/api/docs</a>.</p></body></html>
`;
