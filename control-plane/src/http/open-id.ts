/**
 * Logging in through an identity provider (OpenID Connect: authorization code flow with PKCE, state and nonce).
 * Promise: nobody is let in but whom the provider names and who is known here, or may be made known; somebody who is switched
 * off here stays out; and roles come from the provider only where a claim was named for them.
 * When the provider is away, people with passwords log in as ever.
 */
import type { UserView } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import * as oidc from 'openid-client';
import { z } from 'zod';
import type { PeopleRecords } from '../ports-people.ts';
import type { OpenIdDoor } from './deps.ts';

type RoleName = UserView['role'];

export interface OpenIdOptions {
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  name: string;
  scopes: string;
  nameClaim: string;
  roles: { claim: string; values: readonly { value: string; role: RoleName }[] } | null;
  create: boolean;
  /** Where the provider sends the browser back to. */
  returnTo: string;
}

type Claims = Readonly<Record<string, unknown>>;
const RANK: Record<RoleName, number> = { none: 0, viewer: 1, operator: 2, admin: 3 };
const kept = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });

/** The highest role that the claim gives; null: it gives none. Pure. */
export function roleByClaims(claims: Claims, roles: OpenIdOptions['roles']): RoleName | null {
  if (roles === null) return null;
  const given = [claims[roles.claim]].flat().filter((one) => typeof one === 'string');
  const earned = roles.values.filter(({ value }) => given.includes(value)).map(({ role }) => role);
  return earned.toSorted((a, b) => RANK[b] - RANK[a])[0] ?? null;
}

/** The name by which somebody is known here; null: the provider does not vouch for it. Pure. */
export function nameByClaims(claims: Claims, nameClaim: string): string | null {
  const name = claims[nameClaim];
  if (typeof name !== 'string' || name.trim() === '' || name.length > 120) return null;
  return nameClaim === 'email' && claims.email_verified !== true ? null : name.trim();
}

export function createOpenIdDoor({ records }: { records: PeopleRecords }, options: OpenIdOptions): OpenIdDoor {
  let found: Promise<oidc.Configuration> | null = null;

  /** Asked once; after a failure anew. */
  function provider(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = options;
    const own = clientSecret === null ? oidc.None() : oidc.ClientSecretPost(clientSecret);
    const insecure = issuer.startsWith('http:') ? { execute: [oidc.allowInsecureRequests] } : {};
    found ??= oidc.discovery(new URL(issuer), clientId, undefined, own, insecure).catch((cause: unknown) => {
      found = null;
      throw away(options.name, cause);
    });
    return found;
  }

  async function userOf(claims: Claims): Promise<UserView> {
    const openId = `${String(claims.iss)} ${String(claims.sub)}`;
    const role = roleByClaims(claims, options.roles);
    if (options.roles !== null && role === null) throw notKnown(options.name);
    const user = (await records.userByOpenId(openId)) ?? (await meet(openId, claims, role));
    if (!user.enabled) throw notKnown(options.name);
    if (role === null || role === user.role) return user;
    return (await records.changeUser(user.id, { role })) ?? user;
  }

  /** Somebody whom the provider sends for the first time. */
  async function meet(openId: string, claims: Claims, role: RoleName | null): Promise<UserView> {
    const name = nameByClaims(claims, options.nameClaim);
    const known = name === null ? null : await records.userByName(name);
    if (known !== null) {
      // Whoever has a password here has to link nothing by chance: only who has none, or was made for this, is met by name.
      if (known.hasPassword) throw hasPassword(known.name);
      if (!(await records.linkOpenId(known.id, openId))) throw notKnown(options.name);
      return known;
    }
    if (name === null || !options.create) throw notKnown(options.name);
    return records.createUser({ name, role: role ?? 'none', passwordHash: null, mustChangePassword: false, openId });
  }

  return {
    name: options.name,

    async begin() {
      const config = await provider();
      const secrets = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: options.returnTo,
        scope: options.scopes,
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, kept: Buffer.from(JSON.stringify(secrets)).toString('base64url') };
    },

    async finish(address, cookie) {
      const secrets = readKept(cookie);
      if (secrets === null) throw refused(options.name, undefined);
      const config = await provider();
      // What the browser came back with, at the address that the provider was told: a proxy may have changed the rest.
      const back = new URL(options.returnTo);
      back.search = address.search;
      const checks = {
        expectedState: secrets.state,
        expectedNonce: secrets.nonce,
        pkceCodeVerifier: secrets.verifier,
        idTokenExpected: true,
      };
      const tokens = await oidc.authorizationCodeGrant(config, back, checks).catch((cause: unknown) => {
        throw refused(options.name, cause);
      });
      const claims = tokens.claims();
      if (claims === undefined) throw refused(options.name, undefined);
      const more =
        config.serverMetadata().userinfo_endpoint === undefined
          ? {}
          : await moreOf(config, tokens.access_token, claims.sub);
      return userOf({ ...more, ...claims });
    },
  };

  async function moreOf(config: oidc.Configuration, token: string, subject: string): Promise<Claims> {
    try {
      return await oidc.fetchUserInfo(config, token, subject);
    } catch (cause) {
      throw refused(options.name, cause);
    }
  }
}

function readKept(cookie: string): z.infer<typeof kept> | null {
  try {
    return kept.parse(JSON.parse(Buffer.from(cookie, 'base64url').toString()));
  } catch {
    return null;
  }
}

const away = (name: string, cause: unknown) =>
  new Failure({
    code: 'login.provider-away',
    message: `The identity provider (${name}) cannot be reached.`,
    hint: 'Try again in a moment, or log in with a password if you have one.',
    retry: 'soon',
    cause,
  });
const refused = (name: string, cause: unknown) =>
  new Failure({
    code: 'login.provider-refused',
    message: `The identity provider (${name}) did not confirm who you are.`,
    hint: 'Begin again from the login page.',
    retry: 'never',
    cause,
  });
const notKnown = (name: string) =>
  new Failure({
    code: 'login.not-known-here',
    message: `The identity provider (${name}) knows you, but nobody has let you in here.`,
    hint: 'Ask an administrator of Slowlight to make a user with your name, or to give you a role.',
    retry: 'never',
  });
const hasPassword = (user: string) =>
  new Failure({
    code: 'login.not-known-here',
    message: `There is a user named ${user} who logs in with a password, and who may be somebody else.`,
    hint: 'Log in with that password, or ask an administrator to make a user without one for you.',
    retry: 'never',
  });
