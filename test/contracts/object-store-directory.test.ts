import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { frameIdOf, frameKey, newAgentId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { openDirectoryStore } from '../rig/directory-store.ts';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { put } from '../rig/put.ts';
import { until } from '../rig/until.ts';
import { objectStoreContract } from './object-store.ts';

objectStoreContract('the directory store', async () => (await openDirectoryStore()).store);

const JPEG = 'image/jpeg';
const bytes = randomBytes(200_000);
const key = frameKey(frameIdOf(newAgentId(), 7), JPEG);
const terms = {
  key,
  sizeBytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  contentType: JPEG,
};

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(path.join(folder, 'objects'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

test('a refused or broken upload leaves no file', async () => {
  const { store, folder } = await openDirectoryStore();
  const grant = await store.grant({ ...terms, expiresAt: Date.now() + 60_000 });
  await put(grant.url, grant.headers, randomBytes(bytes.length));
  const url = new URL(grant.url);
  const socket = connect(Number(url.port), url.hostname);
  socket.on('error', () => {});
  socket.write(
    `PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: x\r\ncontent-type: ${JPEG}\r\ncontent-length: ${bytes.length}\r\n\r\n`,
  );
  socket.write(bytes.subarray(0, 100_000));
  await until('the upload has begun', async () => (await filesOf(folder)).length === 1);
  socket.destroy();
  await until('the broken upload is gone', async () => (await filesOf(folder)).length === 0);
});

test('temp files of a crash are swept when the store is opened again, and grants stay good', async () => {
  const { store, folder } = await openDirectoryStore();
  const grant = await store.grant({ ...terms, expiresAt: Date.now() + 60_000 });
  await writeFile(path.join(folder, 'objects', '.incoming', 'left.part'), 'half');
  const again = await openDirectoryStore(undefined, folder);
  expect(await filesOf(folder)).toEqual([]);
  const url = new URL(grant.url);
  const answer = await put(`${again.url}${url.pathname}${url.search}`, grant.headers, bytes);
  expect(answer).toEqual({ status: 201, text: '' });
});

test('each refusal says why', async () => {
  const clock = createHandClock();
  const { store } = await openDirectoryStore(clock);
  const grant = await store.grant({ ...terms, expiresAt: clock.now() + 1000 });
  const send = (change: Record<string, string>, url = grant.url) => put(url, { ...grant.headers, ...change }, bytes);
  expect(await send({ 'content-type': 'image/png' })).toEqual({ status: 415, text: 'upload.type-mismatch' });
  expect(await send({}, grant.url.replace('size=200000', 'size=200001'))).toEqual({
    status: 403,
    text: 'upload.not-granted',
  });
  expect(await send({}, grant.url.replace(/expires=\d+/, 'expires=9999999999999'))).toEqual({
    status: 403,
    text: 'upload.not-granted',
  });
  expect(await send({}, grant.url.replace(/signature=.*/, ''))).toEqual({ status: 403, text: 'upload.not-granted' });
  expect(await put(grant.url, grant.headers, randomBytes(bytes.length))).toEqual({
    status: 422,
    text: 'upload.checksum-mismatch',
  });
  await clock.advance(1001);
  expect(await send({})).toEqual({ status: 403, text: 'upload.expired' });
});

test('the signing key is readable by its owner only and stays the same', async () => {
  const { folder } = await openDirectoryStore();
  const file = path.join(folder, 'object-signing.key');
  const before = await readFile(file);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await openDirectoryStore(undefined, folder);
  expect(await readFile(file)).toEqual(before);
});

test('a folder that cannot be used is a clear failure', async () => {
  const folder = await openFolder();
  await writeFile(path.join(folder, 'objects'), 'a file where the folder should be');
  await expect(openDirectoryStore(undefined, folder)).rejects.toMatchObject({ code: 'object.store-unreachable' });
  const other = await openDirectoryStore();
  await mkdir(path.join(other.folder, 'objects', 'frames'), { recursive: true });
  await expect(other.store.stat('frames/x/nothing.jpg')).resolves.toBeNull();
});

test('what came is proven once; what was written over since is not taken for it', async () => {
  const { store, folder } = await openDirectoryStore();
  const expected = { sizeBytes: terms.sizeBytes, sha256: terms.sha256, contentType: JPEG };
  const upload = async () => {
    const grant = await store.grant({ ...terms, expiresAt: Date.now() + 60_000 });
    expect((await put(grant.url, grant.headers, bytes)).status).toBe(201);
  };
  await upload();
  expect(await store.check(key, expected)).toEqual({ kind: 'same' });
  await store.remove(key);
  await upload();
  const file = path.join(folder, 'objects', ...key.split('/'));
  const { mtimeMs } = await stat(file);
  await until('the file was changed later', async () => {
    await writeFile(file, randomBytes(bytes.length));
    return (await stat(file)).mtimeMs !== mtimeMs;
  });
  expect(await store.check(key, expected)).toMatchObject({ kind: 'differs', what: 'checksum' });
  await store.remove(key);
  await upload();
  await store.write(key, randomBytes(bytes.length), JPEG);
  expect(await store.check(key, expected)).toMatchObject({ kind: 'differs', what: 'checksum' });
});

test('a folder that somebody removed is made again', async () => {
  const { store, folder } = await openDirectoryStore();
  await store.write(key, bytes, JPEG);
  await rm(path.join(folder, 'objects', 'frames'), { recursive: true });
  await store.write(key, bytes, JPEG).catch(() => {});
  await store.write(key, bytes, JPEG);
  expect(await store.stat(key)).toMatchObject({ sizeBytes: bytes.length });
});
