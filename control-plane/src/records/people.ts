/**
 * Who may come in. Promise: passwords, sessions and tokens are known by their hashes alone, and there is always an
 * administrator who can log in.
 */
import { newUserId, type SiteRole, type UserId, type UserView } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { PeopleRecords } from '../ports-people.ts';
import type { Change, Database } from './database.ts';
import { notFound } from './not-found.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { Tables } from './schema.ts';
import type { UsersTable } from './schema-people.ts';

type Users = Pick<
  PeopleRecords,
  | 'userCount'
  | 'users'
  | 'user'
  | 'userByName'
  | 'userByOpenId'
  | 'createUser'
  | 'changeUser'
  | 'deleteUser'
  | 'changePassword'
  | 'rehashPassword'
  | 'linkOpenId'
>;
type Row = Selectable<UsersTable>;

const PEOPLE_LOCK = 7_356_012;

export const userView = (row: Row, sites: readonly SiteRole[]): UserView => ({
  id: row.id,
  name: row.name,
  role: row.role,
  sites: [...sites],
  mustChangePassword: row.must_change_password === 1,
  hasPassword: row.password_hash !== '',
  hasSecondFactor: row.totp_secret !== null,
  enabled: row.enabled === 1,
  createdAt: row.created_at,
  lastLoginAt: row.last_login_at,
});

export async function viewUsers(db: Kysely<Tables>, rows: readonly Row[]): Promise<UserView[]> {
  const ids = rows.map((row) => row.id);
  const roles =
    ids.length === 0
      ? []
      : await db.selectFrom('user_sites').selectAll().where('user_id', 'in', ids).orderBy('site_id').execute();
  return rows.map((row) =>
    userView(
      row,
      roles.filter((one) => one.user_id === row.id).map((one) => ({ siteId: one.site_id, role: one.role })),
    ),
  );
}

async function viewUser(db: Kysely<Tables>, row: Row | undefined): Promise<UserView | null> {
  return row === undefined ? null : ((await viewUsers(db, [row]))[0] ?? null);
}

export function createPeople({ db, change }: Database): Users {
  return {
    async userCount() {
      const { count } = await db
        .selectFrom('users')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },

    async users({ after, limit }) {
      const key = readPageKey(after);
      let query = db.selectFrom('users').selectAll().orderBy('created_at').orderBy('id');
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '>', tuple(key.at, key.id as UserId)),
        );
      const rows = await query.limit(limit + 1).execute();
      const views = new Map((await viewUsers(db, rows)).map((view) => [view.id, view]));
      return pageOf(rows, {
        limit,
        keyOf: (row) => ({ at: row.created_at, id: row.id }),
        view: (row) => views.get(row.id) ?? userView(row, []),
      });
    },

    user: async (id) => viewUser(db, await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()),

    async userByName(name) {
      const row = await db.selectFrom('users').selectAll().where('name_key', '=', nameKey(name)).executeTakeFirst();
      const view = await viewUser(db, row);
      if (row === undefined || view === null) return null;
      return {
        ...view,
        passwordHash: row.password_hash === '' ? null : row.password_hash,
        secondFactor: row.totp_secret,
      };
    },

    userByOpenId: async (openId) =>
      viewUser(db, await db.selectFrom('users').selectAll().where('open_id', '=', openId).executeTakeFirst()),

    createUser: ({ name, role, sites = [], passwordHash, mustChangePassword, openId }) =>
      change(async ({ tx, now }) => {
        const row = await tx
          .insertInto('users')
          .values({
            id: newUserId(),
            name,
            name_key: nameKey(name),
            role,
            password_hash: passwordHash ?? '',
            must_change_password: mustChangePassword ? 1 : 0,
            created_at: now,
            open_id: openId ?? null,
          })
          .onConflict((conflict) => conflict.column('name_key').doNothing())
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw userExists(name);
        await setSites(tx, row.id, sites);
        return userView(row, sites);
      }),

    changeUser: (id, { name, role, sites, enabled }) =>
      change(async (within) => {
        const { tx } = within;
        await lockPeople(within);
        const before = await tx.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
        const shown = await viewUser(tx, before);
        if (before === undefined || shown === null) return null;
        if (name !== undefined) await refuseTaken(tx, id, name);
        const row = await tx
          .updateTable('users')
          .set({
            name: name ?? before.name,
            name_key: nameKey(name ?? before.name),
            role: role ?? before.role,
            enabled: (enabled ?? before.enabled === 1) ? 1 : 0,
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        if (sites !== undefined) {
          await tx.deleteFrom('user_sites').where('user_id', '=', id).execute();
          await setSites(tx, id, sites);
        }
        await keepAnAdmin(tx);
        const view = userView(row, sites ?? shown.sites);
        if (mayOf(view) !== mayOf(shown)) await tx.deleteFrom('sessions').where('user_id', '=', id).execute();
        return view;
      }),

    deleteUser: (id) =>
      change(async (within) => {
        const { tx } = within;
        await lockPeople(within);
        for (const table of ['sessions', 'user_sites', 'recovery_codes'] as const)
          await tx.deleteFrom(table).where('user_id', '=', id).execute();
        const { numDeletedRows } = await tx.deleteFrom('users').where('id', '=', id).executeTakeFirst();
        if (numDeletedRows > 0n) await keepAnAdmin(tx);
        return numDeletedRows > 0n;
      }),

    changePassword: (id, passwordHash, mustChange = false) =>
      change(async ({ tx }) => {
        await tx
          .updateTable('users')
          .set({ password_hash: passwordHash, must_change_password: mustChange ? 1 : 0 })
          .where('id', '=', id)
          .execute();
        await tx.deleteFrom('sessions').where('user_id', '=', id).execute();
      }),

    async rehashPassword(id, from, to) {
      await db
        .updateTable('users')
        .set({ password_hash: to })
        .where('id', '=', id)
        .where('password_hash', '=', from)
        .execute();
    },

    async linkOpenId(id, openId) {
      const { numUpdatedRows } = await db
        .updateTable('users')
        .set({ open_id: openId })
        .where('id', '=', id)
        .where('open_id', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

/** All that a change of it ends sessions, as one text. */
const mayOf = ({ role, sites, enabled }: UserView): string =>
  JSON.stringify([role, enabled, [...sites].map(({ siteId, role: at }) => `${siteId} ${at}`).sort()]);

async function setSites(tx: Transaction<Tables>, id: UserId, sites: readonly SiteRole[]): Promise<void> {
  for (const { siteId, role } of sites) {
    const site = await tx.selectFrom('sites').select('id').where('id', '=', siteId).executeTakeFirst();
    if (site === undefined) throw notFound('site', siteId);
    await tx.insertInto('user_sites').values({ user_id: id, site_id: siteId, role }).execute();
  }
}

/** Two administrators must not take each other's role away at the same time. */
async function lockPeople({ tx, dialect }: Change): Promise<void> {
  if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(PEOPLE_LOCK)})`.execute(tx);
}

async function keepAnAdmin(tx: Transaction<Tables>): Promise<void> {
  const admin = await tx
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'admin')
    .where('enabled', '=', 1)
    .limit(1)
    .executeTakeFirst();
  if (admin === undefined)
    throw new Failure({
      code: 'user.last-admin',
      message: 'This is the last administrator; without one nobody could arrange anything any more.',
      hint: 'Make somebody else administrator first.',
      retry: 'never',
    });
}

async function refuseTaken(tx: Transaction<Tables>, id: UserId, name: string): Promise<void> {
  const other = await tx
    .selectFrom('users')
    .select('id')
    .where('name_key', '=', nameKey(name))
    .where('id', '!=', id)
    .executeTakeFirst();
  if (other !== undefined) throw userExists(name);
}

const nameKey = (name: string): string => name.trim().normalize('NFKC').toLowerCase();

const userExists = (name: string) =>
  new Failure({
    code: 'user.exists',
    message: `There is already a user named ${name}.`,
    hint: 'Choose another name; upper and lower case make no difference.',
    retry: 'never',
  });
