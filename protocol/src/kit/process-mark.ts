/**
 * Folders of a process's own beside those of others, on a disk that several processes or machines may share.
 *
 * Promise: what a process that is gone has left behind is swept by whoever opens the folder next, and what belongs to one
 * that lives is never touched. Of another machine nobody can tell whether it lives: what it has not touched for a day goes.
 */
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

const FORGOTTEN_AFTER_MS = 86_400_000;
const MARK = /^(?<host>[a-z0-9.-]{1,60})_(?<pid>\d{1,10})_(?<started>\d{1,20})$/;

/** In clock ticks since the machine started (proc(5), field 22), so that a number that is used again is told apart; `0`: not known. */
function startedOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    try {
      process.kill(pid, 0);
      return '0';
    } catch {
      return null;
    }
  }
}

const ownHost = (): string =>
  hostname()
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '-')
    .slice(0, 60) || 'host';

/** The name of this process's own folder. */
export const processMark = (): string => `${ownHost()}_${process.pid}_${startedOf(process.pid) ?? '0'}`;

/**
 * Makes this process's own folder below `folder`, and removes there what no living process owns.
 * @param now wall time, ms
 * @throws Error of the system
 */
export async function openOwnFolder(folder: string, now: number): Promise<string> {
  const own = processMark();
  await mkdir(path.join(folder, own), { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) if (name !== own) await sweep(path.join(folder, name), name, now);
  return path.join(folder, own);
}

async function sweep(entry: string, name: string, now: number): Promise<void> {
  const { host, pid, started } = MARK.exec(name)?.groups ?? {};
  if (host === undefined || (host === ownHost() && startedOf(Number(pid)) !== started))
    return rm(entry, { recursive: true, force: true });
  if (host === ownHost()) return;
  // The folder stays: its owner may be idle and alive.
  for (const left of await readdir(entry).catch(() => [])) {
    const file = path.join(entry, left);
    const found = await stat(file).catch(() => null);
    if (found !== null && now - found.mtimeMs > FORGOTTEN_AFTER_MS) await rm(file, { recursive: true, force: true });
  }
}
