import path from 'node:path';
import { Failure } from '@slowlight/protocol/kit';
import Database from 'better-sqlite3';
import { migrations } from './migrations.ts';

export type Sqlite = Database.Database;

/**
 * Opens the buffer's database and brings it up to date.
 * `synchronous = FULL` is set on every open: an existing WAL database comes up with NORMAL, which loses the last commits
 * with the power.
 * @throws SqliteError, or Failure `buffer.too-new` when a newer agent has written it
 */
export function openDatabase(folder: string): { db: Sqlite; fresh: boolean } {
  const db = new Database(path.join(folder, 'buffer.sqlite'), { timeout: 2000 });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version > migrations.length) throw tooNew(version);
    migrate(db, version);
    return { db, fresh: version === 0 };
  } catch (cause) {
    db.close();
    throw cause;
  }
}

function migrate(db: Sqlite, from: number): void {
  for (const [index, sql] of migrations.entries()) {
    if (index < from) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}

const tooNew = (version: number) =>
  new Failure({
    code: 'buffer.too-new',
    message: `the buffer was written by a newer agent (version ${version} of its tables, this one knows ${migrations.length})`,
    hint: 'Install the newer agent again, or give this one another data directory.',
    retry: 'never',
  });
