import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Records } from '@slowlight/control-plane/src/ports.ts';
import { openPostgresRecords } from '@slowlight/control-plane/src/records/open-postgres-records.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { type AgentId, type CameraId, newCameraId, type TimelapseId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { createEdge, spanOf } from '../rig/edge.ts';
import { aCamera } from '../rig/records-scene.ts';
import { seeded } from '../rig/seeded.ts';
import { quantile } from './quantile.ts';
import type { Bench, Report } from './run.ts';

const BATCH = 200;
const ANNOUNCED = 10_000;
const TURNS = 40;
const DAY_MS = 86_400_000;

/** Where the records are, and how to write there past them. */
interface House {
  open(): Promise<Records>;
  execute(statement: string): Promise<void>;
  close(): Promise<void>;
}
interface Scene {
  agent: AgentId;
  camera: CameraId;
  timelapse: TimelapseId;
  /** The first slot of the million, and what lies between two. */
  first: number;
  everyMs: number;
  count: number;
}

export const bench: Bench = {
  question:
    'How do records with a million frames answer and take in, against empty ones? Arguments: frames, seconds between two, the address of an empty PostgreSQL database (otherwise SQLite).',
  async run(report, args) {
    const count = Number(args[0] ?? 1_000_000);
    const everyMs = Number(args[1] ?? 60) * 1000;
    const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    const house = args[2] === undefined ? sqliteHouse(folder) : await postgresHouse(args[2]);
    try {
      await measure(house, { count, everyMs }, report);
    } finally {
      await house.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measure(house: House, size: Pick<Scene, 'count' | 'everyMs'>, report: Report): Promise<void> {
  let records = await house.open();
  const scene = await arrange(records, size);
  const empty = await announce(records, 1);
  report('announcements recorded, empty', empty, 'events/s');
  await records.close();
  const filled = performance.now();
  await fill(house, scene);
  await house.execute('analyze');
  report(`${size.count} frames written past the records in`, (performance.now() - filled) / 1000, 's');

  records = await house.open();
  try {
    const cold = performance.now();
    await records.coverage(scene.timelapse, 0, scene.first + size.count * size.everyMs);
    report('coverage of all, no day counted yet', performance.now() - cold, 'ms');
    const closing = performance.now();
    const closed = await records.closeDays(new AbortController().signal);
    report(`${closed} days counted in`, (performance.now() - closing) / 1000, 's');
    await ask(records, scene, report);
    const full = await announce(records, 2);
    report('announcements recorded, full', full, 'events/s');
    report('full against empty', (100 * full) / empty, '%');
  } finally {
    await records.close();
  }
}

async function arrange(records: Records, { count, everyMs }: Pick<Scene, 'count' | 'everyMs'>): Promise<Scene> {
  const site = await records.createSite({ name: 'Bench', timeZone: 'UTC', latitude: null, longitude: null });
  const agent = await records.createAgent({ siteId: site.id, name: 'Bench', secretHash: 'a'.repeat(64) });
  const camera = newCameraId();
  await records.createCamera(camera, agent.id, aCamera);
  const schedule = { rhythm: { kind: 'interval', everyMs }, timeZone: 'Europe/Vienna', startsAt: null, endsAt: null };
  const { id } = await records.startTimelapse({ cameraId: camera, name: 'Bench', schedule: schedule as never });
  const first = Math.floor((systemClock.now() - count * everyMs) / everyMs) * everyMs;
  const edge = createEdge(agent.id, systemClock.now());
  const span = spanOf(id, 1, { from: first, everySeconds: everyMs / 1000, timeZone: 'Europe/Vienna' });
  await records.recordEvents([edge.applied([span])]);
  return { agent: agent.id, camera, timelapse: id, first, everyMs, count };
}

/** Gives events a second, for an agent and a timelapse of its own. */
async function announce(records: Records, number: number): Promise<number> {
  const site = (await records.sites({ limit: 1 })).items[0];
  if (site === undefined) throw new Error('there is no site');
  const agent = await records.createAgent({ siteId: site.id, name: `Other ${number}`, secretHash: 'b'.repeat(64) });
  const camera = newCameraId();
  await records.createCamera(camera, agent.id, aCamera);
  const now = systemClock.now();
  const schedule = { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'UTC', startsAt: null, endsAt: null };
  const { id } = await records.startTimelapse({ cameraId: camera, name: 'Other', schedule: schedule as never });
  const edge = createEdge(agent.id, now);
  const events = Array.from({ length: ANNOUNCED }, (_, index) => edge.captured(id, camera, now + index * 1000));
  const start = performance.now();
  for (let at = 0; at < events.length; at += BATCH) await records.recordEvents(events.slice(at, at + BATCH));
  return (events.length / (performance.now() - start)) * 1000;
}

/** What a million announcements, uploads and proofs would have left, every tenth flagged, every hundredth failed. */
async function fill(house: House, { agent, camera, timelapse, first, everyMs, count }: Scene): Promise<void> {
  const numbers = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})`;
  const frame = `'frm-${agent.slice(4)}-' || (i + 1)`;
  const dueAt = `(${first} + cast(i - 1 as bigint) * ${everyMs})`;
  const captured = `case when i % 10 = 0 then 'flagged' else 'captured' end`;
  const digest = `'${'0123456789abcdef'.repeat(4)}'`;
  await house.execute(`insert into frames (id, agent_id, camera_id, timelapse_id, due_at, at, taken_at, boot_id, monotonic_ms,
    clock, width_px, height_px, source_width_px, source_height_px, type, size_bytes, sha256, age_at_slot_ms, score, faults,
    measures, judge, flagged, picture, stored_at, thumbnail, recorded_at) ${numbers}
    select ${frame}, '${agent}', '${camera}', '${timelapse}', ${dueAt}, ${dueAt}, ${dueAt} + 40, 'boot-0001', i * 1000.5,
    'synchronised', 1920, 1080, 1920, 1080, 'image/jpeg', 350000 + i % 1000, ${digest}, 12.25, 96, '[]',
    '{"meanLuma":101.5,"p01":4,"p99":231,"entropy":7.1}', 'fast-1', case when i % 10 = 0 then 1 else 0 end, 'stored',
    ${dueAt} + 900, 'ready', ${dueAt} + 500 from n where i % 100 <> 0`);
  await house.execute(`insert into slots (timelapse_id, due_at, reported, outcome, reason, detail, frame_id, agent_id, seq)
    ${numbers} select '${timelapse}', ${dueAt}, case when i % 100 = 0 then 'failed' else ${captured} end,
    case when i % 100 = 0 then 'failed' else ${captured} end, case when i % 100 = 0 then 'timed-out' end, null,
    case when i % 100 <> 0 then ${frame} end, '${agent}', i + 1 from n`);
  await house.execute(
    `insert into inbox (agent_id, seq, digest) ${numbers} select '${agent}', i + 1, ${digest} from n`,
  );
  await house.execute(`insert into feed (at, event) ${numbers} select ${dueAt}, '{"type":"frame.captured","body":{"frameId":"' || ${frame} ||
    '","cameraId":"${camera}","timelapseId":"${timelapse}","at":1,"score":96,"faults":[]}}' from n`);
  await house.execute(`update agents set recorded_up_to = ${count + 1} where id = '${agent}'`);
}

async function ask(records: Records, scene: Scene, report: Report): Promise<void> {
  const { timelapse, camera, first, everyMs, count } = scene;
  const end = first + count * everyMs;
  const random = seeded(11);
  const moment = () => Math.floor(first + random() * (end - first));
  const p95 = async (figure: string, work: () => Promise<unknown>, after = async (): Promise<unknown> => null) => {
    const times: number[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
      await after();
    }
    report(`${figure}, p95`, quantile(times, 0.95), 'ms');
  };
  await p95('the newest 50 frames of the house', () => records.frames({ order: 'newest', limit: 50 }));
  await p95('50 frames of a camera from somewhere', () =>
    records.frames({ cameraId: camera, order: 'newest', limit: 50, to: moment() }),
  );
  await p95('50 frames of a timelapse behind a key', () =>
    records.frames({ timelapseId: timelapse, order: 'oldest', limit: 50, after: `${moment()}~frm` }),
  );
  await p95('50 flagged frames of a timelapse', () =>
    records.frames({ timelapseId: timelapse, flagged: 'true', order: 'newest', limit: 50, to: moment() }),
  );
  await p95('a day of frames, 500 of them', () => {
    const from = moment();
    return records.frames({ cameraId: camera, from, to: from + DAY_MS, order: 'oldest', limit: 500 });
  });
  await p95('the wall of cameras', () => records.cameras({ limit: 50 }));
  await p95(`coverage of all ${count} slots`, () => records.coverage(timelapse, 0, end));
  await p95('coverage of a day', () => {
    const from = moment();
    return records.coverage(timelapse, from, from + DAY_MS);
  });
  await p95('coverage of a day by the hour', () => {
    const from = moment();
    return records.coverage(timelapse, from, from + DAY_MS, 'hour');
  });
  await p95('the calendar of all days', () => records.coverage(timelapse, 0, end, 'day'));
  const edge = createEdge(scene.agent, systemClock.now());
  let seq = count + 1;
  const late = async () => {
    seq += 1;
    const { event } = edge.settled(timelapse, moment(), 'failed');
    await records.recordEvents([{ agentId: scene.agent, receivedAt: systemClock.now(), event: { ...event, seq } }]);
    await records.coverage(timelapse, 0, end);
  };
  await p95('a late report recorded and all covered anew', late, () => records.closeDays(new AbortController().signal));
  await p95('500 entries of the feed from somewhere', () => records.feedAfter(Math.floor(random() * count), 500));
}

function sqliteHouse(folder: string): House {
  const file = path.join(folder, 'records.sqlite');
  return {
    open: () => openSqliteRecords({ path: file, clock: systemClock }),
    async execute(statement) {
      const sqlite = new Sqlite(file);
      sqlite.exec(statement);
      sqlite.close();
    },
    close: async () => {},
  };
}

async function postgresHouse(url: string): Promise<House> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    open: () => openPostgresRecords({ url, clock: systemClock }),
    execute: async (statement) => void (await client.query(statement)),
    close: () => client.end(),
  };
}
