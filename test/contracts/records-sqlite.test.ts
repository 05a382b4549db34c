import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { openSqliteFile } from '@slowlight/control-plane/src/records/sqlite-file.ts';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { openSqliteHouse } from '../rig/sqlite-house.ts';
import { recordsContract } from './records.ts';

recordsContract('SQLite', openSqliteHouse);

test('a second control plane on the same file is refused, and may come when the first has gone', async () => {
  const house = await openSqliteHouse();
  const first = await house.open(createHandClock());
  await expect(house.open(createHandClock())).rejects.toMatchObject({
    code: 'records.in-use',
    hint: expect.stringContaining('Stop the other one'),
  });
  await first.ping();
  await first.close();
  await (await house.open(createHandClock())).ping();
});

test('records that another program has locked say so, and go on when it lets them', async () => {
  const house = await openSqliteHouse();
  const records = await house.open(createHandClock());
  const other = new Sqlite(house.file);
  onTestFinished(() => void other.close());
  other.exec('begin immediate');
  const site = { name: 'Dam', timeZone: 'UTC', latitude: null, longitude: null };
  await expect(records.createSite(site)).rejects.toMatchObject({ code: 'records.locked', retry: 'soon' });
  expect((await records.sites({ limit: 9 })).items).toEqual([]);
  other.exec('rollback');
  expect(await records.createSite(site)).toMatchObject({ name: 'Dam' });
});

test('a damaged file and a folder that is not there are told in words, and nothing stays open', async () => {
  const folder = await openFolder();
  const file = path.join(folder, 'records.sqlite');
  await writeFile(file, 'this is not a database at all, and never was one; it is only text. '.repeat(100));
  await expect(openSqliteRecords({ path: file, clock: createHandClock() })).rejects.toMatchObject({
    code: 'records.damaged',
    retry: 'never',
  });
  await writeFile(file, '');
  await (await openSqliteRecords({ path: file, clock: createHandClock() })).close();
  const nowhere = path.join(folder, 'missing', 'records.sqlite');
  const failure = await openSqliteRecords({ path: nowhere, clock: createHandClock() }).catch((thrown) => thrown);
  expect(failure).toMatchObject({ code: 'records.not-writable', hint: expect.stringContaining('data folder') });
});

test('a file that cannot be written is told in words', async () => {
  const house = await openSqliteHouse();
  const records = await house.open(createHandClock());
  await records.close();
  // Root writes anything, so the file says by itself that it must not be written: a format of the future.
  await house.execute('pragma journal_mode = delete');
  const bytes = await open(house.file, 'r+');
  await bytes.write(Buffer.from([9]), 0, 1, 18);
  await bytes.close();
  await expect(house.open(createHandClock())).rejects.toMatchObject({ code: 'records.not-writable' });
});

test('the file is opened with full synchronisation, also when it already exists', async () => {
  const house = await openSqliteHouse();
  await (await house.open(createHandClock())).close();
  for (let time = 0; time < 2; time += 1) {
    const sqlite = openSqliteFile(house.file, 50);
    expect(sqlite.pragma('synchronous', { simple: true })).toBe(2);
    expect(sqlite.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(sqlite.pragma('foreign_keys', { simple: true })).toBe(1);
    sqlite.close();
  }
});
