/**
 * A small file beside the buffer in which a running agent says how it stands, for `slowlight-agent status`. Promise: what it
 * says was true when it was written, and it goes when the agent stops clean. It is never synced: after a power cut it may be
 * old, which its process id shows.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, createBell, messageOf } from '@slowlight/protocol/kit';
import { z } from 'zod';
import type { Log } from '../frame.ts';

const NAME = 'running.json';
/** The card is spared: changes are written this far apart, ms. */
const WRITE_EVERY_MS = 2000;

const running = z.object({
  pid: z.int().min(1),
  version: z.string(),
  startedAt: z.number(),
  connection: z.object({
    state: z.enum(['down', 'connected', 'listening', 'deaf']),
    since: z.number(),
    reason: z.string().nullable(),
  }),
});
export type RunningState = z.output<typeof running>;

export interface RunningFileDeps {
  clock: Clock;
  log: Log;
  folder: string;
  state(): RunningState;
}

export function createRunningFile({ clock, log, folder, state }: RunningFileDeps) {
  const bell = createBell();
  const file = path.join(folder, NAME);
  return {
    /** Something has changed. */
    changed: bell.ring,
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        try {
          await writeFile(`${file}.new`, `${JSON.stringify(state())}\n`, { mode: 0o600 });
          await rename(`${file}.new`, file);
        } catch (cause) {
          log.debug({}, `how the agent stands could not be written down: ${messageOf(cause)}`);
        }
        await clock.sleep(WRITE_EVERY_MS, signal);
        if (!signal.aborted) await bell.wait(clock, 3_600_000, signal);
      }
      await rm(file, { force: true }).catch(() => {});
    },
  };
}

/** How the agent of this data folder stands; null: none says so. */
export async function readRunningFile(folder: string): Promise<RunningState | null> {
  try {
    const read = running.safeParse(JSON.parse(await readFile(path.join(folder, NAME), 'utf8')));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
