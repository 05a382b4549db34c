/** A real Node-RED without an editor, with the flow that the documentation gives, at the broker of a house. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openFolder } from './folder.ts';
import type { HouseBroker } from './house-broker.ts';
import { until } from './until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FLOW = path.join(ROOT, 'deploy/home-automation/node-red-flow.json');
const PROGRAM = path.join(ROOT, 'node_modules/node-red/red.js');

export interface NodeRed {
  start(): Promise<void>;
  kill(): Promise<void>;
  /** What the flow keeps. */
  get<Kept = Record<string, unknown>>(what: 'cameras' | 'answers' | 'devices'): Promise<Record<string, Kept>>;
  /** null: the flow has none. */
  picture(camera: string): Promise<Buffer | null>;
  press(camera: string, command: string, value?: string): Promise<void>;
}

/** Runs; it is killed with the test. */
export async function openNodeRed(broker: HouseBroker): Promise<NodeRed> {
  const folder = await openFolder();
  const port = await freePort();
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: port,
    flowFile: 'flows.json',
    credentialSecret: false,
    disableEditor: true,
    httpAdminRoot: false,
    mqttReconnectTime: 1000,
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: 'warn', metrics: false, audit: false } },
  };
  const nodes = JSON.parse(readFileSync(FLOW, 'utf8')) as Record<string, unknown>[];
  const own = nodes.map((node) =>
    node.type === 'mqtt-broker' ? { ...node, broker: '127.0.0.1', port: String(broker.port) } : node,
  );
  const login = { user: broker.username, password: broker.password };
  await writeFile(path.join(folder, 'settings.js'), `module.exports = ${JSON.stringify(settings)};`);
  await writeFile(path.join(folder, 'flows.json'), JSON.stringify(own));
  await writeFile(path.join(folder, 'flows_cred.json'), JSON.stringify({ 'slowlight-broker': login }), { mode: 0o600 });
  const at = `http://127.0.0.1:${port}/slowlight`;
  let kill = async () => {};
  let said = '';

  async function start(): Promise<void> {
    const child = spawn(process.execPath, [PROGRAM, '--userDir', folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: folder },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        said = (said + text.toString('utf8')).slice(-4000);
      });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    kill = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    const answers = async () => (await fetch(`${at}/devices`).catch(() => null))?.ok === true;
    try {
      await until('Node-RED runs the flow', answers, 45_000);
    } catch (cause) {
      throw new Error(`Node-RED does not run; it said: ${said}`, { cause });
    }
  }
  onTestFinished(() => kill());
  await start();
  return {
    start,
    kill: () => kill(),
    get: async <Kept>(what: string) => (await (await fetch(`${at}/${what}`)).json()) as Record<string, Kept>,
    async picture(camera) {
      const reply = await fetch(`${at}/cameras/${camera}/picture`);
      return reply.ok ? Buffer.from(await reply.arrayBuffer()) : null;
    },
    async press(camera, command, value) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ value }) };
      const reply = await fetch(`${at}/cameras/${camera}/${command}`, init);
      if (reply.status !== 202) throw new Error(`Node-RED answers ${reply.status}`);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
