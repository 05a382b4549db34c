/** Gets the photographs of the picture set from where Debian keeps them; they are never stored in the repository. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { PHOTOGRAPH_PACKAGES, photographs } from '../rig/pictures/photographs.ts';

const run = promisify(execFile);
const LIMIT_MS = 180_000;

/**
 * Those that are installed or lie in the folder `SLOWLIGHT_PHOTOGRAPHS` are enough; else their packages are downloaded with
 * apt and unpacked, not installed, below the folder for temporary files, once.
 * @returns why there are none, where there are none; otherwise they can be had from `photographs`
 */
export async function fetchPhotographs(): Promise<string | null> {
  if (found() > 0) return null;
  if (process.env.SLOWLIGHT_PHOTOGRAPHS !== undefined) return 'the folder SLOWLIGHT_PHOTOGRAPHS holds none of them';
  const folder = path.join(tmpdir(), 'slowlight-photographs');
  await mkdir(folder, { recursive: true });
  process.env.SLOWLIGHT_PHOTOGRAPHS = folder;
  let why = 'the packages hold none of them';
  const there = await readdir(folder);
  for (const name of PHOTOGRAPH_PACKAGES.filter((each) => !there.includes(each)))
    try {
      await unpacked(name, folder);
    } catch (complaint) {
      why = `${name}: ${complaint instanceof Error ? (complaint.message.split('\n')[0] ?? '') : String(complaint)}`;
    }
  return found() > 0 ? null : why;
}

const found = () => photographs('designed').length + photographs('heldOut').length;

async function unpacked(name: string, folder: string): Promise<void> {
  const limit = { timeout: LIMIT_MS, cwd: folder };
  await run('apt-get', ['download', '-q', name], limit);
  const file = (await readdir(folder)).find((each) => each.startsWith(`${name}_`) && each.endsWith('.deb'));
  if (file === undefined) throw new Error('apt-get downloaded nothing');
  // Whole or not at all: what is half unpacked would never be asked for again.
  const half = path.join(folder, `${name}.part`);
  await rm(half, { recursive: true, force: true });
  await run('dpkg-deb', ['--extract', file, half], limit);
  await rename(half, path.join(folder, name));
  await rm(path.join(folder, file));
}
