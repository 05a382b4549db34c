/** What every object store must do, whichever it is. */
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectStore } from '@slowlight/control-plane/src/frame.ts';
import { frameIdOf, frameKey, newAgentId } from '@slowlight/protocol';
import { describe, expect, type TestContext, test } from 'vitest';
import { openFolder } from '../rig/folder.ts';
import { put } from '../rig/put.ts';
import { until } from '../rig/until.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const newKey = () => frameKey(frameIdOf(newAgentId(), 1 + Math.floor(Math.random() * 5000)), 'image/jpeg');
const JPEG = 'image/jpeg';

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

async function announced(store: ObjectStore, bytes: Uint8Array, key = newKey()) {
  const terms = { key, sizeBytes: bytes.length, sha256: sha256(bytes), contentType: JPEG };
  const grant = await store.grant({ ...terms, expiresAt: Date.now() + 600_000 });
  return { key, grant, check: () => store.check(key, terms), bytes };
}

/** @param open gives the store; it may skip the test where the engine is missing */
export function objectStoreContract(name: string, open: (context: TestContext) => Promise<ObjectStore>): void {
  describe(`${name} keeps the object store's promises`, () => {
    test('a granted upload is stored as it was announced', async (context) => {
      const store = await open(context);
      const frame = await announced(store, randomBytes(350_000));
      expect(frame.grant.method).toBe('PUT');
      expect(await frame.check()).toEqual({ kind: 'absent' });
      const answer = await put(frame.grant.url, frame.grant.headers, frame.bytes);
      expect(answer.status, answer.text).toBeGreaterThanOrEqual(200);
      expect(answer.status, answer.text).toBeLessThan(300);
      expect(await frame.check()).toEqual({ kind: 'same' });
      expect(await bytesOf(await store.read(frame.key))).toEqual(frame.bytes);
      expect(await store.stat(frame.key)).toMatchObject({ sizeBytes: 350_000, contentType: JPEG });
    });

    test('the bytes of a picture that differ from the announcement are refused', async (context) => {
      const store = await open(context);
      const frame = await announced(store, randomBytes(20_000));
      const answer = await put(frame.grant.url, frame.grant.headers, randomBytes(20_000));
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await frame.check()).toEqual({ kind: 'absent' });
      expect((await put(frame.grant.url, frame.grant.headers, frame.bytes)).status).toBeLessThan(300);
    });

    test.for([
      ['shorter', 19_999],
      ['longer', 20_001],
    ] as const)('an upload that is %s than announced is refused', async ([, sizeBytes], context) => {
      const store = await open(context);
      const frame = await announced(store, randomBytes(20_000));
      const headers = { ...frame.grant.headers, 'content-length': String(sizeBytes) };
      expect((await put(frame.grant.url, headers, randomBytes(sizeBytes))).status).toBeGreaterThanOrEqual(400);
      expect(await frame.check()).toEqual({ kind: 'absent' });
    });

    test('an upload of another type than announced is refused', async (context) => {
      const store = await open(context);
      const frame = await announced(store, randomBytes(1000));
      const headers = { ...frame.grant.headers, 'content-type': 'text/html' };
      expect((await put(frame.grant.url, headers, frame.bytes)).status).toBeGreaterThanOrEqual(400);
      expect(await frame.check()).toEqual({ kind: 'absent' });
    });

    test('a grant is good for its own key only', async (context) => {
      const store = await open(context);
      const frame = await announced(store, randomBytes(1000));
      const other = newKey();
      const answer = await put(frame.grant.url.replace(frame.key, other), frame.grant.headers, frame.bytes);
      expect(answer.status).toBe(403);
      expect(await store.stat(other)).toBeNull();
    });

    test('a grant that has expired is refused', async (context) => {
      const store = await open(context);
      const frame = await announced(store, randomBytes(1000));
      const expired = await store.grant({
        key: frame.key,
        sizeBytes: 1000,
        sha256: sha256(frame.bytes),
        contentType: JPEG,
        expiresAt: Date.now() + 1000,
      });
      await until('the grant has expired', () => Date.now() > expired.expiresAt + 100);
      expect((await put(expired.url, expired.headers, frame.bytes)).status).toBe(403);
      expect(await frame.check()).toEqual({ kind: 'absent' });
    });

    test('the same picture uploaded twice is there once, and other bytes never replace it', async (context) => {
      const store = await open(context);
      const frame = await announced(store, randomBytes(5000));
      await put(frame.grant.url, frame.grant.headers, frame.bytes);
      expect([200, 201, 412]).toContain((await put(frame.grant.url, frame.grant.headers, frame.bytes)).status);
      const impostor = await announced(store, randomBytes(5000), frame.key);
      expect((await put(impostor.grant.url, impostor.grant.headers, impostor.bytes)).status).toBe(412);
      expect(await frame.check()).toEqual({ kind: 'same' });
      expect(await impostor.check()).toMatchObject({ kind: 'differs', what: 'checksum' });
    });

    test('two uploads of one picture at the same time leave it whole', async (context) => {
      const store = await open(context);
      const frame = await announced(store, randomBytes(300_000));
      const answers = await Promise.all([1, 2, 3].map(() => put(frame.grant.url, frame.grant.headers, frame.bytes)));
      expect(answers.some(({ status }) => status < 300)).toBe(true);
      expect(await frame.check()).toEqual({ kind: 'same' });
    });

    test('the check sees other bytes, another size and another type', async (context) => {
      const store = await open(context);
      const key = newKey();
      const bytes = randomBytes(1000);
      const right = { sizeBytes: 1000, sha256: sha256(bytes), contentType: JPEG };
      await store.write(key, bytes, JPEG);
      expect(await store.check(key, right)).toEqual({ kind: 'same' });
      expect(await store.check(key, { ...right, sizeBytes: 999 })).toMatchObject({ kind: 'differs', what: 'size' });
      expect(await store.check(key, { ...right, contentType: 'image/webp' })).toMatchObject({
        kind: 'differs',
        what: 'type',
      });
      expect(await store.check(key, { ...right, sha256: sha256(randomBytes(1000)) })).toMatchObject({
        kind: 'differs',
        what: 'checksum',
        found: right.sha256,
      });
    });

    test('a part of an object can be read', async (context) => {
      const store = await open(context);
      const key = newKey();
      await store.write(key, Buffer.from('0123456789'), JPEG);
      expect((await bytesOf(await store.read(key, { first: 2, last: 5 }))).toString()).toBe('2345');
      expect((await bytesOf(await store.read(key, { first: 9, last: 9 }))).toString()).toBe('9');
    });

    test('what is not there is said so', async (context) => {
      const store = await open(context);
      const key = newKey();
      expect(await store.stat(key)).toBeNull();
      await expect(store.read(key)).rejects.toMatchObject({ code: 'object.not-found' });
      await expect(store.remove(key)).resolves.toBeUndefined();
    });

    test('a write replaces the whole object, from memory and from a file', async (context) => {
      const store = await open(context);
      const key = newKey();
      const file = path.join(await openFolder(), 'film');
      await store.write(key, Buffer.from('a longer text than the next one'), JPEG);
      await writeFile(file, 'from a file');
      await store.write(key, { path: file }, JPEG);
      expect((await bytesOf(await store.read(key))).toString()).toBe('from a file');
      await store.remove(key);
      expect(await store.stat(key)).toBeNull();
    });

    test('keys are listed below a prefix in ascending order', async (context) => {
      const store = await open(context);
      const agent = newAgentId();
      const keys = [1, 2, 10, 999, 1000, 1001, 20_000].map((seq) => frameKey(frameIdOf(agent, seq), JPEG));
      for (const key of keys) await store.write(key, Buffer.from('x'), JPEG);
      const listed: string[] = [];
      for await (const key of store.list(`frames/${agent}/`)) listed.push(key);
      expect(listed).toEqual([...keys].sort());
      const some: string[] = [];
      for await (const key of store.list(`frames/${agent}/1/`)) some.push(key);
      expect(some).toEqual([keys[4], keys[5]]);
      const none: string[] = [];
      for await (const key of store.list('nowhere/')) none.push(key);
      expect(none).toEqual([]);
    });

    test.for([
      '../secrets.txt',
      'frames/../../x.jpg',
      '/etc/passwd',
      'frames//x.jpg',
      'frames/x.jpg/',
      'Frames/x.jpg',
      '.incoming/x.jpg',
      'x\0.jpg',
    ])('the name %j is no key and is never touched', async (key, context) => {
      const store = await open(context);
      const terms = { sizeBytes: 1, sha256: sha256(Buffer.from('x')), contentType: JPEG };
      await expect(store.grant({ key, ...terms, expiresAt: Date.now() + 1000 })).rejects.toMatchObject({
        code: 'object.bad-key',
      });
      await expect(store.check(key, terms)).rejects.toMatchObject({ code: 'object.bad-key' });
      await expect(store.read(key)).rejects.toMatchObject({ code: 'object.bad-key' });
      await expect(store.write(key, Buffer.from('x'), JPEG)).rejects.toMatchObject({ code: 'object.bad-key' });
      await expect(async () => store.remove(key)).rejects.toMatchObject({ code: 'object.bad-key' });
    });

    test('the store answers a ping', async (context) => {
      const store = await open(context);
      await expect(store.ping()).resolves.toBeUndefined();
    });
  });
}
