import { loginInput, passwordInput, userView } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { type RequestAccess, SESSION_COOKIE } from '../access.ts';
import { type Api, noContent, problems } from '../api.ts';
import { accountKey, type People, SESSION_MS } from '../people.ts';
import { wrongFields } from '../problems.ts';

/** Of one account from one address. */
const TRIES_A_MINUTE = 10;
/** Of all accounts from one address: each try costs a slow hash, and they are made one after the other. */
const TRIES_OF_ADDRESS_A_MINUTE = 60;
const tags = ['session'];

/** Logging in and out of the dashboard. */
export function sessionRoutes(
  app: Api,
  { people, access, secureCookie }: { people: People; access: RequestAccess; secureCookie: boolean },
  done: () => void,
): void {
  const cookie = {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: secureCookie,
    maxAge: Math.floor(SESSION_MS / 1000),
  } as const;

  const ofAddress = app.createRateLimit({
    max: TRIES_OF_ADDRESS_A_MINUTE,
    timeWindow: 60_000,
    keyGenerator: (request) => `logins ${request.ip}`,
  });

  app.route({
    method: 'POST',
    url: '/api/session',
    config: {
      access: 'open',
      rateLimit: {
        max: TRIES_A_MINUTE,
        timeWindow: 60_000,
        hook: 'preHandler',
        // Guessing one account from one address is slowed; nobody can lock others out from elsewhere. However the name
        // is written, it is the same account.
        keyGenerator: (request) => `${request.ip} ${nameIn(request.body)}`,
      },
    },
    schema: { tags, summary: 'Log in', body: loginInput, response: { 200: userView, ...problems } },
    async preHandler(request) {
      const tries = await ofAddress(request);
      if (!tries.isAllowed && tries.isExceeded) throw tooManyTries();
    },
    async handler(request, reply) {
      const { user, secret } = await people.logIn(request.body.name, request.body.password);
      return reply.setCookie(SESSION_COOKIE, secret, cookie).send(user);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/session',
    config: { access: 'viewer' },
    schema: { tags, summary: 'Who is logged in', response: { 200: userView, ...problems } },
    async handler(request, reply) {
      const identity = access.required(request);
      if (identity.kind === 'token') throw notForTokens();
      const secret = request.cookies[SESSION_COOKIE];
      if (secret !== undefined) {
        await people.rollOn(identity.session);
        reply.setCookie(SESSION_COOKIE, secret, cookie);
      }
      return reply.send(identity.user);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/session',
    config: { access: 'viewer' },
    schema: { tags, summary: 'Log out', response: { 204: noContent, ...problems } },
    async handler(request, reply) {
      const identity = access.required(request);
      if (identity.kind === 'token') throw notForTokens();
      await people.logOut(identity.session);
      return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/session/password',
    config: { access: 'viewer', rateLimit: { max: TRIES_A_MINUTE, timeWindow: 60_000 } },
    schema: {
      tags,
      summary: 'Change the own password; every other session of the user ends',
      body: passwordInput,
      response: { 200: userView, ...problems },
    },
    async handler(request, reply) {
      const identity = access.required(request);
      if (identity.kind === 'token') throw notForTokens();
      const { current, next } = request.body;
      if (current === next) throw wrongFields([{ path: 'next', problem: 'must differ from the current password' }]);
      const { user, secret } = await people.changePassword(identity.user, current, next);
      return reply.setCookie(SESSION_COOKIE, secret, cookie).send(user);
    },
  });
  done();
}

const named = z.object({ name: z.string().max(120) });
function nameIn(body: unknown): string {
  return accountKey(named.safeParse(body).data?.name ?? '');
}

const tooManyTries = () =>
  new Failure({
    code: 'request.too-many',
    message: 'There were too many tries to log in from your address in a short time.',
    hint: 'Wait a minute and try again.',
    retry: 'soon',
  });

const notForTokens = () =>
  wrongFields([{ path: 'Authorization', problem: 'is an API token; this address is for people who log in' }]);
