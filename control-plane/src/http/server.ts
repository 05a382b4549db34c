/**
 * The door for people and programs: REST, feed, health, metrics, uploads of the directory store, dashboard.
 * Promise: every route says who may use it (the start fails otherwise), every input passes a schema, every answer too, so
 * that nothing leaves that is not in it, and whatever goes wrong is told as a problem without a stack.
 */
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { toFailure } from '@slowlight/protocol/kit';
import createFastify, {
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RouteOptions,
} from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { type Access, createAccess, isApi } from './access.ts';
import type { Api } from './api.ts';
import type { ServerDeps, ServerOptions } from './deps.ts';
import { describeApi } from './docs.ts';
import { translateListenFault } from './listen.ts';
import { toProblem } from './problems.ts';
import { agentRoutes } from './routes/agents.ts';
import { assetRoutes } from './routes/assets.ts';
import { cameraRoutes } from './routes/cameras.ts';
import { commandRoutes } from './routes/commands.ts';
import { coverageRoutes } from './routes/coverage.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { feedRoutes } from './routes/feed.ts';
import { filmRoutes } from './routes/films.ts';
import { frameRoutes } from './routes/frames.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { liveRoutes } from './routes/live.ts';
import { objectRoutes } from './routes/objects.ts';
import { overlayRoutes } from './routes/overlays.ts';
import { pictureRoutes } from './routes/pictures.ts';
import { retentionRoutes } from './routes/retention.ts';
import { sessionRoutes } from './routes/session.ts';
import { siteRoutes } from './routes/sites.ts';
import { systemRoutes } from './routes/system.ts';
import { timelapseRoutes } from './routes/timelapses.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { videoRoutes } from './routes/videos.ts';
import { securityHeaders } from './security-headers.ts';

/** Requests of one address in a minute; a wall of 50 cameras with a picture every 2 s asks for a tenth of it. */
const MOST_REQUESTS_A_MINUTE = 20_000;
const NO_RATE_HEADERS = {
  addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
};
const MOST_BODY_BYTES = 256 * 1024;
/** A connection on which nothing moves for so long is gone, ms: a link that broke in an upload says nothing. The feed's heartbeat is far below. */
const MOST_IDLE_MS = 120_000;
/** How long requests in flight may take to end when the server stops, ms. */
const CLOSE_WITHIN_MS = 1500;

export interface Server {
  /** Gives the address, such as `http://127.0.0.1:8080`. @throws Failure `http.port-taken` | `http.cannot-listen` */
  listen(at: { host: string; port: number }): Promise<string>;
  /** Every route with whom it lets in. */
  routes(): readonly { method: string; url: string; access: Access | undefined }[];
  /** Ends streams at once, lets requests end for a moment, then closes. */
  close(): Promise<void>;
}

export async function createServer(deps: ServerDeps, options: ServerOptions): Promise<Server> {
  const { clock, log, metrics, people } = deps;
  const app: Api = createFastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MOST_BODY_BYTES,
    exposeHeadRoutes: false,
    genReqId: () => `req-${crypto.randomUUID().slice(0, 13)}`,
    forceCloseConnections: 'idle',
    connectionTimeout: options.mostIdleMs ?? MOST_IDLE_MS,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    routerOptions: { maxParamLength: 512 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  const access = createAccess({ people });
  const known: RouteOptions[] = [];
  const routes = () =>
    known.flatMap(({ method, url, config }) =>
      [method].flat().map((one) => ({ method: one, url, access: config?.access })),
    );
  const closing = new AbortController();

  app.setErrorHandler<FastifyError>((thrown, request, reply) => sendProblem(thrown, request, reply));
  app.addHook('onRoute', (route) => {
    known.push(route);
  });
  app.addHook('onReady', async () => {
    const silent = routes()
      .filter((route) => route.access === undefined)
      .map(({ method, url }) => `${method} ${url}`);
    if (silent.length > 0) throw toFailure(new Error(`routes that do not say who may use them: ${silent.join(', ')}`));
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    metrics.answered({ method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
  });

  await app.register(cookie);
  await app.register(helmet, securityHeaders(options.publicUrl));
  await app.register(rateLimit, { max: MOST_REQUESTS_A_MINUTE, timeWindow: 60_000, ...NO_RATE_HEADERS });
  app.addHook('onRequest', access.check);
  app.addHook('onSend', async (request, reply, payload) => {
    if (isApi(request) && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    return payload;
  });
  await describeApi(app, { version: options.version });

  const open = { secureCookie: options.publicUrl?.startsWith('https:') ?? false };
  await app.register(sessionRoutes, { people, access, ...open });
  await app.register(tokenRoutes, { people, records: deps.records });
  await app.register(siteRoutes, deps);
  await app.register(agentRoutes, deps);
  await app.register(cameraRoutes, deps);
  await app.register(commandRoutes, deps);
  await app.register(liveRoutes, { ...deps, closing: closing.signal });
  await app.register(timelapseRoutes, { ...deps, minIntervalMs: options.minIntervalMs });
  await app.register(coverageRoutes, deps);
  await app.register(retentionRoutes, deps);
  await app.register(frameRoutes, deps);
  await app.register(pictureRoutes, deps);
  await app.register(overlayRoutes, deps);
  await app.register(assetRoutes, deps);
  await app.register(videoRoutes, deps);
  await app.register(filmRoutes, deps);
  await app.register(jobRoutes, deps);
  await app.register(systemRoutes, { ...deps, ...options });
  await app.register(feedRoutes, { ...deps, people, access, closing: closing.signal });
  await app.register(healthRoutes, { ...deps, metricsOpen: options.metricsOpen });
  await app.register(objectRoutes, deps);
  await app.register(dashboardRoutes, { folder: options.dashboardFolder });

  return {
    routes,
    async listen({ host, port }) {
      try {
        return await app.listen({ host, port, listenTextResolver: (at) => `the dashboard listens at ${at}` });
      } catch (cause) {
        throw translateListenFault(cause, { host, port });
      }
    },
    async close() {
      closing.abort();
      const closed = new AbortController();
      void clock.sleep(CLOSE_WITHIN_MS, closed.signal).then(() => app.server.closeAllConnections());
      await app.close();
      closed.abort();
    },
  };
}

function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(thrown, request.id);
  const { method } = request;
  const route = request.routeOptions.url;
  if (problem.status === 500)
    request.log.error({ err: thrown, request: request.id, method, route }, 'a request failed');
  else if (problem.status > 500)
    request.log.warn({ code: problem.code, method, route }, 'a request could not be served');
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem);
}
