/**
 * Promise: one agent at a time works in a data directory.
 * The lock is an open exclusive transaction on a database of its own: the system lets it go when the process ends, however it
 * ends, so neither SIGKILL nor a re-used process id can leave it behind or take it away.
 */
import path from 'node:path';
import { Failure, systemCode } from '@slowlight/protocol/kit';
import Database from 'better-sqlite3';
import { bufferFailure } from './buffer-failure.ts';

/** @throws Failure `buffer.in-use` when another agent holds the directory; else as `bufferFailure` says */
export function takeLock(folder: string): { release: () => void } {
  let db: Database.Database | null = null;
  try {
    db = new Database(path.join(folder, 'lock.sqlite'), { timeout: 300 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db?.close();
    if (systemCode(cause)?.startsWith('SQLITE_BUSY') === true) throw inUse(folder, cause);
    throw bufferFailure(cause, folder);
  }
  const held = db;
  return { release: () => held.close() };
}

const inUse = (folder: string, cause: unknown) =>
  new Failure({
    code: 'buffer.in-use',
    message: `another agent is already working in the data directory ${folder}`,
    hint: 'Stop the other agent first, or give this one its own directory with SLOWLIGHT_AGENT_DATA.',
    retry: 'later',
    cause,
  });
