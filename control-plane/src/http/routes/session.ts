import {
  loginId,
  loginInput,
  loginWays,
  passwordInput,
  secondFactorConfirmed,
  secondFactorOffer,
  sessionView,
  userView,
} from '@slowlight/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type RequestAccess, SESSION_COOKIE } from '../access.ts';
import { type Api, noContent, problems } from '../api.ts';
import type { HttpRecords, OpenIdDoor } from '../deps.ts';
import { type From, type NewSession, type People, SESSION_MS } from '../people.ts';
import { notFound, wrongFields } from '../problems.ts';

const tags = ['session'];
const TRIES_OF_ADDRESS_A_MINUTE = 60;
/** For whoever is logged in, whatever else they may. */
const own = { access: 'viewer', site: 'own' } as const;

export const fromOf = (request: FastifyRequest): From => ({
  address: request.ip,
  browser: request.headers['user-agent'] ?? null,
});

/** The cookie is never sent over plain HTTP once it was given over HTTPS. */
export function giveSession(request: FastifyRequest, reply: FastifyReply, secret: string, secureCookie: boolean) {
  return reply.setCookie(SESSION_COOKIE, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: secureCookie || request.protocol === 'https',
    maxAge: Math.floor(SESSION_MS / 1000),
  });
}

interface Deps {
  people: People;
  records: HttpRecords;
  access: RequestAccess;
  openId: OpenIdDoor | null;
  secureCookie: boolean;
}

/** Logging in and out of the dashboard. */
export function sessionRoutes(app: Api, deps: Deps, done: () => void): void {
  const { people, access, openId, secureCookie } = deps;
  const given = (request: FastifyRequest, reply: FastifyReply, { user, secret }: NewSession) =>
    giveSession(request, reply, secret, secureCookie).send(user);

  app.route({
    method: 'GET',
    url: '/api/session/ways',
    config: { access: 'open' },
    schema: { tags, summary: 'How one can log in here', response: { 200: loginWays, ...problems } },
    handler: async () => ({ password: true as const, openId: openId === null ? null : { name: openId.name } }),
  });

  app.route({
    method: 'POST',
    url: '/api/session',
    // Each try is told of, also the ones that are refused at once: they must not fill the disk.
    config: { access: 'open', audit: 'login', rateLimit: { max: TRIES_OF_ADDRESS_A_MINUTE, timeWindow: 60_000 } },
    schema: { tags, summary: 'Log in', body: loginInput, response: { 200: userView, ...problems } },
    handler: async (request, reply) => given(request, reply, await people.logIn(request.body, fromOf(request))),
  });

  app.route({
    method: 'GET',
    url: '/api/session',
    config: { ...own, beforePassword: true },
    schema: { tags, summary: 'Who is logged in', response: { 200: userView, ...problems } },
    async handler(request, reply) {
      const identity = person(access, request);
      const secret = request.cookies[SESSION_COOKIE];
      if (secret !== undefined) {
        await people.rollOn(identity.session);
        giveSession(request, reply, secret, secureCookie);
      }
      return reply.send(identity.user);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/session',
    config: { ...own, beforePassword: true },
    schema: { tags, summary: 'Log out', response: { 204: noContent, ...problems } },
    async handler(request, reply) {
      await people.logOut(person(access, request).session);
      return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/session/password',
    config: { ...own, beforePassword: true },
    schema: {
      tags,
      summary: 'Change the own password; every other session of the user ends',
      body: passwordInput,
      response: { 200: userView, ...problems },
    },
    async handler(request, reply) {
      const { user } = person(access, request);
      if (request.body.current === request.body.next)
        throw wrongFields([{ path: 'next', problem: 'must differ from the current password' }]);
      return given(request, reply, await people.changePassword(user, request.body, fromOf(request)));
    },
  });
  ownSessionRoutes(app, deps);
  secondFactorRoutes(app, deps);
  done();
}

function ownSessionRoutes(app: Api, { records, access }: Deps): void {
  app.route({
    method: 'GET',
    url: '/api/session/all',
    config: own,
    schema: {
      tags,
      summary: 'Where one is logged in, newest first',
      response: { 200: z.object({ items: z.array(sessionView), next: z.null() }), ...problems },
    },
    async handler(request) {
      const { user, session } = person(access, request);
      return { items: await records.sessionsOf(user.id, session), next: null };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/session/all/:session',
    config: own,
    schema: {
      tags,
      summary: 'End one of the own sessions',
      params: z.object({ session: loginId }),
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (!(await records.deleteSessionOf(person(access, request).user.id, request.params.session)))
        throw notFound('session');
      return reply.code(204).send(null);
    },
  });
}

function secondFactorRoutes(app: Api, { people, access }: Deps): void {
  const url = '/api/session/second-factor';
  const password = z.strictObject({ password: z.string().min(1).max(256) });

  app.route({
    method: 'POST',
    url,
    config: own,
    schema: {
      tags,
      summary: 'Begin with a second factor: put this into an authenticator, then confirm it with a code',
      body: password,
      response: { 200: secondFactorOffer, ...problems },
    },
    handler: (request) => people.offerSecondFactor(person(access, request).user, request.body.password),
  });

  app.route({
    method: 'POST',
    url: `${url}/confirm`,
    config: own,
    schema: {
      tags,
      summary: 'From now on logging in asks for a code; the recovery codes are shown in this answer and never again',
      body: z.strictObject({ code: z.string().min(6).max(20) }),
      response: { 200: secondFactorConfirmed, ...problems },
    },
    handler: async (request) => ({
      recoveryCodes: await people.confirmSecondFactor(person(access, request).user, request.body.code),
    }),
  });

  app.route({
    method: 'DELETE',
    url,
    config: own,
    schema: { tags, summary: 'Log in without a code again', body: password, response: { 204: noContent, ...problems } },
    async handler(request, reply) {
      await people.removeSecondFactor(person(access, request).user, request.body.password);
      return reply.code(204).send(null);
    },
  });
}

function person(access: RequestAccess, request: FastifyRequest) {
  const identity = access.required(request);
  if (identity.kind === 'token')
    throw wrongFields([{ path: 'Authorization', problem: 'is an API token; this address is for people who log in' }]);
  return identity;
}
