/**
 * Who may do what. Every route says which role it asks for; one that says nothing lets nobody in. The pure half decides;
 * `createAccess` finds out who asks.
 */

import { Failure } from '@slowlight/protocol/kit';
import type { FastifyRequest } from 'fastify';
import type { Identity, People } from './people.ts';

/** What a route asks for: `open` to everybody, or at least this role. */
export type Access = 'open' | 'viewer' | 'operator' | 'admin';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
}

export const SESSION_COOKIE = 'slowlight_session';
const RANK = { viewer: 1, operator: 2, admin: 3 } as const;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export type Decision = { kind: 'allowed' } | { kind: 'log-in' } | { kind: 'forbidden'; role: Access };

/** @param asked undefined: the route forgot to say, so nobody may */
export function decideAccess(asked: Access | undefined, role: Identity['role'] | null): Decision {
  if (asked === 'open') return { kind: 'allowed' };
  if (role === null) return { kind: 'log-in' };
  if (asked === undefined || RANK[role] < RANK[asked]) return { kind: 'forbidden', role: asked ?? 'admin' };
  return { kind: 'allowed' };
}

/**
 * Whether a request that changes something comes from our own page. Browsers send `Sec-Fetch-Site` or, the older ones,
 * `Origin`; what sends neither is no browser, so nobody's cookie can be misused through it.
 * Source: the same rule as in Go's net/http CrossOriginProtection.
 */
export function isSameOrigin(request: {
  method: string;
  secFetchSite: string | undefined;
  origin: string | undefined;
  host: string | undefined;
}): boolean {
  if (SAFE_METHODS.has(request.method)) return true;
  if (request.secFetchSite !== undefined)
    return request.secFetchSite === 'same-origin' || request.secFetchSite === 'none';
  if (request.origin === undefined) return true;
  return URL.parse(request.origin)?.host === request.host;
}

export interface RequestAccess {
  /** Runs before everything else of a request. @throws Failure `login.needed` | `access.*` */
  check(request: FastifyRequest): Promise<void>;
  /** Who asks; null on open routes when nobody is logged in. */
  identityOf(request: FastifyRequest): Identity | null;
  /** For routes that asked for a role. @throws Failure `login.needed` */
  required(request: FastifyRequest): Identity;
}

export function createAccess({ people }: { people: Pick<People, 'identify'> }): RequestAccess {
  const identities = new WeakMap<FastifyRequest, Identity>();

  async function check(request: FastifyRequest): Promise<void> {
    const asked = request.routeOptions.config.access;
    const bearer = readBearer(request.headers.authorization);
    const cookie = bearer === null ? request.cookies[SESSION_COOKIE] : undefined;
    // Asked of the route, not of the address as it was typed, which may be written in many ways. Uploads (outside /api)
    // carry their right in the address; a cookie means nothing there.
    if (bearer === null && isApi(request) && !isSameOrigin(originOf(request))) throw foreignOrigin();
    const identity = asked === undefined && request.is404 ? null : await people.identify({ bearer, cookie });
    if (identity !== null) identities.set(request, identity);
    if (request.is404) return;
    const decision = decideAccess(asked, identity?.role ?? null);
    if (decision.kind === 'log-in') throw needLogin();
    if (decision.kind === 'forbidden') throw notAllowed(decision.role);
  }

  return {
    check,
    identityOf: (request) => identities.get(request) ?? null,
    required: (request) => {
      const identity = identities.get(request);
      if (identity === undefined) throw needLogin();
      return identity;
    },
  };
}

/** Whether this is a route of the API, however its address was written (`/%61pi/…` is one too). */
export const isApi = (request: FastifyRequest): boolean => request.routeOptions.url?.startsWith('/api/') ?? false;

function originOf(request: FastifyRequest) {
  const site = request.headers['sec-fetch-site'];
  return {
    method: request.method,
    secFetchSite: Array.isArray(site) ? site[0] : site,
    origin: request.headers.origin,
    host: request.host,
  };
}

function readBearer(header: string | undefined): string | null {
  return /^Bearer ([\w.~+/=-]{1,512})$/i.exec(header ?? '')?.[1] ?? null;
}

const needLogin = () =>
  new Failure({
    code: 'login.needed',
    message: 'Nobody is logged in with this request.',
    hint: 'Log in, or send an API token in the header Authorization: Bearer <token>.',
    retry: 'never',
  });
const notAllowed = (role: Access) =>
  new Failure({
    code: 'access.role-too-low',
    message: `This needs the role ${role}.`,
    hint: `Ask an administrator for a user or token with the role ${role}.`,
    retry: 'never',
  });
const foreignOrigin = () =>
  new Failure({
    code: 'access.foreign-page',
    message: 'This change was asked for by a page of another address, so it was not done.',
    hint: 'Use the dashboard at its own address, or an API token.',
    retry: 'never',
  });
