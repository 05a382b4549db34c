/** A folder of files that are never changed in place, made equal to another one. */
import { constants } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory, systemCode, TEMPORARY_SUFFIX } from '@slowlight/protocol/kit';

export interface Copied {
  files: number;
  bytes: number;
  /** Of these, the ones that had to be copied. */
  copied: number;
}

/**
 * Copies what is not there yet or is another file (by size and time), and removes what is no longer in the source. Names that
 * begin with a dot are left out: they are half-written. A file that goes meanwhile is left out too.
 */
export async function copyTree(from: string, to: string): Promise<Copied> {
  const total: Copied = { files: 0, bytes: 0, copied: 0 };
  await mkdir(to, { recursive: true, mode: 0o700 });
  const wanted = new Set<string>();
  for (const entry of await entriesOf(from)) {
    if (entry.name.startsWith('.')) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) {
      wanted.add(entry.name);
      const inside = await copyTree(source, target);
      total.files += inside.files;
      total.bytes += inside.bytes;
      total.copied += inside.copied;
    } else if (entry.isFile()) {
      const one = await copyOne(source, target);
      if (one === null) continue;
      wanted.add(entry.name);
      total.files += 1;
      total.bytes += one.bytes;
      total.copied += one.copied ? 1 : 0;
    }
  }
  for (const entry of await entriesOf(to))
    if (!wanted.has(entry.name)) await rm(path.join(to, entry.name), { recursive: true, force: true });
  await syncDirectory(to);
  return total;
}

/** null: it is gone. */
async function copyOne(source: string, target: string): Promise<{ bytes: number; copied: boolean } | null> {
  const found = await statOf(source);
  if (found === null) return null;
  const there = await statOf(target);
  if (there !== null && there.size === found.size && Math.abs(there.mtimeMs - found.mtimeMs) < 2)
    return { bytes: found.size, copied: false };
  const temporary = `${target}${TEMPORARY_SUFFIX}`;
  try {
    // A file system that can lets both share their blocks.
    await copyFile(source, temporary, constants.COPYFILE_FICLONE);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT' && (await statOf(source)) === null) return null;
    throw cause;
  }
  await utimes(temporary, found.atime, found.mtime);
  const file = await open(temporary, 'r+');
  await file.sync().finally(() => file.close());
  await rename(temporary, target);
  return { bytes: found.size, copied: true };
}

async function statOf(file: string) {
  return stat(file).catch((cause: unknown) => {
    if (systemCode(cause) === 'ENOENT') return null;
    throw cause;
  });
}

async function entriesOf(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    if (systemCode(cause) === 'ENOENT') return [];
    throw cause;
  });
}
