/** Looks into a buffer without its lock, also while an agent works on it: nothing is changed and nobody is held up. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type AgentSettings, agentSettings, type CameraId, type FrameId } from '@slowlight/protocol';
import Database from 'better-sqlite3';
import { bufferFailure } from './buffer-failure.ts';
import { createFrameRows } from './frame-rows.ts';
import { createQuarantine } from './quarantine.ts';
import { createSlotRows } from './slot-rows.ts';

export interface FrameInBuffer {
  frameId: FrameId;
  cameraId: CameraId;
  takenAt: number;
  sizeBytes: number;
  state: string;
}

/** Whether an agent has ever worked here. @param folder the agent's data directory */
export const hasBuffer = (folder: string): boolean => existsSync(path.join(folder, 'buffer.sqlite'));

/**
 * @param folder the agent's data directory
 * @returns null when no agent has ever worked there
 * @throws Failure `buffer.…`
 */
export function readBuffer(folder: string) {
  const file = path.join(folder, 'buffer.sqlite');
  if (!existsSync(file)) return null;
  let db: Database.Database | null = null;
  try {
    db = new Database(file, { readonly: true, timeout: 2000 });
    const slots = createSlotRows(db);
    const settings = db.prepare<[], { body: string }>('SELECT body FROM settings').get();
    const newest = db.prepare<[number], FrameInBuffer>(
      `SELECT frame_id AS frameId, camera_id AS cameraId, taken_at AS takenAt, size_bytes AS sizeBytes, state
       FROM frames WHERE state != 'leaving' ORDER BY seq DESC LIMIT ?`,
    );
    const read: AgentSettings | null = settings === undefined ? null : agentSettings.parse(JSON.parse(settings.body));
    return {
      settings: read,
      spans: slots.spans(),
      cursor: slots.cursor,
      backlog: createFrameRows(db).backlog(),
      /** The newest first. */
      quarantined: createQuarantine(db, { frames: 0, bytes: 0 }).list(200),
      /** The newest first: what is delivered is not here any more. */
      frames: newest.all(20),
      close: db.close.bind(db),
    };
  } catch (cause) {
    db?.close();
    throw bufferFailure(cause, folder);
  }
}
export type ReadBuffer = NonNullable<ReturnType<typeof readBuffer>>;
