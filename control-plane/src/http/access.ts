/**
 * Who may do what. Every route says which role it asks for and which site it is about; one that does not say its role lets
 * nobody in. `grants.ts` decides; `createAccess` finds out who asks and about what.
 */

import type { Role, Scope, SiteId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { FastifyRequest } from 'fastify';
import type { WhereRecords } from '../ports-people.ts';
import { type Access, decide, type Grants, grantsOfToken, grantsOfUser, type Place, sitesSeen } from './grants.ts';
import type { Identity, People } from './people.ts';
import { notFound } from './problems.ts';
import { placeOfAddress, placeOfBody, type SiteSource } from './where.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** For tokens; nothing: as the role says (`read`, `operate`, `manage`). */
    scope?: Scope;
    /** Which site it is about; nothing: as the address says, or the whole house. */
    site?: SiteSource;
    /** It answers also before a password that must be changed is changed. */
    beforePassword?: boolean;
  }
}

export const SESSION_COOKIE = 'slowlight_session';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

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
  /** Runs before everything else of a request. @throws Failure `login.*` | `access.*` | `<thing>.not-found` */
  check(request: FastifyRequest): Promise<void>;
  /** Runs when the body has been read: some requests name in it what they are about. @throws Failure as `check` */
  checkBody(request: FastifyRequest): Promise<void>;
  /** Who asks; null on open routes when nobody is logged in. */
  identityOf(request: FastifyRequest): Identity | null;
  /** For routes that asked for a role. @throws Failure `login.needed` */
  required(request: FastifyRequest): Identity;
  /** The sites that lists show; undefined: all. */
  sitesSeen(request: FastifyRequest): readonly SiteId[] | undefined;
  /** The site that the request was found to be about; null: none. */
  siteOf(request: FastifyRequest): SiteId | null;
}

export const grantsOf = (identity: Identity): Grants =>
  identity.kind === 'user' ? grantsOfUser(identity.user) : grantsOfToken(identity.token);

export function createAccess(deps: { people: Pick<People, 'identify'>; records: WhereRecords }): RequestAccess {
  const { people, records } = deps;
  const identities = new WeakMap<FastifyRequest, Identity>();
  const places = new WeakMap<FastifyRequest, SiteId>();

  async function check(request: FastifyRequest): Promise<void> {
    const { access: asked, beforePassword = false } = request.routeOptions.config;
    const bearer = readBearer(request.headers.authorization);
    const cookie = bearer === null ? request.cookies[SESSION_COOKIE] : undefined;
    // Asked of the route, not of the address as it was typed, which may be written in many ways. Uploads (outside /api)
    // carry their right in the address; a cookie means nothing there.
    if (bearer === null && isApi(request) && !isSameOrigin(originOf(request))) throw foreignOrigin();
    const identity = asked === undefined && request.is404 ? null : await people.identify({ bearer, cookie });
    if (identity !== null) identities.set(request, identity);
    if (request.is404) return;
    if (identity?.kind === 'user' && identity.user.mustChangePassword && asked !== 'open' && !beforePassword)
      throw changePasswordFirst();
    enforce(request, await placeByAddress(request, identity));
  }

  async function placeByAddress(request: FastifyRequest, identity: Identity | null): Promise<Place> {
    const { url = '', config } = request.routeOptions;
    if (config.access === 'open' || identity === null) return { kind: 'anywhere' };
    const { id } = request.params as { id?: unknown };
    const place = await placeOfAddress({ url, site: config.site, id }, records.siteOf);
    return place === 'later' ? { kind: 'anywhere' } : place;
  }

  async function checkBody(request: FastifyRequest): Promise<void> {
    const { site } = request.routeOptions.config;
    if (typeof site === 'object') enforce(request, await placeOfBody(site.body, request.body, records.siteOf));
  }

  function enforce(request: FastifyRequest, place: Place): void {
    const { access, scope } = request.routeOptions.config;
    const identity = identities.get(request);
    if (place.kind === 'site' && place.site !== null) places.set(request, place.site);
    const decision = decide({ access, scope }, identity === undefined ? null : grantsOf(identity), place);
    switch (decision.kind) {
      case 'allowed':
        return;
      case 'log-in':
        throw needLogin();
      case 'forbidden':
        throw notAllowed(decision.role);
      case 'out-of-scope':
        throw outOfScope(decision.scope);
      case 'hidden':
        throw notFound(decision.thing);
    }
  }

  return {
    check,
    checkBody,
    identityOf: (request) => identities.get(request) ?? null,
    required: (request) => {
      const identity = identities.get(request);
      if (identity === undefined) throw needLogin();
      return identity;
    },
    sitesSeen: (request) => {
      const identity = identities.get(request);
      return identity === undefined ? [] : sitesSeen(grantsOf(identity));
    },
    siteOf: (request) => places.get(request) ?? null,
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
const changePasswordFirst = () =>
  new Failure({
    code: 'login.change-password',
    message: 'This password counts only until you have chosen one of your own.',
    hint: 'Change your password; everything else works from then on.',
    retry: 'never',
  });
const notAllowed = (role: Role) =>
  new Failure({
    code: 'access.role-too-low',
    message: `This needs the role ${role}.`,
    hint: `Ask an administrator for a user or token with the role ${role}.`,
    retry: 'never',
  });
const outOfScope = (scope: Scope) =>
  new Failure({
    code: 'access.out-of-scope',
    message: `This token is not for that: it has no scope ${scope}.`,
    hint: `Ask an administrator for a token with the scope ${scope}.`,
    retry: 'never',
  });
const foreignOrigin = () =>
  new Failure({
    code: 'access.foreign-page',
    message: 'This change was asked for by a page of another address, so it was not done.',
    hint: 'Use the dashboard at its own address, or an API token.',
    retry: 'never',
  });
