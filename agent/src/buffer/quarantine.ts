/**
 * The quarantine: frames that can never be uploaded as things are, each with its reason. It is bounded, so that it cannot
 * take the card from the rest: the oldest leave when it is over its limits, and that is reported like any eviction.
 */
import type { CameraId, FrameId } from '@slowlight/protocol';
import type { Sqlite } from './open-database.ts';

export interface QuarantinedFrame {
  frameId: FrameId;
  cameraId: CameraId;
  /** Wall time, ms. */
  takenAt: number;
  sizeBytes: number;
  /** Why, with the code that the control plane or the store gave. */
  reason: string;
  /** Wall time in ms; null for one that was set aside before this was noted. */
  since: number | null;
}
export interface QuarantineLimits {
  frames: number;
  bytes: number;
}

/** Read at once when the oldest have to leave. */
const OLDEST_AT_ONCE = 200;

export function createQuarantine(db: Sqlite, limits: QuarantineLimits) {
  const list = db.prepare<[number], QuarantinedFrame>(
    `SELECT frame_id AS frameId, camera_id AS cameraId, taken_at AS takenAt, size_bytes AS sizeBytes,
            COALESCE(reason, '') AS reason, quarantined_at AS since
     FROM frames WHERE state = 'quarantined' ORDER BY quarantined_at DESC, seq DESC LIMIT ?`,
  );
  const held = db.prepare<[], { frames: number; bytes: number }>(
    `SELECT COUNT(*) AS frames, COALESCE(SUM(size_bytes), 0) AS bytes FROM frames WHERE state = 'quarantined'`,
  );
  const oldest = db.prepare<[number], { frameId: FrameId; sizeBytes: number }>(
    `SELECT frame_id AS frameId, size_bytes AS sizeBytes FROM frames WHERE state = 'quarantined'
     ORDER BY quarantined_at, seq LIMIT ?`,
  );
  const these = `state = 'quarantined' AND (@all = 1 OR frame_id IN (SELECT value FROM json_each(@ids)))`;
  const sayAgain = db.prepare(
    `UPDATE outbox SET refused_code = NULL, refused_reason = NULL, recorded = 0
     WHERE refused_code IS NOT NULL AND frame_id IN (SELECT frame_id FROM frames WHERE ${these})`,
  );
  const unrecord = db.prepare(
    `UPDATE frames SET recorded = 0 WHERE ${these}
     AND EXISTS (SELECT 1 FROM outbox WHERE outbox.seq = frames.seq AND outbox.recorded = 0)`,
  );
  const release = db.prepare(
    `UPDATE frames SET state = 'waiting', refusals = 0, tries = 0, not_before = 0, reason = NULL, quarantined_at = NULL
     WHERE ${these}`,
  );

  return {
    /** The newest first. */
    list: (limit: number) => list.all(limit),
    /** Those that have to leave, so that the rest is within the limits; the oldest first. */
    overfull(): FrameId[] {
      let { frames, bytes } = held.get() ?? { frames: 0, bytes: 0 };
      const leaving: FrameId[] = [];
      if (frames <= limits.frames && bytes <= limits.bytes) return leaving;
      for (const frame of oldest.all(OLDEST_AT_ONCE)) {
        if (frames <= limits.frames && bytes <= limits.bytes) break;
        leaving.push(frame.frameId);
        frames -= 1;
        bytes -= frame.sizeBytes;
      }
      return leaving;
    },
    /** The oldest ones worth `bytes`, when the card has nothing else to give. */
    oldestWorth(bytes: number): FrameId[] {
      const chosen: FrameId[] = [];
      let freed = 0;
      for (const frame of oldest.all(OLDEST_AT_ONCE)) {
        if (freed >= bytes) break;
        chosen.push(frame.frameId);
        freed += frame.sizeBytes;
      }
      return chosen;
    },
    /** They are announced and uploaded like any other again. Gives how many there were. */
    release(which: readonly FrameId[] | 'all'): number {
      const named = { all: which === 'all' ? 1 : 0, ids: JSON.stringify(which === 'all' ? [] : which) };
      sayAgain.run(named);
      unrecord.run(named);
      return release.run(named).changes;
    },
  };
}
export type Quarantine = ReturnType<typeof createQuarantine>;
