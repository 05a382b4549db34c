/** What a backup says of itself. It is written last: a folder without it is no backup. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure, writeDurably } from '@slowlight/protocol/kit';
import { z } from 'zod';

export const RECORDS_FILE = 'records.sqlite';
export const OBJECTS_FOLDER = 'objects';
const MANIFEST_FILE = 'backup.json';

const manifest = z.object({
  format: z.literal('slowlight-backup-1'),
  /** When its records were copied, wall time in ms. */
  at: z.int(),
  version: z.string(),
  recordsSha256: z.string(),
  frames: z.int(),
  /** null: the objects lie in a store that has its own backup. */
  objects: z.object({ files: z.int(), bytes: z.int() }).nullable(),
});
export type Manifest = z.infer<typeof manifest>;

export async function writeManifest(folder: string, content: Manifest): Promise<void> {
  await writeDurably(path.join(folder, MANIFEST_FILE), Buffer.from(`${JSON.stringify(content, null, 2)}\n`));
}

export const manifestFile = (folder: string): string => path.join(folder, MANIFEST_FILE);

/** @throws Failure `backup.not-one` */
export async function readManifest(folder: string): Promise<Manifest> {
  try {
    return manifest.parse(JSON.parse(await readFile(manifestFile(folder), 'utf8')));
  } catch (cause) {
    throw new Failure({
      code: 'backup.not-one',
      message: `${folder} is no backup that is complete.`,
      hint: 'Name the folder that was given to "slowlight backup"; if that was broken off, run it again.',
      retry: 'never',
      cause,
    });
  }
}
