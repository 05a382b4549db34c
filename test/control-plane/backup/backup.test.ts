import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { runCommand } from '@slowlight/control-plane/src/run-command.ts';
import { type FrameId, frameKey } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { expect, onTestFinished, test } from 'vitest';
import { openDirectoryStore } from '../../rig/directory-store.ts';
import { frameOf } from '../../rig/edge.ts';
import { openFolder } from '../../rig/folder.ts';
import { createHandClock } from '../../rig/hand-clock.ts';
import { openRecordsScene } from '../../rig/records-scene.ts';

const MINUTE = 60_000;

/** A data folder as a control plane has it, with records that are open and being written to. */
async function openHouse(context: Parameters<typeof openRecordsScene>[1]) {
  const root = await openFolder();
  const data = path.join(root, 'data');
  await mkdir(data);
  const file = path.join(data, 'records.sqlite');
  const open = async (clock = createHandClock()) => {
    const records = await openSqliteRecords({ path: file, clock });
    onTestFinished(() => records.close());
    return records;
  };
  const scene = await openRecordsScene(
    async () => ({ open, shared: false, tables: async () => ({}), execute: async () => {} }),
    context,
  );
  const { store } = await openDirectoryStore(scene.clock, data);
  await mkdir(path.join(data, 'certificates'), { recursive: true });
  for (const key of KEYS) await writeFile(path.join(data, key), randomBytes(32));
  let taken = 0;
  async function take(): Promise<FrameId> {
    const bytes = randomBytes(500);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const { edge, records, timelapse, cameraId, now } = scene;
    const event = edge.captured(timelapse.id, cameraId, now + taken * MINUTE, { sizeBytes: bytes.length, sha256 });
    taken += 1;
    const frame = frameOf(event);
    await store.write(frameKey(frame, 'image/jpeg'), bytes, 'image/jpeg');
    await records.recordEvents([event, edge.uploaded(frame)]);
    await records.pictureStored(frame);
    return frame;
  }
  const said: string[] = [];
  const run = (command: string, ...given: string[]) => {
    said.length = 0;
    const environment = { SLOWLIGHT_DATA_DIR: data };
    return runCommand({ command, given }, { clock: systemClock, environment, write: (text) => void said.push(text) });
  };
  return { ...scene, root, data, file, open, store, take, run, said: () => said.join('') };
}

/** The last one is what agents trust: without it they would have to be enrolled anew. */
const KEYS = ['upload-signing.key', 'secrets.key', 'certificates/authority.pem'];
const frameCount = (said: string) => Number(/(\d+) frames recorded/.exec(said)?.[1]);

test('a backup that is taken while everything goes on holds every picture that it names, and restores the ledger', async (context) => {
  const house = await openHouse(context);
  const { records, timelapse, root, data, clock } = house;
  for (let index = 0; index < 40; index += 1) await house.take();
  const backup = path.join(root, 'backup');
  let going = true;
  const taking = (async () => {
    while (going) await house.take();
  })();
  expect(await house.run('backup', backup)).toBe(0);
  going = false;
  await taking;
  const frames = frameCount(house.said());
  expect(frames).toBeGreaterThanOrEqual(40);

  // Into the same folder again: only what is new is copied.
  await house.take();
  const before = await records.totals();
  expect(await house.run('backup', backup)).toBe(0);
  expect(frameCount(house.said())).toBe(before.frames);
  expect(Number(/(\d+) of them copied now/.exec(house.said())?.[1])).toBeLessThanOrEqual(before.frames - frames + 1);
  const coverage = await records.coverage(timelapse.id, 0, Number.MAX_SAFE_INTEGER);

  // While the control plane runs, and while there is something to lose, nothing is put in its place.
  await house.take();
  expect(await house.run('restore', backup, '--replace')).toBe(1);
  expect(house.said()).toContain('Another control plane is already working');
  await records.close();
  const keys = await Promise.all(KEYS.map((key) => readFile(path.join(data, key))));
  for (const key of KEYS) await writeFile(path.join(data, key), randomBytes(32));
  expect(await house.run('restore', backup)).toBe(1);
  expect(house.said()).toContain('--replace');
  expect(await house.run('restore', backup, '--replace')).toBe(0);
  expect(house.said()).not.toContain('not in it');
  const restored = await house.open(clock);
  expect(await restored.totals()).toEqual(before);
  expect(await restored.coverage(timelapse.id, 0, Number.MAX_SAFE_INTEGER)).toEqual(coverage);
  const { items } = await restored.frames({ order: 'oldest', limit: 500 });
  for (const frame of items)
    expect(await house.store.check(frameKey(frame.id, 'image/jpeg'), { ...frame, contentType: 'image/jpeg' })).toEqual({
      kind: 'same',
    });
  expect(await Promise.all(KEYS.map((key) => readFile(path.join(data, key))))).toEqual(keys);
  const [aside] = (await readdir(data)).filter((name) => name.startsWith('replaced-'));
  expect(await readdir(path.join(data, aside ?? ''))).toContain('records.sqlite');
});

test('a backup that was broken off, changed or damaged is not restored, and nothing is touched', async (context) => {
  const house = await openHouse(context);
  await house.take();
  const backup = path.join(house.root, 'backup');
  expect(await house.run('restore', backup)).toBe(1);
  expect(house.said()).toContain('no backup that is complete');
  expect(await house.run('backup', backup)).toBe(0);
  await house.records.close();
  const manifest = path.join(backup, 'backup.json');
  const whole = await readFile(manifest);
  await rm(manifest);
  expect(await house.run('restore', backup, '--replace')).toBe(1);
  await writeFile(manifest, whole);
  await truncate(path.join(backup, 'records.sqlite'), 8192);
  expect(await house.run('restore', backup, '--replace')).toBe(1);
  expect(house.said()).toContain('not those that the backup was finished with');
  expect((await readdir(house.data)).some((name) => name.startsWith('replaced-'))).toBe(false);
  await (await house.open()).close();
});

test('a backup says what it cannot do, and what is no command is answered with help', async (context) => {
  const house = await openHouse(context);
  expect(await house.run('backup', path.join(house.data, 'objects', 'here'))).toBe(1);
  expect(house.said()).toContain('inside the object store');
  expect(await house.run('backup', path.join(house.file, 'below-a-file'))).toBe(1);
  expect(house.said()).toContain('cannot be written');
  expect(await house.run('backup')).toBe(64);
  expect(await house.run('backup', 'folder', '--replace')).toBe(64);
  expect(await house.run('frobnicate')).toBe(64);
  expect(house.said()).toContain('slowlight restore FOLDER');
  expect(await house.run('help')).toBe(0);
  const main = path.resolve(import.meta.dirname, '../../../control-plane/src/main.ts');
  const child = spawn(process.execPath, [main, 'help'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  expect(text).toContain('slowlight backup FOLDER');
});
