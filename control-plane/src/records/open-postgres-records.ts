/**
 * Promise: any number of control planes share one database.
 * Invariants: no statement and no lock waits for ever; a connection that broke is never used again.
 * When it fails: the verb throws `records.unreachable` and the next one tries a new connection.
 */
import { type Clock, createClosing, Failure, toFailure } from '@slowlight/protocol/kit';
import { Kysely } from 'kysely';
import pg from 'pg';
import type { Records } from '../ports.ts';
import { createDatabase } from './database.ts';
import { migrate } from './migrations/migrate.ts';
import { createPostgresDialect } from './postgres-dialect.ts';
import { isCollision, postgresFailure } from './postgres-failures.ts';
import { createRecords } from './records.ts';
import type { Tables } from './schema.ts';

export interface PostgresRecordsOptions {
  /** `postgres://user:password@host:port/database`; `?sslmode=verify-full` and the like as libpq reads them. */
  url: string;
  clock: Clock;
  /** Most connections of this process. Default 10. */
  connections?: number;
  /** Longest time for one statement, ms. Default 30,000. */
  statementTimeoutMs?: number;
  /** Longest time to wait for a connection, ms. Default 5,000. */
  connectTimeoutMs?: number;
}

/**
 * Opens the records on PostgreSQL, making or migrating its tables.
 * @throws Failure `records.bad-address` | `records.unreachable` | `records.login-refused` | `records.not-writable` |
 * `records.newer-version`
 */
export async function openPostgresRecords(options: PostgresRecordsOptions): Promise<Records> {
  const { clock } = options;
  const where = placeOf(options.url);
  const translate = (thrown: unknown) => postgresFailure(thrown, where);
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: 'slowlight',
    max: options.connections ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs * 2,
    keepAlive: true,
    types: { getTypeParser },
  });
  // An idle connection that breaks has already left the pool; the next verb opens another, or says that it cannot.
  pool.on('error', () => {});
  const closing = createClosing();
  const db = new Kysely<Tables>({ dialect: createPostgresDialect(pool, translate) });
  closing.push('the connections of the records', async () => {
    await db.destroy();
    if (!pool.ended) await pool.end();
  });
  try {
    await migrate(db as Kysely<unknown>, 'postgres', clock.now());
    return createRecords(createDatabase(db, { dialect: 'postgres', clock, mayTryAgain: isCollision }), closing);
  } catch (thrown) {
    await closing.close();
    throw translate(thrown);
  }
}

/** Host and database alone: the rest of the address may hold secrets. */
function placeOf(address: string): string {
  const url = URL.parse(address);
  if (url !== null && /^postgres(ql)?:$/.test(url.protocol)) return `${url.host}${url.pathname}`;
  throw new Failure({
    code: 'records.bad-address',
    message: 'The address of the records is not one of PostgreSQL.',
    hint: 'It must look like postgres://user:password@host:5432/database; percent-encode special letters in the password.',
    retry: 'never',
  });
}

const INT8 = 20;

/** pg gives 64-bit integers as text; all of ours (ms, bytes, counters) are exact as numbers. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === INT8 && format !== 'binary') return exactNumber;
  return pg.types.getTypeParser(oid, format as 'text');
}

function exactNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw toFailure(new RangeError(`${text} in the records is too large to be counted exactly`), 'records.damaged');
}
