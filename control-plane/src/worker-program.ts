/**
 * A worker alone: the page of a process that only works off what is owed. It shares records and object store with the
 * control plane that serves, listens nowhere and speaks with no agent. What its death leaves undone, another one takes over
 * when the lease has run out.
 */
import path from 'node:path';
import { type Clock, createClosing, Failure } from '@slowlight/protocol/kit';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { openDataFolder, openObjects, openRecords } from './open-parts.ts';
import { wireMaking } from './wire-making.ts';

export interface WorkerProgram {
  /** Works until the signal aborts; then everything that runs has ended. */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Opens everything. @throws Failure what the first part that cannot be opened says; then nothing is left open */
export async function createWorkerProgram(
  config: Config,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<WorkerProgram> {
  const closing = createClosing();
  try {
    await openDataFolder(config.dataDir);
    const records = await openRecords(config, { clock, log });
    closing.push('the records', records.close);
    const signingKeyFile = path.join(config.dataDir, 'upload-signing.key');
    const objects = await openObjects(config, { clock, log }, { signingKeyFile, publicUrl: noUploads });
    closing.push('the object store', objects.close);
    // What is coming in is another process's, which has its own half of the machine.
    const making = await wireMaking({ clock, log, objects: objects.store, records }, { ...config, rush: () => false });
    return { run: making.run, close: closing.close };
  } catch (thrown) {
    await closing.close();
    throw thrown;
  }
}

function noUploads(): never {
  throw new Failure({
    code: 'object.no-uploads',
    message: 'a worker hands out no uploads',
    hint: 'This is a fault in Slowlight itself: please report it.',
    retry: 'never',
  });
}
