/**
 * Promise: a control plane has its file for itself, and what is committed survives a power cut.
 * Invariants: one control plane per file (a lock that the system takes back when the process ends, however it ends);
 * `synchronous = FULL` on every open, since an existing database otherwise opens with less.
 * When it fails: nothing is left open, and the failure says what to do.
 */
import path from 'node:path';
import { type Clock, createClosing } from '@slowlight/protocol/kit';
import { Kysely } from 'kysely';
import type { Records } from '../ports.ts';
import { createDatabase } from './database.ts';
import { migrate } from './migrations/migrate.ts';
import { createRecords } from './records.ts';
import type { Tables } from './schema.ts';
import { createSqliteDialect } from './sqlite-dialect.ts';
import { sqliteFailure } from './sqlite-failures.ts';
import { lockSqliteFile, openSqliteFile } from './sqlite-file.ts';

export interface SqliteRecordsOptions {
  /** The file; its folder must exist. Beside it lie `-wal`, `-shm` and `.lock`. */
  path: string;
  clock: Clock;
  /** How long to wait for another program that writes, ms. The process stands still meanwhile. Default 2,000. */
  busyTimeoutMs?: number;
}

/**
 * Opens the records on a SQLite file, making or migrating it.
 * @throws Failure `records.in-use` | `records.locked` | `records.not-writable` | `records.damaged` |
 * `records.newer-version` | `records.disk-full` | `records.disk-failing`
 */
export async function openSqliteRecords(options: SqliteRecordsOptions): Promise<Records> {
  const file = path.basename(options.path);
  const translate = (thrown: unknown) => sqliteFailure(thrown, file);
  const closing = createClosing();
  try {
    const unlock = lockSqliteFile(`${options.path}.lock`, file);
    closing.push('the lock of the records', unlock);
    const sqlite = openSqliteFile(options.path, options.busyTimeoutMs ?? 2000);
    const db = new Kysely<Tables>({ dialect: createSqliteDialect(sqlite, translate) });
    closing.push('the records', async () => {
      await db.destroy();
      sqlite.close();
    });
    await migrate(db as Kysely<unknown>, 'sqlite', options.clock.now());
    const database = createDatabase(db, { dialect: 'sqlite', clock: options.clock, mayTryAgain: () => false });
    return createRecords(database, closing);
  } catch (thrown) {
    await closing.close();
    throw translate(thrown);
  }
}
