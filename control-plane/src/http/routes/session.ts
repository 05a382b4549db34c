import { loginInput, passwordInput, userView } from '@slowlight/protocol';
import { z } from 'zod';
import { type RequestAccess, SESSION_COOKIE } from '../access.ts';
import { type Api, noContent, problems } from '../api.ts';
import { type People, SESSION_MS } from '../people.ts';
import { wrongFields } from '../problems.ts';

const TRIES_A_MINUTE = 10;
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

  app.route({
    method: 'POST',
    url: '/api/session',
    config: {
      access: 'open',
      rateLimit: {
        max: TRIES_A_MINUTE,
        timeWindow: 60_000,
        hook: 'preHandler',
        // Guessing one account from one address is slowed; nobody can lock others out from elsewhere.
        keyGenerator: (request) => `${request.ip} ${nameIn(request.body)}`,
      },
    },
    schema: { tags, summary: 'Log in', body: loginInput, response: { 200: userView, ...problems } },
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
  return named.safeParse(body).data?.name.toLowerCase() ?? '';
}

const notForTokens = () =>
  wrongFields([{ path: 'Authorization', problem: 'is an API token; this address is for people who log in' }]);
