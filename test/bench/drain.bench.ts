import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { openBuffer } from '@slowlight/agent/src/buffer/open-buffer.ts';
import { openIdentity } from '@slowlight/agent/src/identity.ts';
import { addresses, startAgent, startControlPlane } from '@slowlight/deploy/local/product.ts';
import type { CameraView, TimelapseView } from '@slowlight/protocol';
import { syncDirectory, systemClock } from '@slowlight/protocol/kit';
import Database from 'better-sqlite3';
import sharp from 'sharp';
import { type Api, logIn, type PageOf } from '../demo/api.ts';
import { until } from '../rig/until.ts';
import { quantile } from './quantile.ts';
import type { Bench } from './run.ts';

const PASSWORD = 'a-password-of-the-bench';
const FRAME_BYTES = 350_000;
/** Of the camera that goes on taking pictures meanwhile, ms. */
const NEW_EVERY_MS = 2000;
/** After its slot: what is later is shown one by one, ms. */
const LATE_MS = 2000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Arguments: how many frames (10,000), and a folder for the CPU profiles of both programs (none). Both as they are, with
 * everything embedded, over loopback.
 */
export const bench: Bench = {
  question: 'How fast does a backlog of 350 KB frames drain, and how late is a new frame meanwhile?',
  async run(report, args) {
    const count = Number(args[0] ?? 10_000);
    const dataDir = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    try {
      const picture = await jpegOf(FRAME_BYTES);
      report(
        'reference: bare PUT, written and synced',
        await bareUploads(dataDir, picture, Math.min(count, 500)),
        'frames/s',
      );
      await drain({ dataDir, count, picture, profiles: args[1] }, report);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function drain(
  {
    dataDir,
    count,
    picture,
    profiles,
  }: { dataDir: string; count: number; picture: Buffer; profiles: string | undefined },
  report: Parameters<Bench['run']>[0],
): Promise<void> {
  const profiled: Record<string, string> =
    profiles === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${path.resolve(profiles)}` };
  const environment = {
    SLOWLIGHT_MIN_INTERVAL_MS: '1000',
    SLOWLIGHT_ADMIN_PASSWORD: PASSWORD,
    SLOWLIGHT_WEATHER: 'off',
    SLOWLIGHT_HTTP_PORT: '0',
    SLOWLIGHT_BROKER_PORT: '0',
    ...profiled,
  };
  const cloud = startControlPlane({ dataDir, environment, onLine() {} });
  const { address, brokerUrl } = await addresses(cloud);
  const start = () => startAgent({ dataDir, agentEnvironment: profiled, onLine() {}, brokerUrl });
  let agent = start();
  try {
    const api = await logIn(address, 'admin', PASSWORD);
    const old = await begin(api, 'Backlog', 3_600_000);
    await until(
      'the agent has begun',
      async () => {
        const { items } = await api.get<PageOf<{ settingsVersion: number; settingsApplied: number }>>('/api/agents');
        return items.every((one) => one.settingsApplied === one.settingsVersion);
      },
      30_000,
    );
    await agent.stop();
    const filled = performance.now();
    await fill(dataDir, { count, picture, ...old });
    report('committing a frame to the buffer', (performance.now() - filled) / count, 'ms');
    await begin(api, 'Now', NEW_EVERY_MS);
    agent = start();
    await agent.ready;
    const since = performance.now();
    const stored = async () => (await api.get<{ records: { frames: number } }>('/api/system')).records.frames;
    await until('the first is stored', async () => (await stored()) > 0, 60_000);
    const first = performance.now();
    const before = [await cpuMs(agent.pid), await cpuMs(cloud.pid)];
    const progress = setProgress(stored);
    await until(
      'all are stored',
      async () =>
        wait(200)
          .then(stored)
          .then((many) => many >= count),
      3_600_000,
    );
    const seconds = (performance.now() - first) / 1000;
    progress.stop();
    for (const [index, [name, { pid }]] of (
      [
        ['agent', agent],
        ['control plane, thumbnails included', cloud],
      ] as const
    ).entries())
      report(`CPU of the ${name}`, ((await cpuMs(pid)) - (before[index] ?? 0)) / count, 'ms/frame');
    report('from the agent’s start to the first frame stored', first - since, 'ms');
    report('drained', count / seconds, 'frames/s');
    await agent.stop();
    await cloud.stop();
    lateness(dataDir, report);
  } finally {
    agent.kill('SIGKILL');
    cloud.kill('SIGKILL');
    await Promise.all([agent.exited, cloud.exited]);
  }
}

/** User and system time of a process so far (proc(5): fields 14 and 15, in hundredths of a second). */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function setProgress(stored: () => Promise<number>) {
  const stopping = new AbortController();
  void (async () => {
    while (!stopping.signal.aborted) {
      console.error(`${await stored().catch(() => 0)} stored`);
      await systemClock.sleep(10_000, stopping.signal);
    }
  })();
  return { stop: () => stopping.abort() };
}

async function begin(
  api: Api,
  name: string,
  everyMs: number,
): Promise<{ cameraId: CameraView['id']; timelapseId: TimelapseView['id'] }> {
  const agent = await until(
    'the agent shows itself',
    async () => {
      const agents = await api.get<PageOf<{ id: string; canSeal: boolean }>>('/api/agents');
      return agents.items.find(({ canSeal }) => canSeal);
    },
    30_000,
  );
  const source = { kind: 'test', widthPx: 640, heightPx: 360 };
  const camera = await api.send<CameraView>('POST', '/api/cameras', { agentId: agent.id, name, source });
  const schedule = { rhythm: { kind: 'interval', everyMs }, timeZone: 'UTC' };
  const timelapse = await api.send<TimelapseView>('POST', '/api/timelapses', { cameraId: camera.id, name, schedule });
  return { cameraId: camera.id, timelapseId: timelapse.id };
}

/** What an agent that was offline would have, every picture with other bytes. */
async function fill(
  dataDir: string,
  { count, picture, cameraId, timelapseId }: { count: number; picture: Buffer } & Awaited<ReturnType<typeof begin>>,
): Promise<void> {
  const folder = path.join(dataDir, 'agent');
  const { agentId } = await openIdentity(path.join(folder, 'identity.json'));
  const buffer = await openBuffer({ clock: systemClock, log: quiet }, { folder, agentId, quarantineAfter: 5 });
  const from = buffer.cursor(timelapseId) ?? Date.now();
  for (let number = 1; number <= count; number += 1) {
    const bytes = Buffer.concat([picture, randomBytes(16)]);
    const dueAt = from + number * 3_600_000;
    const kept = await buffer.commitFrame({
      camera: cameraId,
      slot: { timelapseId, dueAt },
      flagged: false,
      shaped: { bytes, type: 'image/jpeg', widthPx: 1920, heightPx: 1080 },
      taken: { wall: Date.now(), bootId: 'boot-of-the-bench' as never, monotonicMs: 0, clock: 'synchronised' },
      sourceWidthPx: 1920,
      sourceHeightPx: 1080,
      ageAtSlotMs: 0,
      verdict: { score: 100, faults: [], measures: {}, judge: 'fast-1' },
    });
    if (kept.kind !== 'kept') throw new Error(kept.kind);
  }
  buffer.close();
}

/** How long after their slots the frames of the camera that went on were recorded, and their pictures stored. */
function lateness(dataDir: string, report: Parameters<Bench['run']>[0]): void {
  const db = new Database(path.join(dataDir, 'control-plane', 'records.sqlite'), { readonly: true });
  try {
    const rows = db
      .prepare<[], { due: number; taken: number; recorded: number; stored: number | null }>(
        `SELECT due_at AS due, taken_at - due_at AS taken, recorded_at - due_at AS recorded, stored_at - due_at AS stored
         FROM frames WHERE camera_id = (SELECT id FROM cameras WHERE name = 'Now') AND due_at IS NOT NULL ORDER BY due_at`,
      )
      .all();
    for (const { due, ...after } of rows)
      if (after.recorded > LATE_MS) console.error(`late, ${due - (rows[0]?.due ?? due)} ms after the first:`, after);
    const stored = rows.flatMap((row) => (row.stored === null ? [] : [row.stored]));
    report('new frames meanwhile', rows.length, 'frames');
    for (const [name, values] of [
      ['taken after its slot', rows.map((row) => row.taken)],
      ['recorded after its slot', rows.map((row) => row.recorded)],
      ['picture stored after its slot', stored],
    ] as const) {
      report(`a new frame, ${name}, p50`, quantile(values, 0.5), 'ms');
      report(`a new frame, ${name}, p99`, quantile(values, 0.99), 'ms');
      report(`a new frame, ${name}, worst`, Math.max(...values), 'ms');
    }
  } finally {
    db.close();
  }
}

/** A 1080p JPEG of about this size: noise over a gradient, as much of it as it takes. */
async function jpegOf(sizeBytes: number): Promise<Buffer> {
  const [widthPx, heightPx] = [1920, 1080];
  const noise = randomBytes(widthPx * heightPx * 3);
  for (let part = 6; ; part += 2) {
    const pixels = Buffer.from(noise.map((value, at) => (((at / 5760) | 0) % 200) + ((value * part) >> 8)));
    const raw = { width: widthPx, height: heightPx, channels: 3 as const };
    const jpeg = await sharp(pixels, { raw }).jpeg({ quality: 85 }).toBuffer();
    if (jpeg.length >= sizeBytes || part > 100) return jpeg;
  }
}

/** The least that can be done: three connections, one file each, temp name, sync, rename, sync of the folder. */
async function bareUploads(dataDir: string, picture: Buffer, count: number): Promise<number> {
  const folder = path.join(dataDir, 'bare');
  await mkdir(folder);
  const server = http.createServer((request, response) => {
    void (async () => {
      const name = path.join(
        folder,
        createHash('sha256')
          .update(request.url ?? '')
          .digest('hex'),
      );
      await pipeline(request, createWriteStream(`${name}.part`));
      const file = await open(`${name}.part`, 'r+');
      await file.sync();
      await file.close();
      await rename(`${name}.part`, name);
      await syncDirectory(folder);
      response.writeHead(201).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
  let next = 0;
  const since = performance.now();
  const lane = async () => {
    for (let number = next++; number < count; number = next++) {
      await new Promise<void>((resolve, reject) => {
        const request = http.request({ port, host: '127.0.0.1', path: `/${number}`, method: 'PUT', agent }, (answer) =>
          answer.resume().once('end', resolve),
        );
        request.once('error', reject).end(picture);
      });
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  const perSecond = (count * 1000) / (performance.now() - since);
  if ((await readdir(folder)).length !== count) throw new Error('some are missing');
  agent.destroy();
  server.close();
  await rm(folder, { recursive: true });
  return perSecond;
}
