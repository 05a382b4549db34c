import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';

/** How the names of half-written files end: whoever sweeps a folder at start-up may remove them. */
export const TEMPORARY_SUFFIX = '.part';

/**
 * Writes a file so that after a power cut it is there whole or not at all: temp file beside the target → fsync → rename →
 * fsync of the directory. When it returns, the bytes are durable. Whatever stood at the target is replaced.
 * @throws the system's error (ENOSPC, EACCES, …); then no temp file stays, unless power went too
 */
export async function writeDurably(target: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  await replaceDurably(target, mode, async (file) => {
    await file.writeFile(bytes);
  });
}

/**
 * As `writeDurably`, for what comes in pieces: `fill` writes to the open temp file; if it throws, nothing changes.
 * @param temporaryFolder where the temp file lies, on the same file system; beside the target unless it is said
 */
export async function replaceDurably<Result>(
  target: string,
  mode: number,
  fill: (file: FileHandle) => Promise<Result>,
  temporaryFolder = path.dirname(target),
): Promise<Result> {
  const name = `${path.basename(target)}.${randomBytes(6).toString('hex')}${TEMPORARY_SUFFIX}`;
  const temporary = path.join(temporaryFolder, name);
  const file = await open(temporary, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, mode);
  try {
    let result: Result;
    try {
      result = await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
    await syncDirectory(path.dirname(target));
    return result;
  } catch (cause) {
    await unlink(temporary).catch(() => {});
    throw cause;
  }
}

/** Makes a folder and its parents durable. */
export async function makeFolderDurably(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let at = folder; at.length >= first.length; at = path.dirname(at)) await syncDirectory(path.dirname(at));
}

/** Removes a file and makes its absence durable. A file that is not there is fine. */
export async function removeDurably(target: string): Promise<void> {
  try {
    await unlink(target);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
    return;
  }
  await syncDirectory(path.dirname(target));
}

/** Syncs of a folder that are under way, and those that have been asked for and not begun. */
const underWay = new Map<string, Promise<void>>();
const askedFor = new Map<string, Promise<void>>();

/** Makes durable what was done in a folder before. Several who ask while a sync is under way share the next one. */
export function syncDirectory(folder: string): Promise<void> {
  const shared = askedFor.get(folder);
  if (shared !== undefined) return shared;
  const before = underWay.get(folder)?.catch(() => {}) ?? Promise.resolve();
  const mine = before
    .then(() => {
      askedFor.delete(folder);
      underWay.set(folder, mine);
      return syncNow(folder);
    })
    .finally(() => {
      if (underWay.get(folder) === mine) underWay.delete(folder);
    });
  askedFor.set(folder, mine);
  return mine;
}

async function syncNow(folder: string): Promise<void> {
  const directory = await open(folder, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
