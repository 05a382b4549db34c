import { randomBytes } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory, systemCode } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';

/**
 * A new database beside old pictures means that somebody has moved a damaged one away: the pictures are put aside, never
 * swept.
 */
export async function keepUnknownFrames(frames: string, log: Log): Promise<void> {
  let parts: string[];
  try {
    parts = await readdir(frames);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return;
    throw cause;
  }
  if (parts.length === 0) return;
  const aside = `${frames}-left-behind-${randomBytes(4).toString('hex')}`;
  await rename(frames, aside);
  await syncDirectory(path.dirname(frames));
  log.warn({ folder: path.basename(aside) }, 'found pictures of an earlier buffer and put them aside');
}
