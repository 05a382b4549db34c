import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Program } from '@slowlight/deploy/local/program.ts';
import { type FrameId, type RuleOccurrence, thumbnailKey } from '@slowlight/protocol';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import type { Api, FrameView, PageOf, TimelapseView, VideoView } from '../demo/api.ts';
import { openProduct, startTimelapses } from '../rig/open-product.ts';
import { usePostgres } from '../rig/postgres.ts';
import { listProcesses } from '../rig/processes.ts';
import { seeded } from '../rig/seeded.ts';
import { until } from '../rig/until.ts';

const KILLS = Number(process.env.STORY_WORK_KILLS ?? 20);
const WORKERS = 2;
const postgres = usePostgres();

test(`one process that serves and ${WORKERS} that work are killed ${KILLS} times while frames come in and films are made: no job is lost, none done twice, no broken film is ever shown, and every ffmpeg goes with its worker`, {
  timeout: 180_000 + KILLS * 6000,
}, async (context) => {
  const database = await postgres.newDatabase(context);
  const product = await openProduct({
    settings: {
      SLOWLIGHT_ROLES: 'api,ingest',
      SLOWLIGHT_RECORDS: 'postgres',
      SLOWLIGHT_POSTGRES_URL: database,
      SLOWLIGHT_ENCODERS: '1',
    },
  });
  const objects = path.join(product.dataDir, 'control-plane', 'objects');
  const shared = { SLOWLIGHT_OBJECTS_DIR: objects };
  const start = [() => product.startControlPlane(), ...[1, 2].map((n) => () => product.startWorker(n, shared))];
  const running: Promise<Program>[] = start.map((one) => one());
  await Promise.all(running);
  const agent = product.startAgent();
  await agent.ready;
  const api = await product.logIn();
  const [timelapse] = await startTimelapses(api, 1);
  if (timelapse === undefined) throw new Error('there is no timelapse');
  const rules = `/api/timelapses/${timelapse.id}/rules`;
  const look = { fps: 10, quality: 'low', heightPx: 120 };
  const milestones = await api.send<{ id: string }>('POST', rules, {
    name: 'Milestones',
    when: { kind: 'milestone', every: 10 },
    film: look,
  });
  await api.send('POST', rules, {
    name: 'Grows',
    when: { kind: 'per-capture', throttleMinutes: 1 },
    makes: 'grow',
    film: look,
  });

  // Somebody looks at every film that is shown, all the while, and asks for another now and then.
  const ended = new AbortController();
  const looking = lookAtFilms(api, ended.signal);
  const asking = askForFilms(api, timelapse, ended.signal);
  for (const one of [looking, asking]) one.catch(() => {});
  const random = seeded(20_261_123);
  for (let kills = 0; kills < KILLS; kills += 1) {
    await wait(200 + random() * 1000);
    // The others go on, or are being started, meanwhile.
    const which = Math.floor(random() * running.length);
    const program = await running[which];
    program?.kill('SIGKILL');
    await program?.exited;
    const again = start[which]?.() as Promise<Program>;
    again.catch(() => {});
    running[which] = again;
  }
  await Promise.all(running);
  await until(
    'frames and films have come in',
    async () => (await api.get<TimelapseView>(`/api/timelapses/${timelapse.id}`)).frames >= 20,
    90_000,
  );
  ended.abort();
  const asked = await asking;
  await api.send('POST', `/api/timelapses/${timelapse.id}/complete`);

  const client = new pg.Client({ connectionString: database });
  await client.connect();
  onTestFinished(() => client.end());
  const count = async (query: string) => Number((await client.query(`select count(*) as n ${query}`)).rows[0].n);
  const last = await api.get<TimelapseView>(`/api/timelapses/${timelapse.id}`);
  // The rules are looked at every few seconds; what they ask for is owed as well.
  await until(
    'all that is owed is done',
    async () =>
      (await count(`from frames where picture <> 'stored'`)) === 0 &&
      (await count(`from rule_occurrences where rule_id = '${milestones.id}'`)) ===
        Math.floor((await count('from frames')) / 10) &&
      (await count(`from jobs where state in ('waiting', 'running')`)) === 0,
    120_000,
  );
  const problems = await looking;
  expect(problems).toEqual([]);

  // No job is lost or given up: every frame has its pictures, every film is there and whole.
  expect(await count(`from jobs where state = 'dead'`)).toBe(0);
  const frames = await everything<FrameView>(api, `/api/frames?timelapseId=${timelapse.id}`);
  expect(frames.length).toBeGreaterThanOrEqual(last.frames);
  expect(frames.filter(({ thumbnail }) => thumbnail !== 'ready')).toEqual([]);
  for (const { id } of frames)
    for (const size of ['small', 'large'] as const)
      expect(
        readFileSync(path.join(objects, thumbnailKey(id as FrameId, size)))
          .subarray(0, 2)
          .toString('hex'),
      ).toBe('ffd8');
  const films = await everything<VideoView>(api, '/api/videos');
  expect(films.filter(({ state }) => state !== 'ready')).toEqual([]);
  expect(films.map(({ id }) => id)).toEqual(expect.arrayContaining(asked));
  for (const film of films) expect(await faultOf(api, film)).toBeNull();

  // Nothing is done twice where somebody sees it: one thumbnail a frame, one film a wish, one film a milestone.
  const twice = async (type: string, id: string) =>
    (
      await client.query(
        `select event::json -> 'body' ->> '${id}' as id from feed where event::json ->> 'type' = '${type}' group by 1 having count(*) > 1`,
      )
    ).rows;
  expect(await twice('thumbnail.ready', 'frameId')).toEqual([]);
  const completed = (await twice('video.completed', 'videoId')).map(({ id }) => id as string);
  expect(completed.filter((id) => films.some((film) => film.id === id && !film.grows))).toEqual([]);
  const passed = await api.get<PageOf<RuleOccurrence>>(`${rules}/${milestones.id}/occurrences?limit=500`);
  const made = passed.items.toReversed().map(({ occurrence }) => occurrence);
  expect(made).toEqual(made.map((_, index) => `frames:${(index + 1) * 10}`));
  expect(made.length).toBe(Math.floor(frames.length / 10));
  expect(made.length).toBeGreaterThan(0);

  for (const program of await Promise.all(running)) program.kill('SIGKILL');
  await agent.stop();
  const ffmpegs = () =>
    listProcesses().filter(
      ({ commandLine }) => /ff(mpeg|probe)/.test(commandLine) && commandLine.includes(product.dataDir),
    );
  await until('no ffmpeg outlives its worker', () => ffmpegs().length === 0);
});

/** Asks again while the control plane is being started. Null: it was told to end. */
async function patiently<Answer>(ask: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer | null> {
  for (let tries = 0; ; tries += 1)
    try {
      return await ask();
    } catch (thrown) {
      const away = thrown instanceof TypeError || /fetch failed|503|terminated/.test(String(thrown));
      if (signal?.aborted) return null;
      if (!away || tries > 3000) throw thrown;
      await wait(50);
    }
}

async function everything<Item>(api: Api, address: string): Promise<Item[]> {
  const items: Item[] = [];
  const joint = address.includes('?') ? '&' : '?';
  for (let next: string | null = ''; next !== null; ) {
    const page: PageOf<Item> = await api.get(`${address}${joint}limit=500${next === '' ? '' : `&after=${next}`}`);
    items.push(...page.items);
    ({ next } = page);
  }
  return items;
}

async function askForFilms(api: Api, { id }: TimelapseView, signal: AbortSignal): Promise<string[]> {
  const asked: string[] = [];
  for (let turn = 0; !signal.aborted; turn += 1) {
    const heightPx = 120 + 2 * (turn % 20);
    const wish = { timelapseId: id, fps: 10, quality: 'low', heightPx, name: `Film ${turn}` };
    await patiently(async () => {
      try {
        await api.send<VideoView>('POST', '/api/videos', wish);
      } catch (thrown) {
        if (!/too-few-frames/.test(String(thrown))) throw thrown;
      }
    }, signal);
    await wait(2500);
  }
  const films = (await patiently(() => everything<VideoView>(api, '/api/videos'))) ?? [];
  for (const film of films) if (film.name.startsWith('Film ')) asked.push(film.id);
  return asked;
}

async function lookAtFilms(api: Api, signal: AbortSignal): Promise<string[]> {
  const problems: string[] = [];
  const seen = new Set<string>();
  while (!signal.aborted) {
    const films = (await patiently(() => api.get<PageOf<VideoView>>('/api/videos?limit=100'), signal))?.items ?? [];
    for (const film of films) {
      const version = `${film.id} ${film.finishedAt}`;
      if (!film.playable || film.state !== 'ready' || seen.has(version)) continue;
      seen.add(version);
      const fault = await patiently(() => faultOf(api, film), signal);
      if (fault !== null) problems.push(`${film.name}: ${fault}`);
    }
    await wait(200);
  }
  if (seen.size === 0) problems.push('no film was ever seen');
  return problems;
}

/** Why a film cannot be played as it is described; null: it can, or has been made anew meanwhile. */
async function faultOf(api: Api, film: VideoView): Promise<string | null> {
  const answer = await api.fetch(`/api/videos/${film.id}/file`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const probing = promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-count_frames', '-select_streams', 'v:0'],
    ...['-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', '-i', 'pipe:0'],
  ]);
  probing.child.stdin?.on('error', () => {});
  probing.child.stdin?.end(bytes);
  const { stdout, stderr } = await probing.catch((thrown: Error) => ({ stdout: '', stderr: thrown.message }));
  const now = await api.get<VideoView>(`/api/videos/${film.id}`);
  if (now.finishedAt !== film.finishedAt) return null;
  const frames = Number(stdout.trim().split(',')[0]);
  if (stderr !== '') return stderr.slice(0, 300);
  return frames === film.framesDone ? null : `${frames} pictures instead of ${film.framesDone}`;
}
