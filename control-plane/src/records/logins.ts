import { newLoginId, newTokenId, type Role, type Scope, type SiteId, scope, type TokenView } from '@slowlight/protocol';
import { type Selectable, sql } from 'kysely';
import type { PeopleRecords } from '../ports-people.ts';
import type { Database } from './database.ts';
import { viewUsers } from './people.ts';
import type { TokensTable } from './schema-people.ts';

type Logins = Pick<
  PeopleRecords,
  | 'offerSecondFactor'
  | 'offeredSecondFactor'
  | 'confirmSecondFactor'
  | 'removeSecondFactor'
  | 'takeStep'
  | 'takeRecoveryCode'
  | 'createSession'
  | 'sessionUser'
  | 'extendSession'
  | 'deleteSession'
  | 'deleteSessionsOf'
  | 'sessionsOf'
  | 'deleteSessionOf'
  | 'tokens'
  | 'createToken'
  | 'tokenBySecret'
  | 'deleteToken'
>;

/** The last use of a session or token is noted at most this often, ms. */
const NOTED_EVERY_MS = 60_000;
const LONGEST_BROWSER = 200;

/** What a role gives a token that does not say what it is for. */
export const SCOPES_OF: Record<Role, readonly Scope[]> = {
  viewer: ['read'],
  operator: ['read', 'capture', 'operate'],
  admin: scope.options,
};

const tokenView = (row: Selectable<TokensTable>): TokenView => ({
  id: row.id,
  name: row.name,
  role: row.role,
  scopes: row.scopes === null ? [...SCOPES_OF[row.role]] : (JSON.parse(row.scopes) as Scope[]),
  sites: row.sites === null ? null : (JSON.parse(row.sites) as SiteId[]),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
});

/** Second factors, sessions and tokens: what opens the door, each used as often as it may be. */
export function createLogins({ db, clock, change }: Database): Logins {
  return {
    async offerSecondFactor(id, secret) {
      const { numUpdatedRows } = await db
        .updateTable('users')
        .set({ totp_offered: secret })
        .where('id', '=', id)
        .where('totp_secret', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async offeredSecondFactor(id) {
      const row = await db.selectFrom('users').select('totp_offered').where('id', '=', id).executeTakeFirst();
      return row?.totp_offered ?? null;
    },

    confirmSecondFactor: (id, { secret, step, recoveryHashes }) =>
      change(async ({ tx }) => {
        const { numUpdatedRows } = await tx
          .updateTable('users')
          .set({ totp_secret: secret, totp_offered: null, totp_step: step })
          .where('id', '=', id)
          .where('totp_offered', '=', secret)
          .where('totp_secret', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await tx.deleteFrom('recovery_codes').where('user_id', '=', id).execute();
        for (const hash of recoveryHashes)
          await tx.insertInto('recovery_codes').values({ user_id: id, code_hash: hash }).execute();
        return true;
      }),

    removeSecondFactor: (id) =>
      change(async ({ tx }) => {
        await tx.deleteFrom('recovery_codes').where('user_id', '=', id).execute();
        const { numUpdatedRows } = await tx
          .updateTable('users')
          .set({ totp_secret: null, totp_offered: null, totp_step: null })
          .where('id', '=', id)
          .where('totp_secret', 'is not', null)
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),

    async takeStep(id, step) {
      const { numUpdatedRows } = await db
        .updateTable('users')
        .set({ totp_step: step })
        .where('id', '=', id)
        .where(({ eb, or }) => or([eb('totp_step', 'is', null), eb('totp_step', '<', step)]))
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async takeRecoveryCode(id, hash) {
      const { numDeletedRows } = await db
        .deleteFrom('recovery_codes')
        .where('user_id', '=', id)
        .where('code_hash', '=', hash)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    createSession: ({ secretHash, userId, expiresAt, address = null, browser = null }) =>
      change(async ({ tx, now }) => {
        await tx.deleteFrom('sessions').where('expires_at', '<=', now).execute();
        await tx
          .insertInto('sessions')
          .values({
            id: newLoginId(),
            secret_hash: secretHash,
            user_id: userId,
            created_at: now,
            seen_at: now,
            expires_at: expiresAt,
            address,
            browser: browser?.slice(0, LONGEST_BROWSER) ?? null,
          })
          .execute();
        await tx.updateTable('users').set({ last_login_at: now }).where('id', '=', userId).execute();
      }),

    async sessionUser(secretHash) {
      const now = clock.now();
      const row = await db
        .selectFrom('sessions')
        .innerJoin('users', 'users.id', 'sessions.user_id')
        .selectAll('users')
        .select('sessions.seen_at')
        .where('sessions.secret_hash', '=', secretHash)
        .where('sessions.expires_at', '>', now)
        .where('users.enabled', '=', 1)
        .executeTakeFirst();
      if (row === undefined) return null;
      if (now - row.seen_at >= NOTED_EVERY_MS)
        await db.updateTable('sessions').set({ seen_at: now }).where('secret_hash', '=', secretHash).execute();
      return (await viewUsers(db, [row]))[0] ?? null;
    },

    async extendSession(secretHash, expiresAt) {
      await db
        .updateTable('sessions')
        .set({ expires_at: expiresAt })
        .where('secret_hash', '=', secretHash)
        .where('expires_at', '>', clock.now())
        .execute();
    },

    async deleteSession(secretHash) {
      await db.deleteFrom('sessions').where('secret_hash', '=', secretHash).execute();
    },

    async deleteSessionsOf(user) {
      await db.deleteFrom('sessions').where('user_id', '=', user).execute();
    },

    async sessionsOf(user, current) {
      const rows = await db
        .selectFrom('sessions')
        .selectAll()
        .where('user_id', '=', user)
        .where('expires_at', '>', clock.now())
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        createdAt: row.created_at,
        seenAt: row.seen_at,
        expiresAt: row.expires_at,
        address: row.address,
        browser: row.browser,
        current: row.secret_hash === current,
      }));
    },

    async deleteSessionOf(user, id) {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('user_id', '=', user)
        .where('id', '=', id)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async tokens() {
      const rows = await db.selectFrom('tokens').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map(tokenView);
    },

    createToken: ({ name, role, scopes, sites = null, expiresAt, secretHash }) =>
      change(async ({ tx, now }) => {
        const row = await tx
          .insertInto('tokens')
          .values({
            id: newTokenId(),
            name,
            role,
            scopes: scopes === undefined ? null : JSON.stringify(scopes),
            sites: sites === null ? null : JSON.stringify(sites),
            secret_hash: secretHash,
            created_at: now,
            expires_at: expiresAt,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return tokenView(row);
      }),

    async tokenBySecret(secretHash) {
      const now = clock.now();
      const row = await db
        .selectFrom('tokens')
        .selectAll()
        .where('secret_hash', '=', secretHash)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
        .executeTakeFirst();
      if (row === undefined) return null;
      if (row.last_used_at !== null && now - row.last_used_at < NOTED_EVERY_MS) return tokenView(row);
      await db
        .updateTable('tokens')
        .set({ last_used_at: sql<number>`case when last_used_at > ${now} then last_used_at else ${now} end` })
        .where('id', '=', row.id)
        .execute();
      return tokenView({ ...row, last_used_at: now });
    },

    async deleteToken(id) {
      const { numDeletedRows } = await db.deleteFrom('tokens').where('id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
