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
import { createAccess, isApi } from './access.ts';
import type { Api } from './api.ts';
import { createAudit } from './audit.ts';
import type { ServerDeps, ServerOptions } from './deps.ts';
import { describeApi } from './docs.ts';
import { tagAnswer } from './etags.ts';
import type { Access } from './grants.ts';
import { translateListenFault } from './listen.ts';
import { toProblem } from './problems.ts';
import { agentRoutes } from './routes/agents.ts';
import { alarmRoutes } from './routes/alarms.ts';
import { assetRoutes } from './routes/assets.ts';
import { brokerRoutes } from './routes/broker.ts';
import { bulkRoutes } from './routes/bulk.ts';
import { cameraRoutes } from './routes/cameras.ts';
import { channelRoutes } from './routes/channels.ts';
import { commandRoutes } from './routes/commands.ts';
import { coverageRoutes } from './routes/coverage.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { enrolmentRoutes } from './routes/enrolments.ts';
import { feedRoutes } from './routes/feed.ts';
import { filmFrameRoutes } from './routes/film-frames.ts';
import { filmManifestRoutes, filmRoutes } from './routes/films.ts';
import { frameRoutes } from './routes/frames.ts';
import { healthRoutes } from './routes/health.ts';
import { homeAutomationRoutes } from './routes/home-automation.ts';
import { jobRoutes } from './routes/jobs.ts';
import { liveRoutes } from './routes/live.ts';
import { logRoutes } from './routes/logs.ts';
import { objectRoutes } from './routes/objects.ts';
import { openIdRoutes } from './routes/open-id.ts';
import { overlayRoutes } from './routes/overlays.ts';
import { pictureRoutes, zipRoutes } from './routes/pictures.ts';
import { retentionRoutes } from './routes/retention.ts';
import { ruleRoutes } from './routes/rules.ts';
import { sessionRoutes } from './routes/session.ts';
import { frameAncestors, shareRoutes } from './routes/shares.ts';
import { siteRoutes } from './routes/sites.ts';
import { storageRoutes } from './routes/storage.ts';
import { systemRoutes } from './routes/system.ts';
import { timelapseRoutes } from './routes/timelapses.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { userRoutes } from './routes/users.ts';
import { videoRoutes } from './routes/videos.ts';
import { watchingRoutes } from './routes/watching.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { hashSecret } from './secrets.ts';
import { openSecureDoor, type SecureDoor, type SecureDoorOptions } from './secure-door.ts';
import { securityHeaders } from './security-headers.ts';
import type { ViewDoor } from './view-door.ts';
import { rememberSites, type SiteSource } from './where.ts';

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

/** A route, and what it says of itself. */
interface RouteSays {
  method: string;
  url: string;
  access: Access | undefined;
  site: SiteSource | undefined;
  audit: string | undefined;
}
const saysOf = (config: RouteOptions['config']) => ({
  access: config?.access,
  site: config?.site,
  audit: config?.audit,
});

export interface Server {
  /** Gives the address, such as `http://127.0.0.1:8080`. @throws Failure `http.port-taken` | `http.cannot-listen` */
  listen(at: { host: string; port: number }): Promise<string>;
  /** Opens the encrypted door beside it; gives its port. @throws Failure `http.port-taken` | `http.cannot-listen` */
  listenSecure(at: SecureDoorOptions): Promise<number>;
  /** Every route with whom it lets in. */
  routes(): readonly RouteSays[];
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

  const access = createAccess({ people, records: deps.records });
  const guarded = { ...deps, access };
  const audit = createAudit(guarded);
  const houseDoor = (base: string): ViewDoor => ({
    base,
    config: { access: 'viewer' },
    guard: async () => {},
    seesAll: (request) => access.sitesSeen(request) === undefined,
  });
  const known: RouteOptions[] = [];
  const routes = () =>
    known.flatMap(({ method, url, config }) => [method].flat().map((one) => ({ method: one, url, ...saysOf(config) })));
  const closing = new AbortController();
  let secure: SecureDoor | null = null;

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
  app.addHook('preHandler', access.checkBody);
  app.addHook('preHandler', audit.begin);
  app.addHook('onSend', async (request, reply, payload) => {
    await audit.end(request, reply, payload);
    if (isApi(request) && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    return isApi(request) ? tagAnswer(request, reply, payload) : payload;
  });
  await describeApi(app, { version: options.version });

  const open = { secureCookie: options.publicUrl?.startsWith('https:') ?? false };
  await app.register(sessionRoutes, { ...guarded, openId: deps.openId ?? null, ...open });
  if (deps.openId != null) await app.register(openIdRoutes, { people, openId: deps.openId, ...open });
  await app.register(userRoutes, deps);
  await app.register(tokenRoutes, { people, records: deps.records });
  await app.register(siteRoutes, guarded);
  await app.register(agentRoutes, guarded);
  await app.register(enrolmentRoutes, guarded);
  await app.register(brokerRoutes, deps);
  await app.register(cameraRoutes, guarded);
  await app.register(commandRoutes, deps);
  await app.register(liveRoutes, { ...deps, closing: closing.signal });
  await app.register(timelapseRoutes, { ...guarded, minIntervalMs: options.minIntervalMs });
  await app.register(coverageRoutes, deps);
  await app.register(retentionRoutes, deps);
  await app.register(frameRoutes, guarded);
  await app.register(watchingRoutes, guarded);
  await app.register(pictureRoutes, { ...deps, door: houseDoor('/api/frames') });
  await app.register(zipRoutes, deps);
  await app.register(overlayRoutes, deps);
  await app.register(assetRoutes, deps);
  await app.register(videoRoutes, guarded);
  await app.register(filmRoutes, { ...deps, door: houseDoor('/api/videos') });
  await app.register(filmManifestRoutes, deps);
  await app.register(filmFrameRoutes, deps);
  await app.register(ruleRoutes, deps);
  await app.register(homeAutomationRoutes, deps);
  await app.register(alarmRoutes, guarded);
  await app.register(channelRoutes, deps);
  await app.register(webhookRoutes, deps);
  await app.register(shareRoutes, guarded);
  await app.register(jobRoutes, deps);
  await app.register(bulkRoutes, deps);
  await app.register(storageRoutes, deps);
  await app.register(systemRoutes, { ...deps, ...options });
  await app.register(feedRoutes, { ...guarded, siteOf: rememberSites(deps.records, clock), closing: closing.signal });
  await app.register(logRoutes, { ...deps, closing: closing.signal });
  await app.register(healthRoutes, { ...deps, metricsOpen: options.metricsOpen });
  await app.register(objectRoutes, deps);
  const frameAncestorsOf = async (token: string) => frameAncestors(await deps.records.shareBySecret(hashSecret(token)));
  await app.register(dashboardRoutes, { folder: options.dashboardFolder, frameAncestorsOf });

  return {
    routes,
    async listen({ host, port }) {
      try {
        return await app.listen({ host, port, listenTextResolver: (at) => `the dashboard listens at ${at}` });
      } catch (cause) {
        throw translateListenFault(cause, { host, port });
      }
    },
    async listenSecure(at) {
      secure = await openSecureDoor(app.routing, { ...at, mostIdleMs: options.mostIdleMs ?? MOST_IDLE_MS });
      return secure.port;
    },
    async close() {
      closing.abort();
      const closed = new AbortController();
      void clock.sleep(CLOSE_WITHIN_MS, closed.signal).then(() => {
        app.server.closeAllConnections();
        secure?.closeAll();
      });
      await Promise.all([app.close(), secure?.close()]);
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
  // Of the answer that would have been.
  reply.removeHeader('content-length');
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem);
}
