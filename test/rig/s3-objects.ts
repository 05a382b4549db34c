import { createHash } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import type { S3Server } from './s3.ts';

export interface StoredPicture {
  key: string;
  sizeBytes: number;
  /** Of the bytes that the store gives out, not what it says of them. */
  sha256: string;
}

/** Looks into a bucket by another client than the product's; it goes with the test. */
export function openBucket({ endpoint, bucket, accessKeyId, secretAccessKey }: S3Server) {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  onTestFinished(() => client.destroy());

  async function keys(prefix: string): Promise<string[]> {
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token && { ContinuationToken: token }) }),
      );
      found.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return found;
  }

  async function read(key: string): Promise<Uint8Array> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (Body === undefined) throw new Error(`${key} has no bytes`);
    return Body.transformToByteArray();
  }

  return {
    keys,
    read,
    /** Everything below a prefix, read to its last byte, by key. */
    async pictures(prefix: string): Promise<StoredPicture[]> {
      const found: StoredPicture[] = [];
      for (const key of (await keys(prefix)).toSorted()) {
        const bytes = await read(key);
        found.push({ key, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
      }
      return found;
    },
  };
}
