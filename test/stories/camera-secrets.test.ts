/**
 * Camera passwords full of reserved characters go their whole way, through both programs to a camera that refuses them, and
 * are found nowhere but there. `SLOWLIGHT_SECRETS=1000` takes as many as the bar asks for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { CameraView, PageOf } from '../demo/api.ts';
import { openProduct } from '../rig/open-product.ts';
import { openRefusingCamera } from '../rig/refusing-camera.ts';
import { seeded } from '../rig/seeded.ts';
import { until } from '../rig/until.ts';
import { openWireTap } from '../rig/wire-tap.ts';

const COUNT = Number(process.env.SLOWLIGHT_SECRETS ?? 24);
const CAMERAS = 8;
/** In each password three times, so that any part of one that gets out is known by it. */
const MARK = 'Zq7MarkOfSecret9';
const RESERVED = [...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ äß€🌹\u00a0'];

function newPassword(random: () => number): string {
  const some = () =>
    Array.from({ length: 1 + Math.floor(random() * 12) }, () => RESERVED[Math.floor(random() * RESERVED.length)]).join(
      '',
    );
  return `${some()}${MARK}${some()}${MARK}${some()}${MARK}${some()}`;
}

/** The mark as it is, and as base64 and hex would write it wherever it stands. */
function needles(): Buffer[] {
  const inBase64 = [0, 1, 2].map((offset) => {
    const text = Buffer.from(`${' '.repeat(offset)}${MARK}`).toString('base64');
    // Only what does not depend on what stands before and after.
    return text.slice(4, text.length - 4 - ((text.length - 4) % 4));
  });
  return [MARK, Buffer.from(MARK).toString('hex'), ...inBase64].flatMap((text) => [
    Buffer.from(text),
    Buffer.from(text, 'utf16le'),
  ]);
}

function findIn(where: string, bytes: Buffer, wanted: readonly Buffer[]): string[] {
  return wanted.filter((one) => bytes.includes(one)).map((one) => `${where}: ${one.toString('latin1')}`);
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** What any user of the machine may see of its programs, and what their owner may. */
function processes(): Buffer {
  const own = String(process.pid);
  return Buffer.concat(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && name !== own)
      .flatMap((pid) => ['cmdline', 'environ', 'comm'].map((file) => readOrNothing(`/proc/${pid}/${file}`))),
  );
}

function readOrNothing(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

test('the search finds a password wherever it stands and however it is written', () => {
  const wanted = needles();
  for (const before of ['', 'a', 'ab', 'abc'])
    for (const write of [
      (text: string) => text,
      encodeURIComponent,
      JSON.stringify,
      (text: string) => Buffer.from(text).toString('base64'),
      (text: string) => Buffer.from(text).toString('base64url'),
      (text: string) => Buffer.from(text).toString('hex'),
    ])
      expect(findIn('text', Buffer.from(write(`${before}${newPassword(seeded(1))}`)), wanted)).not.toEqual([]);
});

test('a camera’s password is found in nothing that either program writes, says, answers or shows', {
  timeout: 60_000 + COUNT * 1500,
}, async () => {
  const random = seeded(20_26);
  let brokerPort = 0;
  const tap = await openWireTap(() => brokerPort);
  const product = await openProduct({
    settings: { SLOWLIGHT_LOG_LEVEL: 'debug' },
    agentSettings: {
      SLOWLIGHT_AGENT_BROKER_URL: `mqtt://127.0.0.1:${tap.port}`,
      SLOWLIGHT_AGENT_LOG_LEVEL: 'debug',
      SLOWLIGHT_AGENT_TRUST_CLOCK: 'yes',
      SLOWLIGHT_AGENT_CAMERA_NETWORKS: '127.0.0.0/8',
    },
  });
  brokerPort = Number(new URL(product.brokerUrl).port);
  const cloud = await product.startControlPlane();
  const edge = product.startAgent();
  const api = await product.logIn();
  const agent = await until('the agent shows itself', async () =>
    (await api.get<PageOf<{ id: string; canSeal: boolean }>>('/api/agents')).items.find(({ canSeal }) => canSeal),
  );
  const refusing = { basic: await openRefusingCamera('basic'), digest: await openRefusingCamera('digest') };
  const wanted = needles();
  const found: string[] = [];
  const answers: string[] = [];
  const ask = async (method: string, address: string, body?: unknown): Promise<Record<string, unknown>> => {
    const reply = await api.fetch(address, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await reply.text();
    answers.push(text, JSON.stringify([...reply.headers]));
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };

  const cameras: string[] = [];
  for (let number = 0; number < CAMERAS; number += 1) {
    const kind = (['snapshot', 'rtsp', 'mjpeg', 'rtsp'] as const)[number % 4] ?? 'rtsp';
    const { port } = number < CAMERAS / 2 ? refusing.basic : refusing.digest;
    const url = `${kind === 'rtsp' ? 'rtsp' : 'http'}://127.0.0.1:${port}/${number}`;
    cameras.push(
      String((await ask('POST', '/api/cameras', { agentId: agent.id, name: `C ${number}`, source: { kind, url } })).id),
    );
  }

  let refused = 0;
  async function tryOne(camera: string): Promise<void> {
    const login = {
      username: `user ${RESERVED[Math.floor(random() * RESERVED.length)]}`,
      password: newPassword(random),
    };
    await ask('PATCH', `/api/cameras/${camera}`, login);
    const { id } = await ask('POST', `/api/cameras/${camera}/test`);
    await until(
      'the camera was tried',
      async () => {
        const view = (await (await api.fetch(`/api/commands/${String(id)}`)).json()) as {
          state: string;
          answer?: unknown;
        };
        if (view.state === 'done' || view.state === 'refused') answers.push(JSON.stringify(view));
        return view.state === 'done' || view.state === 'refused';
      },
      30_000,
    );
    refused += 1;
    found.push(...findIn('a process', processes(), wanted));
  }
  for (let tried = 0; tried < COUNT; tried += CAMERAS) await Promise.all(cameras.slice(0, COUNT - tried).map(tryOne));

  for (const address of ['/api/cameras', '/api/agents', '/api/faults', '/api/system', '/metrics', '/health/ready'])
    await api
      .fetch(address)
      .then(async (reply) => answers.push(await reply.text()))
      .catch(() => {});
  const { items } = await api.get<PageOf<CameraView>>('/api/cameras');
  expect(items.every((camera) => camera.hasPassword)).toBe(true);
  // It was really carried: Basic shows to the camera what was typed in.
  const carried = refusing.basic.proofs.filter((proof) =>
    Buffer.from(proof.replace(/^Basic /, ''), 'base64')
      .toString()
      .includes(MARK),
  );
  expect(carried.length).toBeGreaterThanOrEqual(COUNT / 3);
  expect(refusing.digest.proofs.length).toBeGreaterThanOrEqual(COUNT / 3);
  expect(refused).toBe(COUNT);

  // With both still running: what they hold on disk now, the write-ahead logs too. Then they die, and say their last.
  const look = () =>
    filesOf(product.dataDir).flatMap((file) => findIn(path.basename(file), readOrNothing(file), wanted));
  found.push(...look());
  edge.kill('SIGABRT');
  cloud.kill('SIGABRT');
  await Promise.all([edge.exited, cloud.exited]);
  found.push(...look());
  found.push(...findIn('the logs', Buffer.from(JSON.stringify(product.lines)), wanted));
  found.push(...findIn('the wire', Buffer.concat(tap.passed), wanted));
  found.push(...findIn('an answer', Buffer.from(answers.join('\n')), wanted));
  expect(tap.passed.length).toBeGreaterThan(10);
  expect(product.lines.length).toBeGreaterThan(10);
  expect(answers.length).toBeGreaterThan(COUNT * 4);
  expect(found).toEqual([]);
});
