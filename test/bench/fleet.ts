/** Many cameras on one agent: one picture is encoded once and served to all, so that what is measured is the agent. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Product, startProduct } from '@slowlight/deploy/local/product.ts';
import { type AgentView, type Api, type CameraView, logIn, type PageOf, type TimelapseView } from '../demo/api.ts';
import { listProcesses } from '../rig/processes.ts';
import { until } from '../rig/until.ts';
import type { VirtualCameraOptions } from '../rig/virtual-camera.ts';
import { startBenchCamera } from './capture/bench-camera.ts';

const PASSWORD = 'a-password-of-the-bench';

export interface FleetOptions {
  cameras: number;
  everyMs: number;
  video: VirtualCameraOptions;
  /** Of the agent, beside what it needs. */
  environment?: Record<string, string>;
}

export interface Fleet {
  api: Api;
  product: Product;
  timelapses: TimelapseView[];
  /** CPU time of the agent and of its decoders so far, s. */
  cpuSeconds(): number;
  /** Resident memory of the agent's own process, without its decoders, bytes. */
  residentBytes(): number;
  close(): Promise<void>;
}

/** All cameras warm, with a timelapse each, running. */
export async function startFleet({ cameras, everyMs, video, environment = {} }: FleetOptions): Promise<Fleet> {
  const source = await startBenchCamera(video);
  const dataDir = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
  const product = await startProduct({
    dataDir,
    environment: { SLOWLIGHT_ADMIN_PASSWORD: PASSWORD, SLOWLIGHT_HTTP_PORT: '0', SLOWLIGHT_BROKER_PORT: '0' },
    agentEnvironment: {
      SLOWLIGHT_AGENT_TRUST_CLOCK: 'yes',
      SLOWLIGHT_AGENT_CAMERA_NETWORKS: 'any,127.0.0.0/8',
      ...environment,
    },
    onLine: () => {},
  });
  const close = async () => {
    await product.stop();
    await source.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const api = await logIn(product.address, 'admin', PASSWORD);
    const agent = await until('the agent shows itself', async () =>
      (await api.get<PageOf<AgentView>>('/api/agents')).items.find(({ canSeal }) => canSeal),
    );
    const timelapses: TimelapseView[] = [];
    for (let number = 1; number <= cameras; number += 1) {
      const name = `Camera ${number}`;
      const camera = await api.send<CameraView>('POST', '/api/cameras', {
        agentId: agent.id,
        name,
        source: { kind: 'rtsp', url: source.url, connection: 'warm' },
      });
      const schedule = { rhythm: { kind: 'interval', everyMs }, timeZone: 'UTC' };
      timelapses.push(await api.send('POST', '/api/timelapses', { cameraId: camera.id, name, schedule }));
    }
    const { pid } = product.agent;
    return {
      api,
      product,
      timelapses,
      cpuSeconds: () => cpuSecondsOf(pid),
      residentBytes: () => residentBytesOf(pid),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** The kernel counts in hundredths of a second. */
const TICKS_A_SECOND = 100;

function cpuSecondsOf(pid: number): number {
  const children = listProcesses().filter(({ parentPid }) => parentPid === pid);
  const running = children.reduce((sum, child) => sum + ticksOf(child.pid).self, 0);
  const { self, ended } = ticksOf(pid);
  return (self + ended + running) / TICKS_A_SECOND;
}

function ticksOf(pid: number): { self: number; ended: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const at = (index: number) => fields[index] ?? 0;
    return { self: at(11) + at(12), ended: at(13) + at(14) };
  } catch {
    return { self: 0, ended: 0 };
  }
}

function residentBytesOf(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
