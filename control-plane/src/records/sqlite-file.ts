/** The file of the records: how it is opened, and that only one control plane works with it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Failure, systemCode } from '@slowlight/protocol/kit';
import Sqlite from 'better-sqlite3';

/**
 * Pages of 4 KiB that the log gathers before they are written into the file, 16 MB: what changes with each commit, the last
 * pages of every index, is then written there once instead of four times.
 */
const MOST_LOG_PAGES = 4000;

/**
 * `synchronous = FULL` is asked for on every open: an existing WAL database would otherwise open with less, and lose the
 * newest commits in a power cut.
 */
export function openSqliteFile(file: string, busyTimeoutMs: number): Sqlite.Database {
  const sqlite = new Sqlite(file, { timeout: busyTimeoutMs });
  try {
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma('foreign_keys = ON');
    sqlite.pragma(`wal_autocheckpoint = ${MOST_LOG_PAGES}`);
    return sqlite;
  } catch (thrown) {
    sqlite.close();
    throw thrown;
  }
}

/**
 * Locks a second, empty database for as long as this process lives, however it ends. The records themselves stay readable
 * for backups and for the curious.
 * @param name how the records are called in the failure
 * @returns gives the lock back
 * @throws Failure `records.in-use` | `records.not-writable` (there is no such folder)
 */
export function lockSqliteFile(lockPath: string, name: string): () => void {
  if (!existsSync(path.dirname(lockPath))) throw noFolder(name);
  const held = new Sqlite(lockPath, { timeout: 0 });
  try {
    held.exec('begin exclusive');
    return () => void held.close();
  } catch (thrown) {
    held.close();
    if (systemCode(thrown) !== 'SQLITE_BUSY') throw thrown;
    throw new Failure({
      code: 'records.in-use',
      message: `Another control plane is already working with these records (${name}).`,
      hint: 'Stop the other one first, or give this one a data folder of its own.',
      retry: 'later',
      cause: thrown,
    });
  }
}

const noFolder = (name: string) =>
  new Failure({
    code: 'records.not-writable',
    message: `The records (${name}) cannot be opened: their folder does not exist.`,
    hint: 'Make the data folder and let the user that runs Slowlight own it.',
    retry: 'later',
  });
