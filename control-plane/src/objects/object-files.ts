/** Object keys as files below one folder: what both reading and writing need to know, and the system's errors in words. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isObjectKey } from '@slowlight/protocol';
import { Failure, systemCode } from '@slowlight/protocol/kit';

/** A stream comes in small pieces; so much is gathered for one write. Each write is a trip to another thread and back. */
const WRITE_BYTES = 512 * 1024;

const CONTENT_TYPES: Record<string, string> = {
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.png': 'image/png',
  '.mp4': 'video/mp4',
  '.json': 'application/json',
  '.txt': 'text/plain',
};

/** The media type that a key's ending stands for; null for endings that Slowlight does not make. */
export const contentTypeOfKey = (key: string): string | null => CONTENT_TYPES[path.posix.extname(key)] ?? null;

/** @throws Failure `object.bad-key` for a key that Slowlight could not have made: it never becomes a path */
export function assertObjectKey(key: string): void {
  if (!isObjectKey(key))
    throw new Failure({
      code: 'object.bad-key',
      message: 'a name was asked for that is not one of Slowlight’s object keys',
      hint: 'This is a fault in Slowlight itself, or somebody tries what is not allowed.',
      retry: 'never',
    });
}

/** @throws Failure `object.bad-key`; `object.bad-type` when a key's ending does not stand for the content type */
export function assertContentType(key: string, contentType: string): void {
  assertObjectKey(key);
  if (contentTypeOfKey(key) !== contentType)
    throw new Failure({
      code: 'object.bad-type',
      message: `the ending of ${key} does not stand for ${contentType}`,
      hint: 'This is a fault in Slowlight itself: please report it.',
      retry: 'never',
    });
}

/** SHA-256 of a file, lower-case hex. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** Copies a stream into an open file and says what came; stops as soon as there is more than `mostBytes`. */
export async function fillFile(
  file: FileHandle,
  body: AsyncIterable<Uint8Array>,
  mostBytes: number,
): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) break;
    hash.update(chunk);
    gathered.push(chunk);
    gatheredBytes += chunk.length;
    if (gatheredBytes < WRITE_BYTES) continue;
    await writeAll(file, gathered);
    gathered = [];
    gatheredBytes = 0;
  }
  await writeAll(file, gathered);
  return { sizeBytes, sha256: hash.digest('hex') };
}

async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let rest = pieces;
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest);
    if (bytesWritten === rest.reduce((sum, piece) => sum + piece.length, 0)) return;
    rest = [Buffer.concat(rest).subarray(bytesWritten)];
  }
}

/** Keys below a prefix, in ascending order; a folder at a time, so that a large store costs no memory. */
export async function* listKeys(root: string, prefix: string): AsyncIterable<string> {
  if (!/^([a-z0-9-]+\/)*[a-z0-9-]*(\.[a-z0-9]*)?$/.test(prefix)) return;
  yield* walk(root, prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix);
}

async function* walk(root: string, folder: string, prefix: string): AsyncIterable<string> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch((cause: unknown) => {
    if (systemCode(cause) === 'ENOENT') return [];
    throw storeUnreachable(cause);
  });
  // A folder sorts as its keys do: with the slash that follows its name.
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  for (const name of names) {
    const key = folder + name;
    if (name.endsWith('/')) {
      if (key.startsWith(prefix) || prefix.startsWith(key)) yield* walk(root, key, prefix);
    } else if (key.startsWith(prefix) && isObjectKey(key)) yield key;
  }
}

export const objectNotFound = (key: string, cause?: unknown): Failure =>
  new Failure({
    code: 'object.not-found',
    message: `${key} is not in the object store`,
    hint: 'It was never uploaded, or somebody removed it from the store.',
    retry: 'never',
    cause,
  });

/** The system's errors of the directory store, translated once. */
export function storeUnreachable(cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Failure({
      code: 'object.store-full',
      message: 'the disk of the object store is full',
      hint: 'Make room on the disk of the control plane: frames wait at their agents until then.',
      retry: 'later',
      cause,
    });
  return new Failure({
    code: 'object.store-unreachable',
    message: `the folder of the object store cannot be used (${code ?? 'unknown error'})`,
    hint: 'Look whether the disk is mounted and whether the control plane may read and write the folder.',
    retry: 'soon',
    cause,
  });
}
