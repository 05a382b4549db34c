import { Failure } from '@slowlight/protocol/kit';
import { type Kysely, sql } from 'kysely';
import { first } from './001-first.ts';
import { clocks } from './002-clocks.ts';
import { delivery } from './004-delivery.ts';
import { films } from './006-films.ts';
import { ledger } from './007-ledger.ts';
import { overlays } from './008-overlays.ts';
import { weather } from './009-weather.ts';
import { enrolment } from './010-enrolment.ts';
import { people } from './012-people.ts';
import { home } from './013-home.ts';
import { alarms } from './014-alarms.ts';
import { automation } from './015-automation.ts';
import { excluded } from './016-excluded.ts';
import { ownChanges } from './019-own-changes.ts';
import { encoders } from './020-encoders.ts';
import { animations } from './021-animations.ts';
import type { ColumnTypes, Migration } from './migration.ts';

/** One list for both engines, in order. */
const MIGRATIONS: readonly Migration[] = [
  first,
  clocks,
  delivery,
  films,
  ledger,
  overlays,
  weather,
  enrolment,
  people,
  home,
  alarms,
  automation,
  excluded,
  ownChanges,
  encoders,
  animations,
];

const COLUMN_TYPES: Record<'sqlite' | 'postgres', ColumnTypes> = {
  sqlite: { integer: 'integer', real: 'real', growing: 'integer primary key autoincrement' },
  postgres: {
    integer: 'bigint',
    real: 'double precision',
    growing: 'bigint generated always as identity primary key',
  },
};

/** Any number will do, as long as every control plane of a database takes the same one. */
const MIGRATION_LOCK = 7_356_001;

/**
 * Brings a database to this version, in one transaction; only ever forwards.
 * @param at wall time in ms, noted with each step that is taken
 * @throws Failure `records.newer-version` when a newer control plane has already been at this database
 */
export async function migrate(db: Kysely<unknown>, dialect: 'sqlite' | 'postgres', at: number): Promise<void> {
  const types = COLUMN_TYPES[dialect];
  await db.transaction().execute(async (tx) => {
    if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(tx);
    await sql`create table if not exists migrations (
      number integer primary key, name text not null, applied_at ${sql.raw(types.integer)} not null)`.execute(tx);
    const { rows } = await sql<{ number: number }>`select number from migrations order by number`.execute(tx);
    const done = new Set(rows.map((row) => row.number));
    refuseTheFuture(Math.max(0, ...done));
    for (const migration of MIGRATIONS) {
      if (done.has(migration.number)) continue;
      for (const statement of migration.statements(types)) await sql.raw(statement).execute(tx);
      await sql`insert into migrations (number, name, applied_at)
        values (${migration.number}, ${migration.name}, ${at})`.execute(tx);
    }
  });
}

function refuseTheFuture(found: number): void {
  const known = MIGRATIONS.at(-1)?.number ?? 0;
  if (found <= known) return;
  throw new Failure({
    code: 'records.newer-version',
    message: `The records were written by a newer Slowlight (version ${found} of their tables; this one knows ${known}).`,
    hint: 'Start the newer Slowlight again, or restore a backup that was made before the update.',
    retry: 'never',
  });
}
