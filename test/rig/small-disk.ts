import { execFile } from 'node:child_process';
import { appendFile, mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished, type TestContext } from 'vitest';
import { notRun } from './missing.ts';

const run = promisify(execFile);

export interface SmallDisk {
  /** Takes all room but so many bytes, as a neighbour's files would. */
  fillUpTo(freeBytes: number): Promise<void>;
  /** Gives the room back. */
  free(): Promise<void>;
}

/** A real file system of its own size at `folder`; goes with the test. Needs the right to mount. */
export async function openSmallDisk(context: TestContext, folder: string, sizeBytes: number): Promise<SmallDisk> {
  await mkdir(folder, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=0700`, 'slowlight-test', folder]);
  } catch {
    notRun(context, 'the right to mount a file system', 'run the tests as root');
  }
  onTestFinished(async () => {
    await run('umount', ['-l', folder]);
  });
  const filler = path.join(folder, 'filler');
  return {
    async fillUpTo(freeBytes) {
      const { bavail, bsize } = await statfs(folder);
      const fillerBytes = Math.max(0, bavail * bsize - freeBytes);
      // Somebody else may have taken the last bytes meanwhile: full is what was asked for.
      await appendFile(filler, Buffer.alloc(fillerBytes)).catch(() => {});
    },
    free: () => rm(filler, { force: true }),
  };
}
