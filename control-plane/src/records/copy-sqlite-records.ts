/** The file of the records as a whole: copied while a control plane works with it, and looked at before it is trusted. */
import { access, open } from 'node:fs/promises';
import { type FrameId, frameKey, type PictureType } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import Sqlite from 'better-sqlite3';
import { sqliteFailure } from './sqlite-failures.ts';
import { lockSqliteFile } from './sqlite-file.ts';

/**
 * Writes what is committed now into a new file, in one reading transaction: whoever records meanwhile is not held up, and
 * the copy holds nothing of it. (The online backup of SQLite begins anew whenever another process writes, and a control
 * plane writes all the time.)
 * @throws Failure `backup.no-records` | `records.*`
 */
export async function copySqliteRecords(from: string, to: string): Promise<void> {
  await access(from).catch((cause: unknown) => {
    throw new Failure({
      code: 'backup.no-records',
      message: `There are no records at ${from}.`,
      hint: 'Name the data folder in SLOWLIGHT_DATA_DIR, or start in the folder where slowlight.env is.',
      retry: 'never',
      cause,
    });
  });
  try {
    const sqlite = new Sqlite(from, { readonly: true, timeout: 10_000 });
    try {
      sqlite.prepare('vacuum into ?').run(to);
    } finally {
      sqlite.close();
    }
    // The copy is synced by nobody else.
    const file = await open(to, 'r+');
    await file.sync().finally(() => file.close());
  } catch (thrown) {
    throw sqliteFailure(thrown, from);
  }
}

/**
 * Reads through a copy. @throws Failure `backup.damaged`
 * @returns the number of stored frames, and their keys with sizes, in portions
 */
export function readSqliteCopy(file: string): {
  check(): void;
  storedFrames(): Generator<{ key: string; sizeBytes: number }, void>;
  close(): void;
} {
  const sqlite = new Sqlite(file, { readonly: true });
  return {
    check() {
      const said = sqlite.pragma('integrity_check', { simple: true });
      if (said !== 'ok') throw damaged(file, String(said));
    },
    *storedFrames() {
      const frames = sqlite.prepare<[], { id: FrameId; type: PictureType; size_bytes: number }>(
        "select id, type, size_bytes from frames where picture = 'stored'",
      );
      for (const { id, type, size_bytes } of frames.iterate()) yield { key: frameKey(id, type), sizeBytes: size_bytes };
    },
    close: () => void sqlite.close(),
  };
}

/** Holds the lock of the records, so that no control plane starts meanwhile. @throws Failure `records.in-use` */
export const holdSqliteRecords = (file: string, name: string): (() => void) => lockSqliteFile(`${file}.lock`, name);

const damaged = (file: string, detail: string) =>
  new Failure({
    code: 'backup.damaged',
    message: `The records in ${file} are damaged: ${detail.slice(0, 200)}`,
    hint: 'Take another backup. This one may still hold pictures in its folder objects.',
    retry: 'never',
  });
