import { newTokenId, newUserId, type TokenView, type UserView } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { type Selectable, sql } from 'kysely';
import type { PeopleRecords } from '../ports.ts';
import type { Database } from './database.ts';
import type { TokensTable, UsersTable } from './schema-work.ts';

/** A token's last use is noted at most this often, ms. */
const NOTED_EVERY_MS = 60_000;

const userView = (row: Pick<Selectable<UsersTable>, 'id' | 'name' | 'role' | 'must_change_password'>): UserView => ({
  id: row.id,
  name: row.name,
  role: row.role,
  mustChangePassword: row.must_change_password === 1,
});
const tokenView = (row: Selectable<TokensTable>): TokenView => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
});

/** Who may come in. Passwords, sessions and tokens are known by their hashes alone. */
export function createPeople({ db, clock, change }: Database): PeopleRecords {
  return {
    async userCount() {
      const { count } = await db
        .selectFrom('users')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },

    createUser: ({ name, role, passwordHash, mustChangePassword }) =>
      change(async ({ tx, now }) => {
        const row = await tx
          .insertInto('users')
          .values({
            id: newUserId(),
            name,
            name_key: nameKey(name),
            role,
            password_hash: passwordHash,
            must_change_password: mustChangePassword ? 1 : 0,
            created_at: now,
          })
          .onConflict((conflict) => conflict.column('name_key').doNothing())
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw userExists(name);
        return userView(row);
      }),

    async userByName(name) {
      const row = await db.selectFrom('users').selectAll().where('name_key', '=', nameKey(name)).executeTakeFirst();
      return row === undefined ? null : { ...userView(row), passwordHash: row.password_hash };
    },

    async changePassword(id, passwordHash) {
      await db
        .updateTable('users')
        .set({ password_hash: passwordHash, must_change_password: 0 })
        .where('id', '=', id)
        .execute();
    },

    createSession: ({ secretHash, userId, expiresAt }) =>
      change(async ({ tx, now }) => {
        await tx.deleteFrom('sessions').where('expires_at', '<=', now).execute();
        await tx
          .insertInto('sessions')
          .values({ secret_hash: secretHash, user_id: userId, expires_at: expiresAt })
          .execute();
      }),

    async sessionUser(secretHash) {
      const row = await db
        .selectFrom('sessions')
        .innerJoin('users', 'users.id', 'sessions.user_id')
        .select(['users.id', 'users.name', 'users.role', 'users.must_change_password'])
        .where('sessions.secret_hash', '=', secretHash)
        .where('sessions.expires_at', '>', clock.now())
        .executeTakeFirst();
      return row === undefined ? null : userView(row);
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

    async tokens() {
      const rows = await db.selectFrom('tokens').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map(tokenView);
    },

    createToken: ({ name, role, expiresAt, secretHash }) =>
      change(async ({ tx, now }) => {
        const row = await tx
          .insertInto('tokens')
          .values({ id: newTokenId(), name, role, secret_hash: secretHash, created_at: now, expires_at: expiresAt })
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

const nameKey = (name: string): string => name.trim().normalize('NFKC').toLowerCase();

const userExists = (name: string) =>
  new Failure({
    code: 'user.exists',
    message: `There is already a user named ${name}.`,
    hint: 'Choose another name; upper and lower case make no difference.',
    retry: 'never',
  });
