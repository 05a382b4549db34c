/** The shapes of the REST API that concern people: who they are, what they may, their sessions, what was changed by whom. */
import { z } from 'zod';
import { auditId, loginId, siteId, tokenId, userId } from './ids.ts';
import { displayName, instant } from './primitives.ts';

/** Each may what the one before it may, and more. */
export const role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof role>;
/** A role that holds at one site. */
export const siteRole = z.strictObject({ siteId, role });
export type SiteRole = z.infer<typeof siteRole>;
const siteRoles = z
  .array(siteRole)
  .max(500)
  .refine((given) => new Set(given.map((one) => one.siteId)).size === given.length, 'names a site twice');

export const userView = z.object({
  id: userId,
  name: z.string(),
  /** At every site, and in what concerns all of them; `none`: only what `sites` says. */
  role: z.enum(['none', ...role.options]),
  /** Where it is more than `role`. */
  sites: z.array(siteRole),
  /** Until it is changed, nothing else can be done. */
  mustChangePassword: z.boolean(),
  /** False: comes in through the identity provider only. */
  hasPassword: z.boolean(),
  /** Whether logging in asks for a code too. */
  hasSecondFactor: z.boolean(),
  /** Whoever is switched off keeps the name and comes in nowhere. */
  enabled: z.boolean(),
  createdAt: instant,
  lastLoginAt: instant.nullable(),
});
export type UserView = z.infer<typeof userView>;

export const newPassword = z.string().min(10, 'must have at least 10 characters').max(256);
export const userInput = z.strictObject({
  name: displayName,
  role: userView.shape.role.default('none'),
  sites: siteRoles.default([]),
  /**
   * Left out: one is made up and shown in the answer; either must be changed at the first login. null: none, so that only the
   * identity provider lets this one in.
   */
  password: newPassword.nullable().optional(),
});
export type UserInput = z.infer<typeof userInput>;
/** Only what is given changes. */
export const userChange = z
  .strictObject({ name: displayName, role: userView.shape.role, sites: siteRoles, enabled: z.boolean() })
  .partial();
export type UserChange = z.infer<typeof userChange>;
/** The password is shown in this answer and never again; null: it was given. */
export const userCreated = z.object({ user: userView, password: z.string().nullable() });

export const loginInput = z.strictObject({
  name: z.string().min(1).max(120),
  password: z.string().min(1).max(256),
  /** Of the second factor, or one of the recovery codes. */
  code: z.string().max(40).optional(),
});
export type LoginInput = z.infer<typeof loginInput>;
export const passwordInput = z.strictObject({ current: z.string().min(1).max(256), next: newPassword });

/** How people can log in here; `openId`: the name of the identity provider. */
export const loginWays = z.object({ password: z.literal(true), openId: z.object({ name: z.string() }).nullable() });
export type LoginWays = z.infer<typeof loginWays>;

/** Where somebody is logged in. */
export const sessionView = z.object({
  id: loginId,
  createdAt: instant,
  /** To the minute. */
  seenAt: instant,
  expiresAt: instant,
  /** As it was at the login; null: not known. */
  address: z.string().nullable(),
  browser: z.string().nullable(),
  /** Whether this very request came with it. */
  current: z.boolean(),
});
export type SessionView = z.infer<typeof sessionView>;

/** To begin with a second factor; it counts from when a code of it has been given. */
export const secondFactorOffer = z.object({ secret: z.string(), uri: z.string() });
export const secondFactorConfirmed = z.object({ recoveryCodes: z.array(z.string()) });

/**
 * What a token may be used for, within its role: look; take pictures and look live; run timelapses, films and overlays;
 * arrange sites, agents and cameras; people, tokens and the audit log.
 */
export const scope = z.enum(['read', 'capture', 'operate', 'manage', 'people']);
export type Scope = z.infer<typeof scope>;
export const tokenView = z.object({
  id: tokenId,
  name: displayName,
  role,
  scopes: z.array(scope),
  /** The sites at which its role holds; null: everywhere. */
  sites: z.array(siteId).nullable(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
});
export type TokenView = z.infer<typeof tokenView>;
export const tokenInput = z.strictObject({
  name: displayName,
  role: role.default('viewer'),
  /** Left out: all that the role may. */
  scopes: z.array(scope).min(1).max(scope.options.length).optional(),
  sites: z.array(siteId).min(1).max(500).nullable().default(null),
  expiresAt: instant.nullable().default(null),
});
export type TokenInput = z.infer<typeof tokenInput>;
export const tokenCreated = z.object({ token: tokenView, secret: z.string() });

/** Who did something: somebody logged in, a program with a token, an agent, the broker of a house, or Slowlight itself. */
export const actorKind = z.enum(['user', 'token', 'agent', 'home', 'system']);
export type ActorKind = z.infer<typeof actorKind>;
export const auditEntry = z.object({
  id: auditId,
  at: instant,
  actor: z.object({ kind: actorKind, id: z.string().nullable(), name: z.string().nullable() }),
  /** The address from which it was asked; null: from inside. */
  address: z.string().nullable(),
  /** Such as `PATCH /api/cameras/:id`, `login`, or of what happens by itself `rule: a film is made`. */
  action: z.string(),
  /** The id of what it was done to. */
  subject: z.string().nullable(),
  siteId: siteId.nullable(),
  /** `begun`: it was asked for, and whether it was done is not known, because Slowlight was stopped at that moment. */
  result: z.enum(['begun', 'done', 'refused', 'failed']),
  /** Why it was not done. */
  code: z.string().nullable(),
  /** What differed, without secrets; null: it was not there, or is not any more. */
  before: z.unknown().nullable(),
  after: z.unknown().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntry>;
export const auditQuery = z.strictObject({
  /** Inclusive and exclusive, ms. */
  from: z.coerce.number().pipe(instant).optional(),
  to: z.coerce.number().pipe(instant).optional(),
  /** The id of a user, a token, an agent, a house’s broker or a rule. */
  actor: z.string().max(80).optional(),
  actorKind: actorKind.optional(),
  /** The start of it, such as `DELETE` or `PATCH /api/cameras`. */
  action: z.string().max(120).optional(),
  subject: z.string().max(80).optional(),
  siteId: siteId.optional(),
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type AuditQuery = z.infer<typeof auditQuery>;
