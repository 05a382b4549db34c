/**
 * The embedded data as a folder that can be restored.
 *
 * Promise: a finished backup holds the records as they were at one moment, and every picture that they say is in the store,
 * but for those that somebody removed while it was made; the control plane goes on meanwhile.
 * Invariants: the records are copied before the objects, because an object is in the store before its row says so; the
 * manifest is removed first and written last, so that a backup that was broken off is known as none.
 * When it fails: run again into the same folder, it copies only what is missing.
 */
import { chmod, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type Clock,
  Failure,
  removeDurably,
  syncDirectory,
  systemCode,
  TEMPORARY_SUFFIX,
} from '@slowlight/protocol/kit';
import { type Copied, copyTree } from './copy-tree.ts';
import { manifestFile, OBJECTS_FOLDER, RECORDS_FILE, writeManifest } from './manifest.ts';
import { sha256Of } from './sha256-of.ts';

/** Where the embedded data lies. */
export interface EmbeddedData {
  recordsFile: string;
  /** null: the objects lie in another store. */
  objectsFolder: string | null;
  /** Keys of the control plane, each kept under its own name; one that was never made may be missing. */
  keyFiles: readonly string[];
}

export interface CopyOfRecords {
  /** @throws Failure `backup.damaged` */
  check(): void;
  storedFrames(): Iterable<{ key: string; sizeBytes: number }>;
  close(): void;
}

export interface BackupDeps {
  clock: Clock;
  version: string;
  copyRecords(from: string, to: string): Promise<void>;
  readCopy(file: string): CopyOfRecords;
}

export interface BackupReport {
  frames: number;
  objects: Copied | null;
}

/** @throws Failure `backup.*` | `records.*` */
export async function backUp(deps: BackupDeps, data: EmbeddedData, folder: string): Promise<BackupReport> {
  refuseInside(folder, data);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeDurably(manifestFile(folder));
    const records = path.join(folder, RECORDS_FILE);
    const temporary = `${records}${TEMPORARY_SUFFIX}`;
    await rm(temporary, { force: true });
    const at = deps.clock.now();
    await deps.copyRecords(data.recordsFile, temporary);
    await chmod(temporary, 0o600);
    await rename(temporary, records);
    const objects =
      data.objectsFolder === null ? null : await copyTree(data.objectsFolder, path.join(folder, OBJECTS_FOLDER));
    for (const key of data.keyFiles) await copySecret(key, path.join(folder, path.basename(key)));
    await syncDirectory(folder);

    const copy = deps.readCopy(records);
    let frames = 0;
    try {
      copy.check();
      for (const _ of copy.storedFrames()) frames += 1;
    } finally {
      copy.close();
    }
    await writeManifest(folder, {
      format: 'slowlight-backup-1',
      at,
      version: deps.version,
      recordsSha256: await sha256Of(records),
      frames,
      objects: objects === null ? null : { files: objects.files, bytes: objects.bytes },
    });
    return { frames, objects };
  } catch (cause) {
    throw notWritten(cause, folder);
  }
}

async function copySecret(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((cause: unknown) => {
    if (systemCode(cause) !== 'ENOENT') throw cause;
  });
  await chmod(to, 0o600).catch(() => {});
}

/** A backup inside of what it copies would copy itself. */
function refuseInside(folder: string, { objectsFolder }: EmbeddedData): void {
  const within = (inner: string, outer: string) =>
    `${path.resolve(inner)}${path.sep}`.startsWith(`${path.resolve(outer)}${path.sep}`);
  if (objectsFolder === null || !within(folder, objectsFolder)) return;
  throw new Failure({
    code: 'backup.inside',
    message: 'The backup would lie inside the object store that it copies.',
    hint: 'Name a folder elsewhere, best on another disk.',
    retry: 'never',
  });
}

function notWritten(cause: unknown, folder: string): Failure {
  if (cause instanceof Failure) return cause;
  const code = systemCode(cause) ?? 'unknown error';
  return new Failure({
    code: 'backup.not-written',
    message: `The backup cannot be written to ${folder} (${code}).`,
    hint:
      code === 'ENOSPC'
        ? 'Make room on its disk and run it again: it goes on where it was.'
        : 'Give this user the right to write there and to read the data folder, then run it again.',
    retry: 'later',
    cause,
  });
}
