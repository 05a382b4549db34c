import path from 'node:path';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import Sqlite from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { RecordsHouse } from '../contracts/records.ts';
import { openFolder } from './folder.ts';

/** Records on a SQLite file of their own, which go with the test. */
export async function openSqliteHouse(): Promise<RecordsHouse & { file: string }> {
  const file = path.join(await openFolder(), 'records.sqlite');
  const withFile = <Result>(work: (sqlite: Sqlite.Database) => Result): Result => {
    const sqlite = new Sqlite(file);
    try {
      return work(sqlite);
    } finally {
      sqlite.close();
    }
  };
  return {
    file,
    shared: false,
    async open(clock) {
      const records = await openSqliteRecords({ path: file, clock, busyTimeoutMs: 50 });
      onTestFinished(() => records.close());
      return records;
    },
    tables: async () =>
      withFile((sqlite) => {
        const names = sqlite
          .prepare<[], { name: string }>(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'",
          )
          .all();
        return Object.fromEntries(
          names.map(({ name }) => [name, sqlite.prepare<[], Record<string, unknown>>(`select * from ${name}`).all()]),
        );
      }),
    execute: async (statement) => withFile((sqlite) => void sqlite.exec(statement)),
  };
}
