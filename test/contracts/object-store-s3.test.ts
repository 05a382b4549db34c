import { randomBytes } from 'node:crypto';
import { openS3ObjectStore } from '@slowlight/control-plane/src/objects/s3-object-store.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { afterAll, beforeAll, expect, onTestFinished, type TestContext, test } from 'vitest';
import { notRun } from '../rig/missing.ts';
import { put } from '../rig/put.ts';
import { S3_HOW, startS3 } from '../rig/s3.ts';
import { objectStoreContract } from './object-store.ts';

let server: Awaited<ReturnType<typeof startS3>> = null;
// The first time, it is fetched.
beforeAll(async () => {
  server = await startS3();
}, 600_000);
afterAll(() => server?.close());

async function openStore(context: TestContext, change: { bucket?: string; secretAccessKey?: string } = {}) {
  if (server === null) return notRun(context, 'a real S3 server', S3_HOW);
  const store = await openS3ObjectStore(
    { clock: systemClock },
    { ...server, region: 'us-east-1', pathStyle: true, ...change },
  );
  onTestFinished(() => store.close());
  return store;
}

objectStoreContract('the S3 store', (context) => openStore(context));

test('a granted upload without its checksum or its condition is refused', async (context) => {
  const store = await openStore(context);
  const bytes = randomBytes(1000);
  const key = 'frames/x/1/frm-x-1000.jpg';
  const sha256 = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
  const grant = await store.grant({
    key,
    sizeBytes: 1000,
    sha256,
    contentType: 'image/jpeg',
    expiresAt: Date.now() + 60_000,
  });
  for (const name of ['x-amz-checksum-sha256', 'x-amz-sdk-checksum-algorithm', 'if-none-match']) {
    const { [name]: left, ...headers } = grant.headers;
    expect(left, name).toBeDefined();
    expect((await put(grant.url, headers, bytes)).status, name).toBe(403);
  }
  expect(await store.stat(key)).toBeNull();
});

test('no grant lives longer than 15 minutes, whatever is asked for', async (context) => {
  const store = await openStore(context);
  const terms = { key: 'frames/x/1/frm-x-1001.jpg', sizeBytes: 1, sha256: 'a'.repeat(64), contentType: 'image/jpeg' };
  const now = Date.now();
  const grant = await store.grant({ ...terms, expiresAt: now + 86_400_000 });
  expect(new URL(grant.url).searchParams.get('X-Amz-Expires')).toBe('900');
  expect(grant.expiresAt).toBeLessThanOrEqual(now + 901_000);
});

test('a wrong bucket, a wrong key and a store that is away are told apart in words', async (context) => {
  const noBucket = await openStore(context, { bucket: 'no-such-bucket' });
  await expect(noBucket.ping()).rejects.toMatchObject({
    code: 'object.store-unreachable',
    message: expect.stringMatching(/no bucket named/),
  });
  const wrongKey = await openStore(context, { secretAccessKey: 'wrong' });
  await expect(wrongKey.ping()).rejects.toMatchObject({
    code: 'object.store-unreachable',
    message: expect.stringMatching(/refuses the access key/),
  });
  const away = await openS3ObjectStore(
    { clock: systemClock },
    {
      endpoint: 'http://127.0.0.1:1',
      region: 'x',
      bucket: 'b',
      accessKeyId: 'a',
      secretAccessKey: 's',
      pathStyle: true,
    },
  );
  await expect(away.ping()).rejects.toMatchObject({
    code: 'object.store-unreachable',
    message: expect.stringMatching(/does not answer/),
  });
  away.close();
});
