import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Opens the folder for half-made films; what an earlier run of this process left in it goes. */
export async function openWorkFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const left of await readdir(folder)) if (left.endsWith('.mp4')) await rm(path.join(folder, left));
  return folder;
}
