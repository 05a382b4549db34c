/**
 * Puts a backup in the place of the embedded data.
 *
 * Promise: afterwards the data is that of the backup, or what was there is still there.
 * Invariants: no control plane runs meanwhile (the lock of the records is held); the backup is looked at before anything is
 * touched; what was there is moved aside and never deleted; the records come last, so that a restore that was broken off
 * leaves a house without records, not one whose records lie.
 * When it fails: run it again; what was moved aside lies in `replaced-…` in the data folder.
 */
import { chmod, copyFile, mkdir, open, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, Failure, syncDirectory, systemCode, TEMPORARY_SUFFIX } from '@slowlight/protocol/kit';
import type { CopyOfRecords, EmbeddedData } from './backup.ts';
import { copyTree } from './copy-tree.ts';
import { type Manifest, OBJECTS_FOLDER, RECORDS_FILE, readManifest } from './manifest.ts';
import { sha256Of } from './sha256-of.ts';

export interface RestoreDeps {
  clock: Clock;
  readCopy(file: string): CopyOfRecords;
  /** @throws Failure `records.in-use` */
  holdRecords(file: string): () => void;
}

export interface RestoreReport {
  backup: Manifest;
  /** Pictures that the records name and the backup does not have, or not in their size. */
  missing: string[];
  /** Where what was there before lies now; null: there was nothing. */
  replaced: string | null;
}

/** The most missing pictures that are named. */
const MOST_NAMED = 20;

/**
 * @param options.replace what is there may be moved aside
 * @throws Failure `backup.*` | `records.in-use`
 */
export async function restore(
  deps: RestoreDeps,
  { folder, data, replace }: { folder: string; data: EmbeddedData; replace: boolean },
): Promise<RestoreReport> {
  const backup = await readManifest(folder);
  const records = path.join(folder, RECORDS_FILE);
  await mkdir(path.dirname(data.recordsFile), { recursive: true, mode: 0o700 });
  const giveBack = deps.holdRecords(data.recordsFile);
  try {
    if ((await sha256Of(records)) !== backup.recordsSha256) throw changed(folder);
    const copy = deps.readCopy(records);
    try {
      copy.check();
    } finally {
      copy.close();
    }
    if (!replace && (await exists(data.recordsFile))) throw wouldReplace(data.recordsFile);
    const replaced = await moveAside(data, deps.clock.now());
    if (data.objectsFolder !== null && backup.objects !== null)
      await copyTree(path.join(folder, OBJECTS_FOLDER), data.objectsFolder);
    for (const key of data.keyFiles) {
      const kept = path.join(folder, path.basename(key));
      if (await exists(kept)) await place(kept, key);
    }
    await place(records, data.recordsFile);
    return { backup, missing: await missingOf(deps.readCopy(records), data), replaced };
  } catch (cause) {
    throw notRestored(cause);
  } finally {
    giveBack();
  }
}

async function missingOf(copy: CopyOfRecords, { objectsFolder }: EmbeddedData): Promise<string[]> {
  const missing: string[] = [];
  try {
    for (const { key, sizeBytes } of objectsFolder === null ? [] : copy.storedFrames()) {
      const found = await stat(path.join(objectsFolder ?? '', ...key.split('/'))).catch(() => null);
      if (found?.size !== sizeBytes && missing.length < MOST_NAMED) missing.push(key);
    }
  } finally {
    copy.close();
  }
  return missing;
}

/** The log and the index beside the file belong to it: left there, they would be taken for those of the restored one. */
async function moveAside({ recordsFile, objectsFolder, keyFiles }: EmbeddedData, now: number) {
  const stamp = new Date(now).toISOString().replace(/[:.]/g, '-');
  const aside = path.join(path.dirname(recordsFile), `replaced-${stamp}`);
  let moved = false;
  const move = async (from: string) => {
    if (!(await exists(from))) return;
    await mkdir(aside, { recursive: true, mode: 0o700 });
    await rename(from, path.join(aside, path.basename(from)));
    moved = true;
  };
  // The file goes before its log, and comes back after everything else: at no moment is it there without what it names.
  for (const file of [recordsFile, `${recordsFile}-wal`, `${recordsFile}-shm`, ...keyFiles]) await move(file);
  if (objectsFolder !== null) await move(objectsFolder);
  await syncDirectory(path.dirname(recordsFile));
  return moved ? aside : null;
}

async function place(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  const temporary = `${to}${TEMPORARY_SUFFIX}`;
  await copyFile(from, temporary);
  await chmod(temporary, 0o600);
  const file = await open(temporary, 'r+');
  await file.sync().finally(() => file.close());
  await rename(temporary, to);
  await syncDirectory(path.dirname(to));
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    (cause: unknown) => {
      if (systemCode(cause) === 'ENOENT') return false;
      throw cause;
    },
  );

const changed = (folder: string) =>
  new Failure({
    code: 'backup.damaged',
    message: `The records in ${folder} are not those that the backup was finished with.`,
    hint: 'Somebody or a failing disk has changed them: take another backup.',
    retry: 'never',
  });
const wouldReplace = (file: string) =>
  new Failure({
    code: 'backup.would-replace',
    message: `There are records already (${file}).`,
    hint: 'Give --replace to move them aside, or name an empty data folder in SLOWLIGHT_DATA_DIR.',
    retry: 'never',
  });

function notRestored(cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  return new Failure({
    code: 'backup.not-restored',
    message: `The backup could not be put in place (${systemCode(cause) ?? 'unknown error'}).`,
    hint: 'Look whether there is room and whether this user may write to the data folder, then run it again with --replace.',
    retry: 'later',
    cause,
  });
}
