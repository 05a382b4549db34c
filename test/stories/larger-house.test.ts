import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { mosquittoAcl } from '@slowlight/control-plane/src/broker/mosquitto-acl.ts';
import { type AgentId, type FrameId, frameKey, type PictureType } from '@slowlight/protocol';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Api, CoverageView, FrameView, PageOf, TimelapseView, VideoView } from '../demo/api.ts';
import { openFolder } from '../rig/folder.ts';
import { notRun } from '../rig/missing.ts';
import { openMosquitto } from '../rig/mosquitto.ts';
import { openProduct, type RigProduct, startTimelapses } from '../rig/open-product.ts';
import { usePostgres } from '../rig/postgres.ts';
import { S3_HOW, startS3 } from '../rig/s3.ts';
import { openBucket } from '../rig/s3-objects.ts';
import { until } from '../rig/until.ts';
import { settle } from './settled.ts';

const CONTROL_PLANE = 'control-plane';
const SECRET = 'own secret of the control plane';
const FPS = 10;

const postgres = usePostgres();
let s3: Awaited<ReturnType<typeof startS3>> = null;
// The first time, it is fetched.
beforeAll(async () => {
  s3 = await startS3();
}, 600_000);
afterAll(() => s3?.close());

test('on PostgreSQL, S3 and Mosquitto frames go all the way to a film; broker and records stop and come back, and all goes on by itself with nothing lost', {
  timeout: 240_000,
}, async (context) => {
  if (s3 === null) return notRun(context, 'a real S3 server', S3_HOW);
  const database = await postgres.newDatabase(context);
  const users = { [CONTROL_PLANE]: SECRET };
  const acl = mosquittoAcl(CONTROL_PLANE);
  const mosquitto = await openMosquitto(context, { users, acl });
  const product = await openProduct({
    settings: {
      SLOWLIGHT_RECORDS: 'postgres',
      SLOWLIGHT_POSTGRES_URL: database,
      SLOWLIGHT_OBJECTS: 's3',
      SLOWLIGHT_S3_ENDPOINT: s3.endpoint,
      SLOWLIGHT_S3_BUCKET: s3.bucket,
      SLOWLIGHT_S3_ACCESS_KEY: s3.accessKeyId,
      SLOWLIGHT_S3_SECRET_KEY: s3.secretAccessKey,
      SLOWLIGHT_BROKER: 'external',
      SLOWLIGHT_BROKER_URL: mosquitto.url,
      SLOWLIGHT_BROKER_USERNAME: CONTROL_PLANE,
      SLOWLIGHT_BROKER_PASSWORD: SECRET,
    },
  });
  const cloud = await product.startControlPlane();
  // The control plane makes its agent known; whoever runs the broker lets it in.
  const { agentId, secret } = await readIdentity(product.dataDir);
  await mosquitto.allow({ users: { ...users, [agentId]: secret }, acl });
  const agent = product.startAgent();
  const api = await product.logIn();
  const timelapses = await startTimelapses(api, 1);
  await delivered(api, timelapses, 3);
  await until('every part says that it is ready', async () => (await notReady(product)).length === 0);

  const away = { broker: mosquitto, records: postgres };
  for (const part of ['broker', 'records'] as const) {
    await away[part].stop();
    await until(`only the ${part} cannot work`, async () => (await notReady(product)).join() === part);
    await taken(product, 3);
    await away[part].start();
    await until('every part is ready again', async () => (await notReady(product)).length === 0, 45_000);
    await delivered(api, timelapses, 3);
  }

  await settle(api, timelapses, { dataDir: product.dataDir, withinMs: 90_000 });
  const frames = product.lines.filter(({ msg }) => msg === 'a frame was taken').length;
  // A job that was in the making when the records went is leased until 15 s later.
  const withThumbnails = async () => {
    const { items } = await api.get<PageOf<FrameView>>('/api/frames?limit=500');
    return items.length === frames && items.every(({ thumbnail }) => thumbnail === 'ready');
  };
  await until('every frame has its thumbnails', withThumbnails, 30_000);
  const film = await probe(await download(api, await render(api, timelapses)));
  expect(film).toEqual({ pictures: frames, seconds: frames / FPS });

  const now = Date.now();
  const coverage = await api.get<CoverageView>(
    `/api/timelapses/${timelapses[0]?.id}/coverage?from=${now - 600_000}&to=${now + 60_000}`,
  );
  const { captured = 0, flagged = 0, missed = 0 } = coverage.outcomes;
  expect(captured + flagged).toBe(frames);
  // A busy machine may come late to a slot, and then says so.
  expect(captured + flagged + missed).toBe(coverage.planned);
  expect(await agent.stop()).toBe(true);
  expect(await cloud.stop()).toBe(true);

  const recorded = await readRecords(database);
  expect(recorded.faults).toEqual([]);
  expect(recorded.seqs).toEqual(recorded.seqs.map((_, index) => index + 1));
  const bucket = openBucket(s3);
  expect(recorded.pictures).toHaveLength(frames);
  expect(await bucket.pictures('frames/')).toEqual(recorded.pictures);
  expect(await bucket.keys('thumbnails/')).toHaveLength(frames * 2);
});

test('a bucket that is not there is told at the start and when asked, with what to do', async (context) => {
  if (s3 === null) return notRun(context, 'a real S3 server', S3_HOW);
  const product = await openProduct({
    settings: {
      SLOWLIGHT_OBJECTS: 's3',
      SLOWLIGHT_S3_ENDPOINT: s3.endpoint,
      SLOWLIGHT_S3_BUCKET: 'no-such-bucket',
      SLOWLIGHT_S3_ACCESS_KEY: s3.accessKeyId,
      SLOWLIGHT_S3_SECRET_KEY: s3.secretAccessKey,
    },
  });
  await product.startControlPlane();
  const words = /no bucket named no-such-bucket.*Make the bucket/;
  await until('it is told', () => product.lines.some(({ reason, hint }) => words.test(`${reason}. ${hint}`)));
  expect(await partsOf(product)).toContainEqual({
    part: 'objects',
    ready: false,
    detail: expect.stringMatching(words),
  });
});

async function readIdentity(dataDir: string): Promise<{ agentId: AgentId; secret: string }> {
  return JSON.parse(await readFile(path.join(dataDir, 'agent', 'identity.json'), 'utf8'));
}

async function partsOf({ address }: RigProduct) {
  const answer = await fetch(`${address}/health/ready`);
  return ((await answer.json()) as { parts: { part: string; ready: boolean; detail: string }[] }).parts;
}

async function notReady(product: RigProduct): Promise<string[]> {
  return (await partsOf(product)).filter(({ ready }) => !ready).map(({ part }) => part);
}

/** So many more frames were taken at the edge. */
async function taken({ lines }: RigProduct, more: number): Promise<void> {
  const now = () => lines.filter(({ msg }) => msg === 'a frame was taken').length;
  const before = now();
  await until(`${more} more frames are taken`, () => now() >= before + more, 20_000);
}

/** So many more frames are recorded, and their pictures verified. */
async function delivered(api: Api, [timelapse]: readonly TimelapseView[], more: number): Promise<void> {
  const now = async () => (await api.get<TimelapseView>(`/api/timelapses/${timelapse?.id}`)).frames;
  const before = await now();
  await until(`${more} more frames are delivered`, async () => (await now()) >= before + more, 45_000);
}

async function render(api: Api, [timelapse]: readonly TimelapseView[]): Promise<VideoView> {
  const asked = { timelapseId: timelapse?.id, fps: FPS, flagged: true };
  const { id } = await api.send<VideoView>('POST', '/api/videos', asked);
  return until(
    'the film is ready',
    async () => {
      const video = await api.get<VideoView>(`/api/videos/${id}`);
      if (video.state === 'failed') throw new Error(video.reason ?? 'the film failed');
      return video.state === 'ready' && video;
    },
    30_000,
  );
}

async function download(api: Api, { id, sizeBytes }: VideoView): Promise<string> {
  const file = path.join(await openFolder(), 'film.mp4');
  const bytes = new Uint8Array(await (await api.fetch(`/api/videos/${id}/file`)).arrayBuffer());
  expect(bytes.length).toBe(sizeBytes);
  await writeFile(file, bytes);
  return file;
}

/** What ffprobe says of a film; its pictures are decoded and counted. */
async function probe(file: string): Promise<{ pictures: number; seconds: number }> {
  const args = ['-v', 'error', '-count_frames', '-show_streams', '-of', 'json', file];
  const { stdout } = await promisify(execFile)('ffprobe', args);
  const { streams } = JSON.parse(stdout) as { streams: { nb_read_frames: string; duration: string }[] };
  return { pictures: Number(streams[0]?.nb_read_frames), seconds: Number(streams[0]?.duration) };
}

/** Straight from the database, by other code than the product's. */
async function readRecords(database: string) {
  const client = new pg.Client({ connectionString: database });
  onTestFinished(() => client.end());
  await client.connect();
  const frames = await client.query<{ id: FrameId; type: PictureType; size_bytes: string; sha256: string }>(
    `select id, type, size_bytes, sha256 from frames where picture = 'stored'`,
  );
  const inbox = await client.query<{ seq: string }>('select seq from inbox order by seq');
  const faults = await client.query<{ code: string; reason: string }>('select code, reason from faults');
  return {
    pictures: frames.rows
      .map(({ id, type, size_bytes, sha256 }) => ({ key: frameKey(id, type), sizeBytes: Number(size_bytes), sha256 }))
      .toSorted((one, other) => (one.key < other.key ? -1 : 1)),
    seqs: inbox.rows.map(({ seq }) => Number(seq)),
    faults: faults.rows,
  };
}
