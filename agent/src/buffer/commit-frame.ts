/**
 * From a picture in memory to a frame that no power cut takes away: file first (temp name → fsync → rename → fsync of the
 * folder), then one transaction with the slot's cursor, the announcement and the row. A file without a row is swept at the
 * next start; a row without a file cannot come to be.
 */
import { hash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { type AgentId, type Announcement, type CommandId, frameIdOf } from '@slowlight/protocol';
import { makeFolderDurably, removeDurably, writeDurably } from '@slowlight/protocol/kit';
import type { KeptFrame, NewFrame } from '../frame.ts';
import { isCardFull } from './buffer-failure.ts';
import type { FrameRows } from './frame-rows.ts';
import type { Sqlite } from './open-database.ts';
import type { Outbox } from './outbox.ts';
import type { SlotRows } from './slot-rows.ts';

export type CommitResult =
  | { kind: 'kept'; frame: KeptFrame }
  /** The slot had its outcome already: nothing has changed. */
  | { kind: 'already-settled' }
  /** There was no room: nothing has changed. */
  | { kind: 'card-full' };

interface Tables {
  db: Sqlite;
  outbox: Outbox;
  frames: FrameRows;
  slots: SlotRows;
}
interface Place {
  /** The folder of frames. */
  folder: string;
  agentId: AgentId;
}

/** A picture that is on the card. */
interface File {
  /** Within the folder of frames. */
  name: string;
  sha256: string;
}

/** As many files as a folder gets, about. */
const FILES_A_FOLDER = 1000;

/** @returns a verb that keeps one frame; `commandId` names the command that asked for a manual one */
export function createCommitFrame({ db, outbox, frames, slots }: Tables, { folder, agentId }: Place) {
  const recordFrame = db.transaction((frame: NewFrame, file: File, commandId: CommandId | null) => {
    if (frame.slot !== null && !slots.settle(frame.slot)) return null;
    const { sha256 } = file;
    // The frame's id holds the number of its own announcement.
    const frameId = frameIdOf(agentId, outbox.lastSeq() + 1);
    const announced = announce(frame, frameId, sha256);
    const seq = outbox.append(
      frame.slot === null
        ? { type: 'frame.taken', body: { commandId, frame: announced } }
        : {
            type: 'slot.settled',
            body: { outcome: frame.flagged ? 'flagged' : 'captured', slot: frame.slot, frame: announced },
          },
      frameId,
    );
    frames.insert(seq, {
      frameId,
      cameraId: frame.camera,
      slot: frame.slot,
      takenAt: frame.taken.wall,
      flagged: frame.flagged,
      file: file.name,
      type: frame.shaped.type,
      sizeBytes: announced.sizeBytes,
      sha256,
    });
    return {
      frameId,
      path: path.join(folder, file.name),
      sizeBytes: announced.sizeBytes,
      sha256,
      type: announced.type,
    };
  });

  return async (frame: NewFrame, commandId: CommandId | null = null): Promise<CommitResult> => {
    const part = String(Math.floor(outbox.lastSeq() / FILES_A_FOLDER));
    const ending = frame.shaped.type === 'image/webp' ? 'webp' : 'jpg';
    const name = `${part}/${randomBytes(12).toString('hex')}.${ending}`;
    const target = path.join(folder, name);
    try {
      await makeFolderDurably(path.dirname(target));
      const writing = writeDurably(target, frame.shaped.bytes);
      // Other threads write meanwhile.
      const sha256 = hash('sha256', frame.shaped.bytes, 'hex');
      await writing;
      const kept = recordFrame.immediate(frame, { name, sha256 }, commandId);
      if (kept !== null) return { kind: 'kept', frame: kept };
      await removeDurably(target);
      return { kind: 'already-settled' };
    } catch (cause) {
      // After any other failure nobody knows whether the row was written: the next start sweeps the file if it was not.
      if (!isCardFull(cause)) throw cause;
      await removeDurably(target).catch(() => {});
      return { kind: 'card-full' };
    }
  };
}

function announce(frame: NewFrame, frameId: Announcement['frameId'], sha256: string): Announcement {
  return {
    frameId,
    cameraId: frame.camera,
    takenAt: frame.taken.wall,
    bootId: frame.taken.bootId,
    monotonicMs: frame.taken.monotonicMs,
    clock: frame.taken.clock,
    ...(frame.taken.clockSource === undefined ? {} : { clockSource: frame.taken.clockSource }),
    widthPx: frame.shaped.widthPx,
    heightPx: frame.shaped.heightPx,
    sourceWidthPx: frame.sourceWidthPx,
    sourceHeightPx: frame.sourceHeightPx,
    type: frame.shaped.type,
    sizeBytes: frame.shaped.bytes.length,
    sha256,
    ageAtSlotMs: frame.ageAtSlotMs,
    verdict: frame.verdict,
  };
}
