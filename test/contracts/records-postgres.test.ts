import { openPostgresRecords } from '@slowlight/control-plane/src/records/open-postgres-records.ts';
import { createPostgresDialect } from '@slowlight/control-plane/src/records/postgres-dialect.ts';
import pg from 'pg';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { createEdge, frameOf } from '../rig/edge.ts';
import { createHandClock, type HandClock } from '../rig/hand-clock.ts';
import { usePostgres } from '../rig/postgres.ts';
import { openRecordsScene } from '../rig/records-scene.ts';
import { until } from '../rig/until.ts';
import { recordsContract } from './records.ts';

const server = usePostgres();

async function openHouse(context: TestContext) {
  const url = await server.newDatabase(context);
  const query = async (statement: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    url,
    shared: true,
    async open(clock: HandClock) {
      const records = await openPostgresRecords({ url, clock, connections: 6 });
      onTestFinished(() => records.close());
      return records;
    },
    async tables() {
      const names = await query("select table_name from information_schema.tables where table_schema = 'public'");
      const tables: Record<string, Record<string, unknown>[]> = {};
      for (const { table_name: name } of names) tables[String(name)] = await query(`select * from ${String(name)}`);
      return tables;
    },
    execute: async (statement: string) => void (await query(statement)),
  };
}

recordsContract('PostgreSQL', openHouse);

test('two control planes that open a fresh database at once make its tables once', async (context) => {
  const house = await openHouse(context);
  const all = await Promise.all([1, 2, 3].map(() => house.open(createHandClock())));
  for (const records of all) expect(await records.totals()).toEqual({ frames: 0, bytes: 0 });
});

test('two control planes that hear the same at the same time record it once, and nothing falls between them', async (context) => {
  const scene = await openRecordsScene(openHouse, context);
  const { edge, timelapse, cameraId, clock, now } = scene;
  const other = await scene.house.open(clock);
  const announced = Array.from({ length: 120 }, (_, index) =>
    edge.captured(timelapse.id, cameraId, now + index * 60_000),
  );
  const uploads = announced.map((event) => edge.uploaded(frameOf(event)));
  // Each is told to both, one of them the announcements first, the other one the uploads.
  const batches = (events: typeof announced, size: number) =>
    Array.from({ length: Math.ceil(events.length / size) }, (_, index) =>
      events.slice(index * size, (index + 1) * size),
    );
  const told = await Promise.all([
    ...batches([...announced, ...uploads], 17).map((batch) => scene.records.recordEvents(batch)),
    ...batches([...uploads, ...announced].reverse(), 23).map((batch) => other.recordEvents(batch)),
  ]);
  const kinds = told.flat().map((outcome) => outcome.kind);
  expect(kinds.filter((kind) => kind === 'recorded')).toHaveLength(240);
  expect(kinds.filter((kind) => kind === 'duplicate')).toHaveLength(240);
  const claimed = await other.claimed(1000);
  expect(claimed).toHaveLength(120);
  const stored = await Promise.all(
    claimed.flatMap(({ frameId }) => [scene.records.pictureStored(frameId), other.pictureStored(frameId)]),
  );
  expect(stored.filter(Boolean)).toHaveLength(120);
  expect(await other.timelapse(timelapse.id)).toMatchObject({ frames: 120 });
  expect(await other.totals()).toMatchObject({ frames: 120 });
  expect(await other.receiptState(scene.agent.id)).toEqual({ recordedUpTo: 240, recordedAlso: [] });
});

test('an upload that one control plane hears while another one records its announcement is not lost', async (context) => {
  const scene = await openRecordsScene(openHouse, context);
  const { edge, timelapse, cameraId, clock, now } = scene;
  const other = await scene.house.open(clock);
  const announced = Array.from({ length: 60 }, (_, index) =>
    edge.captured(timelapse.id, cameraId, now + index * 60_000),
  );
  await Promise.all(
    announced.flatMap((event) => [
      scene.records.recordEvents([event]),
      other.recordEvents([edge.uploaded(frameOf(event))]),
    ]),
  );
  expect((await other.claimed(1000)).map((picture) => picture.frameId).sort()).toEqual(announced.map(frameOf).sort());
  expect(await other.receiptState(scene.agent.id)).toEqual({ recordedUpTo: 120, recordedAlso: [] });
});

test('two control planes share the jobs, and each job is done by one', async (context) => {
  const scene = await openRecordsScene(openHouse, context);
  const { records, edge, cameraId, clock, now } = scene;
  const other = await scene.house.open(clock);
  const events = Array.from({ length: 40 }, (_, index) => edge.taken(cameraId, now + index));
  await records.recordEvents(events);
  for (const event of events) await records.pictureStored(frameOf(event));
  const leased = await Promise.all(
    Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? records : other).lease(['thumbnail'], 30_000)),
  );
  const subjects = leased.flatMap((job) => (job === null ? [] : [job.subject]));
  expect(new Set(subjects).size).toBe(subjects.length);
  for (let job = await other.lease(['thumbnail'], 30_000); job !== null; job = await other.lease(['thumbnail'], 30_000))
    subjects.push(job.subject);
  expect(new Set(subjects).size).toBe(40);
  expect(subjects).toHaveLength(40);
});

test('a reader of the feed never misses an entry, whoever appends and in whatever order they commit', async (context) => {
  const scene = await openRecordsScene(openHouse, context);
  const { records, site, clock, now } = scene;
  const others = await Promise.all([1, 2].map(() => scene.house.open(clock)));
  const agents = await Promise.all(
    others.map((_, index) => records.createAgent({ siteId: site.id, name: `Pi ${index}`, secretHash: `${index}` })),
  );
  const seen: number[] = [];
  let writing = true;
  const reading = (async () => {
    while (writing) {
      for (const entry of await records.feedAfter(seen.at(-1) ?? 0, 1000)) seen.push(entry.position);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await Promise.all(
    others.flatMap((writer, index) => {
      const edge = createEdge(agents[index]?.id ?? scene.agent.id, now);
      return Array.from({ length: 40 }, (_, event) => writer.recordEvents([edge.taken(scene.cameraId, now + event)]));
    }),
  );
  writing = false;
  await reading;
  const all = await records.feedAfter(0, 1000);
  for (const entry of all.slice(seen.length)) seen.push(entry.position);
  expect(seen).toEqual(all.map((entry) => entry.position));
});

test('a listener hears within a second what another control plane appended', async (context) => {
  const scene = await openRecordsScene(openHouse, context);
  const clock = createHandClock();
  const other = await scene.house.open(clock);
  let rings = 0;
  const end = other.onAppended(() => {
    rings += 1;
  });
  await until('it watches', () => clock.sleepers === 1);
  await scene.records.changeAgent(scene.agent.id, { name: 'New name' });
  expect(rings).toBe(0);
  await clock.advance(1000);
  await until('it has heard', () => rings === 1);
  end();
  await until('nobody watches any more', () => clock.sleepers === 0);
});

test('a server that goes away is told in words, and the records work again when it is back', async (context) => {
  const scene = await openRecordsScene(openHouse, context);
  await server.stop();
  await expect(scene.records.ping()).rejects.toMatchObject({ code: 'records.unreachable', retry: 'soon' });
  await expect(scene.records.changeAgent(scene.agent.id, { name: 'x' })).rejects.toMatchObject({
    code: 'records.unreachable',
  });
  await expect(
    openPostgresRecords({ url: 'postgres://me:secret@127.0.0.1:1/x', clock: scene.clock }),
  ).rejects.toSatisfy(
    (failure: Error & { code: string }) =>
      failure.code === 'records.unreachable' &&
      failure.message.includes('127.0.0.1:1/x') &&
      !failure.message.includes('secret'),
  );
  await server.start();
  await until('it works again', () =>
    scene.records.ping().then(
      () => true,
      () => false,
    ),
  );
  expect((await scene.records.agent(scene.agent.id))?.name).toBe('Pi 1');
});

test('a connection that breaks while it is borrowed, between two statements, ends nothing but itself', async (context) => {
  const house = await openHouse(context);
  const pool = new pg.Pool({ connectionString: house.url, application_name: 'borrower' });
  onTestFinished(() => pool.end());
  let ended = false;
  pool.once('connect', (client) => {
    client.once('end', () => {
      ended = true;
    });
  });
  const driver = createPostgresDialect(pool, (thrown) => thrown).createDriver();
  const borrowed = await driver.acquireConnection();
  await driver.beginTransaction(borrowed, {});
  await house.execute(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'borrower'`);
  await until('it is broken', () => ended);
  await expect(driver.commitTransaction(borrowed)).rejects.toThrow();
  await driver.releaseConnection(borrowed);
  const next = await driver.acquireConnection();
  await driver.beginTransaction(next, {});
  await driver.commitTransaction(next);
  await driver.releaseConnection(next);
});

test('an address that is none, a database that is not there and a standby are told in words', async (context) => {
  const house = await openHouse(context);
  const clock = createHandClock();
  await expect(openPostgresRecords({ url: 'mysql://me:secret@host/x', clock })).rejects.toMatchObject({
    code: 'records.bad-address',
  });
  await expect(openPostgresRecords({ url: `${house.url}_missing`, clock })).rejects.toMatchObject({
    code: 'records.login-refused',
  });
  await expect(openPostgresRecords({ url: `${house.url}?sslmode=verify-full`, clock })).rejects.toMatchObject({
    code: 'records.not-secure',
  });
  const records = await house.open(clock);
  await house.execute(`alter database ${new URL(house.url).pathname.slice(1)} set default_transaction_read_only = on`);
  await records.close();
  const readOnly = await openPostgresRecords({ url: house.url, clock }).catch((thrown) => thrown);
  expect(readOnly).toMatchObject({ code: 'records.not-writable' });
});
