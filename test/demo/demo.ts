/**
 * `npm run demo`: a virtual RTSP camera, the control plane with all its embedded parts, and an agent; a picture every 2 s,
 * living progress, and a film after 30 frames. `--once` ends after the film with a summary. `npm run dev` (`--dev`) serves
 * the dashboard from its sources beside it. The same data serves the next run.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openLogFile } from '@slowlight/deploy/local/log-file.ts';
import { startProduct } from '@slowlight/deploy/local/product.ts';
import { createClosing, messageOf, runProgram, systemClock, toFailure } from '@slowlight/protocol/kit';
import { startVirtualCamera } from '../rig/virtual-camera.ts';
import { type Api, logIn, type TimelapseView, type VideoView } from './api.ts';
import { makeVideo, type Progress, progressLine, progressOf, startCampaign } from './campaign.ts';
import { startPageServer } from './page-server.ts';
import { createScreen } from './screen.ts';

const FRAMES_WANTED = 30;
const FPS = 10;
const root = path.resolve(import.meta.dirname, '../..');
const { values: options } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    dev: { type: 'boolean', default: false },
    data: { type: 'string', default: path.join(root, 'data', 'demo') },
  },
});
const folder = path.resolve(options.data);
const shown = (file: string) => path.relative(process.cwd(), file) || '.';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

const screen = createScreen(process.stdout);
const closing = createClosing();
const nap = (ms = 1000) => systemClock.sleep(ms, stop.signal);
try {
  await run();
} catch (thrown) {
  if (!stop.signal.aborted) {
    const failure = toFailure(thrown, 'demo.failed');
    screen.say(`The demo could not go on: ${failure.message}`);
    screen.say(
      failure.code === 'demo.failed'
        ? `What the programs said is in ${shown(path.join(folder, 'demo.log'))}`
        : failure.hint,
    );
    process.exitCode = 1;
  }
} finally {
  screen.done();
  await closing.close().catch((thrown: unknown) => {
    screen.say(`Not everything stopped clean: ${messageOf(thrown)}`);
    process.exitCode = 1;
  });
}

async function run(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const log = await openLogFile(path.join(folder, 'demo.log'));
  closing.push('the log file', log.close);

  const login = { username: 'viewer', password: `p@ss:w/${randomBytes(4).toString('hex')}` };
  const camera = await startVirtualCamera({
    widthPx: 1280,
    heightPx: 720,
    gopSeconds: 0.5,
    login: { ...login, scheme: 'digest-md5' },
  });
  closing.push('the virtual camera', camera.close);
  screen.say(`Virtual camera   ${camera.url} (real RTSP, with a password; a moving picture with the time in it)`);

  const password = await adminPassword();
  const product = await startProduct({
    dataDir: folder,
    environment: {
      SLOWLIGHT_MIN_INTERVAL_MS: '1000',
      SLOWLIGHT_ADMIN_PASSWORD: password,
      SLOWLIGHT_HTTP_PORT: '0',
      SLOWLIGHT_BROKER_PORT: '0',
      // The demo asks nobody outside of this machine.
      SLOWLIGHT_WEATHER: 'off',
    },
    // The demo's cameras are on this machine itself.
    agentEnvironment: { SLOWLIGHT_AGENT_CAMERA_NETWORKS: 'any,127.0.0.0/8' },
    onLine: log.write,
  });
  closing.push('the product', product.stop);
  screen.say(`Dashboard        ${product.address} (log in as admin with ${password})`);

  if (options.dev) {
    const page = await startPageServer(product.address);
    closing.push('the page server', page.close);
    screen.say(`From its sources ${page.address}`);
  }

  const api = await logIn(product.address, 'admin', password);
  await waitFor('the agent shows itself', async () =>
    (await api.get<{ items: { canSeal: boolean }[] }>('/api/agents')).items.some((agent) => agent.canSeal),
  );
  const { timelapse } = await startCampaign(api, { url: camera.url, ...login });
  screen.say(`A picture every 2 s; after ${FRAMES_WANTED} of them a film at ${FPS} pictures a second. Ctrl-C stops.`);

  const progress = await watch(api, timelapse, (seen) => seen.stored >= FRAMES_WANTED);
  if (progress === null) return;
  const video = await makeVideo(api, timelapse, { fps: FPS, onProgress: screen.show, wait: () => nap(200) });
  const file = await download(api, video);
  screen.say(`Film             ${shown(file)} (${video.framesDone} pictures, ${await lengthOf(file)} s)`);
  if (options.once) await summary(api, timelapse, video, file);
  else await watch(api, timelapse, () => false);
}

/** Shows progress each second until it is enough; null when the demo was stopped before. */
async function watch(
  api: Api,
  timelapse: TimelapseView,
  enough: (seen: Progress) => boolean,
): Promise<Progress | null> {
  while (!stop.signal.aborted) {
    const progress = await progressOf(api, timelapse);
    screen.show(progressLine(progress));
    if (enough(progress)) return progress;
    await nap();
  }
  return null;
}

/** Completes the timelapse, waits until every slot has its outcome and every picture is in the store, and adds it up. */
async function summary(api: Api, timelapse: TimelapseView, video: VideoView, file: string): Promise<void> {
  await api.send('POST', `/api/timelapses/${timelapse.id}/complete`);
  const settled = (seen: Progress) => (seen.coverage.outcomes.unreported ?? 0) === 0 && seen.backlog === 0;
  const last = await watch(api, timelapse, settled);
  if (last === null) return;
  const now = await api.get<TimelapseView>(`/api/timelapses/${timelapse.id}`);
  const seconds = await lengthOf(file);
  const outcomes = Object.entries(last.coverage.outcomes).filter(([, count]) => count > 0);
  screen.say('');
  screen.say(`Planned slots    ${last.planned}`);
  screen.say(`Outcomes         ${outcomes.map(([name, count]) => `${count} ${name}`).join(', ')}`);
  screen.say(`Frames recorded  ${now.frames} (${now.flagged} flagged), ${(now.bytes / 1e6).toFixed(1)} MB`);
  screen.say(
    `Film             ${seconds} s for ${video.framesDone} pictures at ${FPS} a second (read back with ffprobe)`,
  );
  if (Math.abs(Number(seconds) - video.framesDone / FPS) > 0.5 / FPS)
    throw new Error(`the film has ${seconds} s instead of ${video.framesDone / FPS} s`);
}

async function download(api: Api, video: VideoView): Promise<string> {
  const target = path.join(folder, `${video.id}.mp4`);
  const answer = await api.fetch(`/api/videos/${video.id}/file`);
  await writeFile(`${target}.part`, Buffer.from(await answer.arrayBuffer()));
  await rename(`${target}.part`, target);
  return target;
}

async function lengthOf(file: string): Promise<string> {
  const probe = await runProgram({
    program: 'ffprobe',
    args: ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', file],
    clock: systemClock,
    deadlineMs: 20_000,
    signal: stop.signal,
  });
  return Number(probe.output.toString().trim()).toFixed(2);
}

/** Made at the first run and kept for the next, readable by this user only. */
async function adminPassword(): Promise<string> {
  const file = path.join(folder, 'admin-password');
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
  const password = randomBytes(9).toString('base64url');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}

async function waitFor(what: string, look: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300 && !stop.signal.aborted; tries += 1) {
    if (await look()) return;
    await nap(100);
  }
  if (!stop.signal.aborted) throw new Error(`not within 30 s: ${what}`);
}
