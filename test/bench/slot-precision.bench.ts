import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startProduct } from '@slowlight/deploy/local/product.ts';
import sharp from 'sharp';
import { type Api, type CameraView, type FrameView, logIn, type PageOf, type TimelapseView } from '../demo/api.ts';
import { readClock } from '../rig/picture-clock.ts';
import { until } from '../rig/until.ts';
import { startVirtualCamera } from '../rig/virtual-camera.ts';
import { quantile } from './quantile.ts';
import type { Bench } from './run.ts';

/** More than ten seconds, so that the camera is not kept warm, and in step with neither its frames nor its keyframes. */
const EVERY_MS = 10_730;
const PASSWORD = 'a-password-of-the-bench';
/** The first two slots, before the camera's start-up has been learnt, are told apart. */
const LEARNING = 2;

export const bench: Bench = {
  question:
    'How far from its slot is the moment that a picture shows (clock in the picture), cold capture, GOP 2 s, against ffmpeg started at the slot?',
  async run(report, args) {
    const slots = Number(args[0] ?? 40);
    const camera = await startVirtualCamera({ widthPx: 1280, heightPx: 720, gopSeconds: 2 });
    const dataDir = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    const product = await startProduct({
      dataDir,
      environment: { SLOWLIGHT_ADMIN_PASSWORD: PASSWORD, SLOWLIGHT_HTTP_PORT: '0', SLOWLIGHT_BROKER_PORT: '0' },
      agentEnvironment: {},
      onLine: () => {},
    });
    try {
      const api = await logIn(product.address, 'admin', PASSWORD);
      const timelapse = await begin(api, camera.url);
      const reference: number[] = [];
      for (let slot = 0; slot < slots; slot += 1) {
        const dueAt = Math.ceil((Date.now() + EVERY_MS / 2) / EVERY_MS) * EVERY_MS;
        await wait(dueAt - Date.now());
        reference.push((await oneShot(camera.url)) - dueAt);
      }
      const frames = await framesOf(api, timelapse);
      const ours: number[] = [];
      for (const frame of frames.slice(LEARNING)) {
        const answer = await api.fetch(`/api/frames/${frame.id}/picture`);
        ours.push((await clockIn(Buffer.from(await answer.arrayBuffer()))) - (frame.dueAt ?? Number.NaN));
      }
      report('slots with a picture', frames.length, 'slots');
      for (const [name, errors] of [
        ['Slowlight', ours] as const,
        ['ffmpeg -frames:v 1 started at the slot', reference] as const,
      ]) {
        const off = errors.map(Math.abs);
        report(`${name}, p50`, quantile(off, 0.5), 'ms');
        report(`${name}, p99`, quantile(off, 0.99), 'ms');
      }
    } finally {
      await product.stop();
      await camera.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function begin(api: Api, url: string): Promise<TimelapseView> {
  const agent = await until('the agent shows itself', async () => {
    const agents = await api.get<PageOf<{ id: string; canSeal: boolean }>>('/api/agents');
    return agents.items.find(({ canSeal }) => canSeal);
  });
  const camera = await api.send<CameraView>('POST', '/api/cameras', {
    agentId: agent.id,
    name: 'Bench',
    source: { kind: 'rtsp', url },
  });
  const schedule = { rhythm: { kind: 'interval', everyMs: EVERY_MS }, timeZone: 'UTC' };
  return api.send<TimelapseView>('POST', '/api/timelapses', { cameraId: camera.id, name: 'Bench', schedule });
}

async function framesOf(api: Api, { id }: TimelapseView): Promise<FrameView[]> {
  const { items } = await api.get<PageOf<FrameView>>(`/api/frames?timelapseId=${id}&order=oldest&limit=500`);
  return items.filter(({ picture }) => picture === 'stored');
}

/** The time in the picture that the common way gives. */
async function oneShot(url: string): Promise<number> {
  const args = [
    '-v',
    'error',
    '-rtsp_transport',
    'tcp',
    '-i',
    url,
    '-frames:v',
    '1',
    '-c:v',
    'png',
    '-f',
    'image2pipe',
    '-',
  ];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return clockIn(Buffer.concat(chunks));
}

async function clockIn(picture: Buffer): Promise<number> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return readClock(data, info.width, info.height) ?? Number.NaN;
}
