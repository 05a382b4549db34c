/**
 * The object store of a larger house: any S3-compatible store.
 *
 * Promise: the same as the directory store's. A grant binds key, size, type and SHA-256 by *signed headers*, because no
 * server checks what is only in the query; proof of an upload is what the store itself says of the object, or, where it
 * keeps no SHA-256, what one reading of it gives.
 * When it fails: an unreachable store is a `Failure` to be tried again; nothing is kept in memory that is not in the store.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat as statFile } from 'node:fs/promises';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import type { Clock } from '@slowlight/protocol/kit';
import type { ObjectStore, StoredObject } from '../frame.ts';
import { compareObject } from './compare-object.ts';
import { assertContentType, assertObjectKey, sha256OfFile } from './object-files.ts';
import { hasStatus, s3Failure } from './s3-failure.ts';

export interface S3StoreOptions {
  /** Such as `https://s3.example.org`; nothing: Amazon's own for the region. */
  endpoint?: string | undefined;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** `https://host/bucket/key` rather than `https://bucket.host/key`: most stores other than Amazon's want it. */
  pathStyle: boolean;
}

const SIGNED_AS_HEADERS = ['x-amz-checksum-sha256', 'x-amz-sdk-checksum-algorithm', 'if-none-match'];
const SIGNED_HEADERS = ['host', 'content-type', 'content-length', 'if-none-match'];
/** A grant cannot be taken back: that of an agent which was revoked lives out its minutes. */
const LONGEST_GRANT_SECONDS = 15 * 60;
const PROBE_KEY = 'probe/conditional-write.txt';

const hexToBase64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
const base64ToHex = (base64: string) => Buffer.from(base64, 'base64').toString('hex');

/** Makes the client; asks the store nothing yet (see `ping`). The SDK is loaded here, so that it costs nobody else. */
export async function openS3ObjectStore(
  { clock }: { clock: Clock },
  options: S3StoreOptions,
): Promise<ObjectStore & { close(): void }> {
  const sdk = await import('@aws-sdk/client-s3');
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
  const { bucket } = options;
  const client: S3Client = new sdk.S3Client({
    region: options.region,
    forcePathStyle: options.pathStyle,
    credentials: { accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey },
    // Otherwise signed PUTs carry the checksum of an empty body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000 },
    ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
  });
  let conditional: Promise<boolean> | null = null;

  /** Whether the store knows `If-None-Match: *`: asked once; older ones answer 501. */
  function knowsConditionalWrites(): Promise<boolean> {
    conditional ??= probe().catch((cause: unknown) => {
      conditional = null;
      throw cause;
    });
    return conditional;
  }

  async function probe(): Promise<boolean> {
    const put = { Bucket: bucket, Key: PROBE_KEY, Body: 'slowlight', ContentType: 'text/plain' };
    try {
      await client.send(new sdk.PutObjectCommand({ ...put, IfNoneMatch: '*' }));
    } catch (cause) {
      if (hasStatus(cause, 412)) return true;
      if (hasStatus(cause, 501)) return false;
      throw s3Failure(cause, bucket);
    }
    // Stored: either it was not there yet, or the store takes no notice of the condition. Nothing is lost by sending it.
    return true;
  }

  async function translated<Result>(key: string | null, work: () => Promise<Result>): Promise<Result> {
    if (key !== null) assertObjectKey(key);
    try {
      return await work();
    } catch (cause) {
      throw s3Failure(cause, bucket, key);
    }
  }

  async function stat(key: string): Promise<StoredObject | null> {
    return translated(key, async () => {
      try {
        const head = await client.send(
          new sdk.HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }),
        );
        // A checksum of parts (`…-3`) is not that of the whole.
        const whole = head.ChecksumSHA256 !== undefined && !head.ChecksumSHA256.includes('-');
        return {
          sizeBytes: head.ContentLength ?? 0,
          contentType: head.ContentType ?? null,
          sha256: whole && head.ChecksumSHA256 !== undefined ? base64ToHex(head.ChecksumSHA256) : null,
          modifiedAt: head.LastModified?.getTime() ?? 0,
        };
      } catch (cause) {
        if (hasStatus(cause, 404)) return null;
        throw cause;
      }
    });
  }

  const read: ObjectStore['read'] = (key, range) =>
    translated(key, async () => {
      const found = await client.send(
        new sdk.GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(range && { Range: `bytes=${range.first}-${range.last}` }),
        }),
      );
      return found.Body as unknown as NodeJS.ReadableStream & AsyncIterable<Uint8Array>;
    });

  async function sha256Of(key: string): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of await read(key)) hash.update(chunk);
    return hash.digest('hex');
  }

  return {
    stat,
    read,
    async grant({ key, sizeBytes, sha256, contentType, expiresAt }) {
      assertContentType(key, contentType);
      return translated(key, async () => {
        const terms: PutObjectCommandInput = {
          Bucket: bucket,
          Key: key,
          ContentLength: sizeBytes,
          ContentType: contentType,
          ChecksumAlgorithm: 'SHA256',
          ChecksumSHA256: hexToBase64(sha256),
          ...((await knowsConditionalWrites()) && { IfNoneMatch: '*' }),
        };
        const now = clock.now();
        const seconds = Math.min(LONGEST_GRANT_SECONDS, Math.max(1, Math.floor((expiresAt - now) / 1000)));
        const url = await getSignedUrl(client, new sdk.PutObjectCommand(terms), {
          expiresIn: seconds,
          signingDate: new Date(now),
          unhoistableHeaders: new Set(SIGNED_AS_HEADERS),
          signableHeaders: new Set(SIGNED_HEADERS),
        });
        return {
          method: 'PUT',
          url,
          headers: {
            'content-type': contentType,
            'content-length': String(sizeBytes),
            'x-amz-checksum-sha256': hexToBase64(sha256),
            'x-amz-sdk-checksum-algorithm': 'SHA256',
            ...(terms.IfNoneMatch === '*' && { 'if-none-match': '*' }),
          },
          expiresAt: now + seconds * 1000,
        };
      });
    },
    check: (key, expected) =>
      translated(key, async () => compareObject(await stat(key), expected, () => sha256Of(key))),
    async write(key, body, contentType) {
      assertContentType(key, contentType);
      await translated(key, async () => {
        const content =
          body instanceof Uint8Array
            ? { Body: body, ContentLength: body.length, sha256: createHash('sha256').update(body).digest('hex') }
            : {
                Body: createReadStream(body.path),
                ContentLength: (await statFile(body.path)).size,
                sha256: await sha256OfFile(body.path),
              };
        await client.send(
          new sdk.PutObjectCommand({
            Bucket: bucket,
            Key: key,
            ContentType: contentType,
            Body: content.Body,
            ContentLength: content.ContentLength,
            ChecksumSHA256: hexToBase64(content.sha256),
          }),
        );
      });
    },
    remove: (key) =>
      translated(key, async () => {
        await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }));
      }),
    async *list(prefix) {
      let token: string | undefined;
      do {
        const page = await translated(null, () =>
          client.send(
            new sdk.ListObjectsV2Command({
              Bucket: bucket,
              Prefix: prefix,
              ...(token !== undefined && { ContinuationToken: token }),
            }),
          ),
        );
        for (const { Key } of page.Contents ?? []) if (Key !== undefined && Key !== PROBE_KEY) yield Key;
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
    ping: () =>
      translated(null, async () => {
        await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }));
      }),
    close: () => client.destroy(),
  };
}
