import path from 'node:path';
import type { AgentId } from '@slowlight/protocol';
import { type Clock, Failure, makeFolderDurably } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import { type BufferOptions, createBuffer } from './buffer.ts';
import { bufferFailure } from './buffer-failure.ts';
import { keepUnknownFrames } from './left-behind.ts';
import { takeLock } from './lock.ts';
import { openDatabase, type Sqlite } from './open-database.ts';
import { sweepFrames } from './sweep.ts';

/**
 * Takes the lock, opens the database, sweeps. Closing lets the lock go.
 * @throws Failure `buffer.in-use` | `buffer.not-writable` | `buffer.damaged` | `buffer.locked` | `buffer.card-full` |
 * `buffer.too-new` | `buffer.other-agent`
 */
export async function openBuffer({ clock, log }: { clock: Clock; log: Log }, options: BufferOptions) {
  const { folder } = options;
  try {
    await makeFolderDurably(folder);
    const lock = takeLock(folder);
    try {
      const { db, fresh } = openDatabase(folder);
      try {
        checkOwner(db, options.agentId);
        const buffer = createBuffer({ db, clock }, options);
        if (options.firstSeq !== undefined) buffer.countFrom(options.firstSeq);
        await startUp(buffer, { fresh, log, frames: path.join(folder, 'frames') });
        return {
          ...buffer,
          close(): void {
            db.close();
            lock.release();
          },
        };
      } catch (cause) {
        db.close();
        throw cause;
      }
    } catch (cause) {
      lock.release();
      throw cause;
    }
  } catch (cause) {
    throw bufferFailure(cause, folder);
  }
}
export type FrameBuffer = Awaited<ReturnType<typeof openBuffer>>;

async function startUp(
  buffer: ReturnType<typeof createBuffer>,
  { fresh, log, frames }: { fresh: boolean; log: Log; frames: string },
) {
  if (fresh) await keepUnknownFrames(frames, log);
  await makeFolderDurably(frames);
  const { orphans, pictureless } = await sweepFrames(frames, buffer.claimed());
  if (orphans > 0) log.info({ files: orphans }, 'removed files that belonged to no frame');
  if (pictureless.length > 0) {
    buffer.pictureUnreadable(pictureless);
    log.error({ frames: pictureless.length }, 'pictures have gone from the card: reported as evicted');
  }
  while ((await buffer.clean()) > 0);
}

function checkOwner(db: Sqlite, agentId: AgentId): void {
  db.prepare('INSERT INTO owner (id, agent_id) VALUES (1, ?) ON CONFLICT DO NOTHING').run(agentId);
  const owner = db.prepare<[], { id: string }>('SELECT agent_id AS id FROM owner').get()?.id;
  if (owner !== agentId)
    throw new Failure({
      code: 'buffer.other-agent',
      message: `the data directory belongs to agent ${owner}, not to ${agentId}`,
      hint: 'Put the identity file back that belongs to this data directory, or give this agent a new directory.',
      retry: 'never',
    });
}
