/**
 * A house full of cameras that nobody has to wait for: a real control plane, and agents that deliver painted pictures over
 * the real wire, also for days that are gone. For benches and screenshots.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addresses, startControlPlane } from '@slowlight/deploy/local/product.ts';
import type { Program } from '@slowlight/deploy/local/program.ts';
import type { AgentId, CameraId, FrameId, TimelapseId } from '@slowlight/protocol';
import BetterSqlite from 'better-sqlite3';
import { type Api, type CameraView, logIn, type SiteView, type TimelapseView } from '../demo/api.ts';
import { paint } from './paint.ts';
import { connectWireAgent, type WireAgent } from './wire-agent.ts';

export const GALLERY_PASSWORD = 'a-password-of-the-gallery';
/** So many pictures are on their way at once. */
const AT_ONCE = 12;

export interface GallerySite {
  name: string;
  timeZone: string;
  cameras: readonly string[];
}
export interface GalleryCamera {
  id: CameraId;
  timelapseId: TimelapseId;
  name: string;
  place: number;
  timeZone: string;
  agent: WireAgent;
}
export interface Gallery {
  address: string;
  api: Api;
  controlPlane: Program;
  agents: readonly WireAgent[];
  cameras: readonly GalleryCamera[];
  /** Paints and delivers the picture of a moment; resolves when it is verified. */
  deliver(
    camera: GalleryCamera,
    dueAt: number,
    more?: { score?: number; faults?: readonly string[] },
  ): Promise<FrameId>;
  /** Delivers many, a few at a time. */
  deliverAll(
    frames: readonly { camera: GalleryCamera; dueAt: number; score?: number; faults?: readonly string[] }[],
  ): Promise<void>;
  close(): Promise<void>;
}
export interface GalleryOptions {
  sites: readonly GallerySite[];
  /** The timelapses began so long ago. */
  agedMs?: number;
  everyMs?: number;
  widthPx?: number;
  heightPx?: number;
  settings?: Record<string, string>;
}

export async function openGallery(options: GalleryOptions): Promise<Gallery> {
  const { sites, agedMs = 0, everyMs = 60_000, widthPx = 1280, heightPx = 720, settings = {} } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-gallery-'));
  const controlPlane = startControlPlane({
    dataDir: folder,
    environment: {
      SLOWLIGHT_ADMIN_PASSWORD: GALLERY_PASSWORD,
      SLOWLIGHT_HTTP_PORT: '0',
      SLOWLIGHT_BROKER_PORT: '0',
      SLOWLIGHT_WEATHER: 'off',
      ...settings,
    },
    onLine: () => {},
  });
  const agents: WireAgent[] = [];
  const close = async () => {
    for (const agent of agents) agent.close();
    await controlPlane.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { address, brokerUrl } = await addresses(controlPlane);
    const api = await logIn(address, 'admin', GALLERY_PASSWORD);
    const cameras: GalleryCamera[] = [];
    const began = Math.floor((Date.now() - agedMs) / everyMs) * everyMs;
    for (const site of sites) {
      const { id: siteId } = await api.send<SiteView>('POST', '/api/sites', {
        name: site.name,
        timeZone: site.timeZone,
      });
      const made = await api.send<{ agent: { id: AgentId }; secret: string }>('POST', '/api/agents', {
        siteId,
        name: `Box at ${site.name}`,
      });
      const agent = await connectWireAgent({ brokerUrl, id: made.agent.id, secret: made.secret });
      agents.push(agent);
      const added: GalleryCamera[] = [];
      for (const name of site.cameras) {
        const camera = await api.send<CameraView>('POST', '/api/cameras', {
          agentId: agent.id,
          name,
          source: { kind: 'test', widthPx, heightPx },
        });
        const timelapse = await api.send<TimelapseView>('POST', '/api/timelapses', {
          cameraId: camera.id,
          name: `${name}, this year`,
          schedule: { rhythm: { kind: 'interval', everyMs }, timeZone: site.timeZone },
        });
        const place = cameras.length + added.length;
        added.push({ id: camera.id, timelapseId: timelapse.id, name, place, timeZone: site.timeZone, agent });
      }
      report(agent, { cameras: added, began, everyMs, backlogFrames: agents.length === 1 ? 0 : 12 * agents.length });
      cameras.push(...added);
    }
    if (agedMs > 0) age(path.join(folder, 'control-plane'), began);
    const deliver: Gallery['deliver'] = async (camera, dueAt, more = {}) => {
      const at = dueAt + zoneOffset(dueAt, camera.timeZone);
      const jpeg = await paint({ place: camera.place, at, widthPx, heightPx });
      const { id: cameraId, timelapseId } = camera;
      return camera.agent.deliver({ cameraId, timelapseId, dueAt, jpeg, widthPx, heightPx, ...more });
    };
    return {
      address,
      api,
      controlPlane,
      agents,
      cameras,
      deliver,
      async deliverAll(frames) {
        const left = [...frames];
        const worker = async () => {
          for (let next = left.shift(); next !== undefined; next = left.shift())
            await deliver(next.camera, next.dueAt, next);
        };
        await Promise.all(Array.from({ length: AT_ONCE }, worker));
      },
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** The spans of its timelapses, how its device is, and that its cameras answer. */
function report(
  agent: WireAgent,
  of: { cameras: readonly GalleryCamera[]; began: number; everyMs: number; backlogFrames: number },
): void {
  const { cameras, began, everyMs, backlogFrames } = of;
  const at = Date.now();
  const spans = cameras.map(({ timelapseId, timeZone }) => ({
    id: `spn-${timelapseId.slice('tlp-'.length)}`,
    timelapseId,
    schedule: { rhythm: { kind: 'interval', everyMs }, timeZone, startsAt: null, endsAt: null },
    from: began,
    until: null,
    firstAtOnce: false,
  }));
  agent.say('schedule.applied', { settingsVersion: 1, at, spans });
  for (const { id: cameraId } of cameras)
    agent.say('camera.health-changed', {
      cameraId,
      health: 'online',
      consecutiveFailures: 0,
      code: null,
      hint: null,
      at,
    });
  agent.say('device.reported', {
    at,
    uptimeSeconds: 871_000,
    diskFreeBytes: 41e9,
    diskTotalBytes: 64e9,
    memoryFreeBytes: 312e6,
    memoryTotalBytes: 1e9,
    loadAverage: 0.21,
    temperatureCelsius: 47.5,
    processMemoryBytes: 78e6,
    backlogFrames,
    backlogBytes: backlogFrames * 280_000,
    quarantinedFrames: 0,
    clock: 'synchronised',
    ffmpegVersion: '7.1',
  });
}

/** The timelapses began earlier than they were asked for: nobody waits for days to take a screenshot. */
function age(folder: string, began: number): void {
  const db = new BetterSqlite(path.join(folder, 'records.sqlite'), { timeout: 5000, fileMustExist: true });
  db.prepare('update timelapses set started_at = ?').run(began);
  db.close();
}

function zoneOffset(at: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
