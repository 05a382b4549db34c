import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { addresses, startAgent, startControlPlane } from '@slowlight/deploy/local/product.ts';
import type { LogLine, Program } from '@slowlight/deploy/local/program.ts';
import { onTestFinished } from 'vitest';
import { type Api, type CameraView, logIn, type PageOf, type TimelapseView } from '../demo/api.ts';
import { openFolder } from './folder.ts';
import { until } from './until.ts';

export const PASSWORD = 'a-password-of-the-rig';

/** Both programs as processes on one folder and fixed ports, so that each can be killed and started again. */
export interface RigProduct {
  dataDir: string;
  address: string;
  brokerUrl: string;
  lines: (LogLine & { program: string })[];
  startControlPlane(): Promise<Program>;
  /** A process that only works, with the settings of the control plane and a folder of its own. */
  startWorker(number: number, settings: Record<string, string>): Promise<Program>;
  startAgent(): Program;
  logIn(): Promise<Api>;
}

export interface RigProductOptions {
  /** `SLOWLIGHT_*` for the control plane. */
  settings?: Record<string, string>;
  /** `SLOWLIGHT_AGENT_*`. */
  agentSettings?: Record<string, string>;
}

/** Nothing is started yet; whatever is started is killed with the test, and its last words are kept when it fails. */
export async function openProduct({ settings = {}, agentSettings = {} }: RigProductOptions = {}): Promise<RigProduct> {
  const dataDir = await openFolder();
  const [httpPort, brokerPort] = [await freePort(), await freePort()];
  const address = `http://127.0.0.1:${httpPort}`;
  const brokerUrl = settings.SLOWLIGHT_BROKER_URL ?? `mqtt://127.0.0.1:${brokerPort}`;
  const running = new Set<Program>();
  const lines: (LogLine & { program: string })[] = [];
  const onLine = (line: LogLine & { program: string }) => {
    lines.push(line);
    if (lines.length > 5000) lines.splice(0, 1000);
  };
  onTestFinished(async (context) => {
    for (const program of running) program.kill('SIGKILL');
    await Promise.all([...running].map((program) => program.exited));
    if (context.task.result?.state === 'fail') keepLog(context.task.name, lines);
  });
  const watched = (program: Program): Program => {
    running.add(program);
    void program.exited.then(() => running.delete(program));
    return program;
  };
  const environment = {
    SLOWLIGHT_MIN_INTERVAL_MS: '1000',
    SLOWLIGHT_ADMIN_PASSWORD: PASSWORD,
    SLOWLIGHT_WEATHER: 'off',
    SLOWLIGHT_HTTP_PORT: String(httpPort),
    SLOWLIGHT_BROKER_PORT: String(brokerPort),
    ...settings,
  };
  return {
    dataDir,
    address,
    brokerUrl,
    lines,
    async startControlPlane() {
      const program = watched(startControlPlane({ dataDir, environment, onLine }));
      await addresses(program);
      return program;
    },
    async startWorker(number, more) {
      const folder = path.join(dataDir, `worker-${number}`);
      const own = { SLOWLIGHT_ROLES: 'worker', SLOWLIGHT_DATA_DIR: folder, ...more };
      const told = (line: LogLine & { program: string }) => onLine({ ...line, program: `worker ${number}` });
      const program = watched(startControlPlane({ dataDir, environment: { ...environment, ...own }, onLine: told }));
      await program.ready;
      return program;
    },
    startAgent: () => watched(startAgent({ dataDir, agentEnvironment: agentSettings, onLine, brokerUrl })),
    logIn: () => logIn(address, 'admin', PASSWORD),
  };
}

/** Test cameras, each with a timelapse of one picture a second. */
export async function startTimelapses(api: Api, count: number, everyMs = 1000): Promise<TimelapseView[]> {
  const agent = await until('the agent shows itself', async () => {
    const agents = await api.get<PageOf<{ id: string; canSeal: boolean }>>('/api/agents');
    return agents.items.find(({ canSeal }) => canSeal);
  });
  const timelapses: TimelapseView[] = [];
  for (let number = 1; number <= count; number += 1) {
    const source = { kind: 'test', widthPx: 320, heightPx: 180 };
    const camera = await api.send<CameraView>('POST', '/api/cameras', {
      agentId: agent.id,
      name: `Test ${number}`,
      source,
    });
    const schedule = { rhythm: { kind: 'interval', everyMs }, timeZone: 'UTC' };
    timelapses.push(
      await api.send('POST', '/api/timelapses', { cameraId: camera.id, name: `Test ${number}`, schedule }),
    );
  }
  return timelapses;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

function keepLog(test: string, lines: readonly LogLine[]): void {
  const folder = path.resolve(import.meta.dirname, '../../data/failed-tests');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${test.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}.log`);
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  console.error(`what the programs said: ${path.relative(process.cwd(), file)}`);
}
