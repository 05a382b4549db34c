/** Start-up order: files that no row claims and half-written ones go; rows whose picture is gone are reported. */
import { readdir, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { FrameId } from '@slowlight/protocol';
import { syncDirectory } from '@slowlight/protocol/kit';

export interface SweepFindings {
  /** Files that belonged to no frame, now removed. */
  orphans: number;
  /** Frames that were still to be uploaded and have no picture any more. */
  pictureless: FrameId[];
}

/**
 * Only while nobody writes into the folder.
 * @param claimed the files that rows claim, with their frames; a row that is `waiting` needs its file
 */
export async function sweepFrames(
  folder: string,
  claimed: Iterable<{ frameId: FrameId; file: string; state: string }>,
): Promise<SweepFindings> {
  const present = new Map<string, string[]>();
  for (const entry of await readdir(folder, { withFileTypes: true }))
    present.set(entry.name, entry.isDirectory() ? await readdir(path.join(folder, entry.name)) : []);
  const unclaimed = new Set<string>();
  for (const [part, files] of present) for (const file of files) unclaimed.add(`${part}/${file}`);
  const pictureless: FrameId[] = [];
  for (const row of claimed) {
    const found = unclaimed.delete(row.file);
    if (!found && row.state === 'waiting') pictureless.push(row.frameId);
  }
  for (const file of unclaimed) await unlink(path.join(folder, file));
  for (const part of new Set([...unclaimed].map((file) => path.dirname(file))))
    await syncDirectory(path.join(folder, part));
  for (const [part, files] of present)
    if (files.every((file) => unclaimed.has(`${part}/${file}`))) await rmdir(path.join(folder, part)).catch(() => {});
  return { orphans: unclaimed.size, pictureless };
}
