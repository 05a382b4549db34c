/**
 * The frames that are on the card. A frame is `waiting` until its upload, `uploaded` until a receipt lets it go, `leaving`
 * while its file is being removed; `quarantined` when it can never be uploaded. Each step is one statement that is guarded by
 * the state it leaves.
 */
import type { CameraId, FrameId, PictureType, Slot } from '@slowlight/protocol';
import type { Sqlite } from './open-database.ts';
import type { Spareable } from './thin-backlog.ts';

/** A frame that is to be uploaded. */
export interface WaitingFrame {
  frameId: FrameId;
  /** The number of its announcement. */
  seq: number;
  cameraId: CameraId;
  /** Within the folder of frames. */
  file: string;
  type: PictureType;
  sizeBytes: number;
  sha256: string;
  /** Tries since the last success or connection. */
  tries: number;
  refusals: number;
}

/** The two ends from which frames are delivered: those of now, and the backlog from its oldest. */
export type Lane =
  /** `also`: numbers not above `above`. */
  | { lane: 'new'; above: number; also: readonly number[] }
  | { lane: 'backlog'; upTo: number; without: readonly number[] };

export interface FrameRow {
  frameId: FrameId;
  cameraId: CameraId;
  slot: Slot | null;
  takenAt: number;
  flagged: boolean;
  file: string;
  type: PictureType;
  sizeBytes: number;
  sha256: string;
}

export interface Backlog {
  frames: number;
  bytes: number;
  quarantined: number;
}

/** A back-off that reaches further ahead than any back-off does comes from a clock that was set back: it does not count. */
const FURTHEST_BACKOFF_MS = 600_000;
const FEWEST_TO_SPARE = 100;

interface SpareableRow {
  frameId: FrameId;
  cameraId: CameraId;
  sizeBytes: number;
  thinned: number;
  precious: 0 | 1;
  seq: number;
}

const WAITING = `SELECT frame_id AS frameId, seq, camera_id AS cameraId, file, type, size_bytes AS sizeBytes, sha256, tries, refusals
  FROM frames WHERE state = 'waiting' AND recorded = 1 AND (not_before <= @now OR not_before > @now + ${FURTHEST_BACKOFF_MS})`;

export function createFrameRows(db: Sqlite) {
  const insert = db.prepare(
    `INSERT INTO frames (frame_id, seq, camera_id, timelapse_id, due_at, taken_at, flagged, file, type, size_bytes, sha256, state)
     VALUES (@frameId, @seq, @cameraId, @timelapseId, @dueAt, @takenAt, @flagged, @file, @type, @sizeBytes, @sha256, 'waiting')`,
  );
  const newest = db.prepare<[], { seq: number }>(
    `SELECT MAX(seq) AS seq FROM frames WHERE state = 'waiting' GROUP BY camera_id ORDER BY seq DESC LIMIT 50`,
  );
  // Two statements each instead of an OR, which would read the whole of a long backlog.
  const newLane = db.prepare<object, WaitingFrame>(`${WAITING} AND seq > @above ORDER BY seq DESC LIMIT @limit`);
  const named = db.prepare<object, WaitingFrame>(
    `${WAITING} AND seq IN (SELECT value FROM json_each(@also)) ORDER BY seq DESC LIMIT @limit`,
  );
  const backlogLane = db.prepare<object, WaitingFrame>(
    `${WAITING} AND seq <= @upTo AND seq NOT IN (SELECT value FROM json_each(@without)) ORDER BY seq LIMIT @limit`,
  );
  const postpone = db.prepare<[number, number, string, string]>(
    `UPDATE frames SET tries = tries + 1, refusals = refusals + ?, not_before = ?, reason = ? WHERE frame_id = ? AND state = 'waiting'`,
  );
  const quarantine = db.prepare<[string, number, string]>(
    `UPDATE frames SET state = 'quarantined', reason = ?, quarantined_at = ?
     WHERE frame_id = ? AND state IN ('waiting', 'uploaded')`,
  );
  const quarantineBySeq = db.prepare(
    `UPDATE frames SET state = 'quarantined', reason = @reason, quarantined_at = @at
     WHERE (seq = @seq OR uploaded_seq = @seq) AND state IN ('waiting', 'uploaded')`,
  );
  const uploaded = db.prepare<[number, number, string]>(
    `UPDATE frames SET state = 'uploaded', uploaded_seq = ?, tries = 0, not_before = ?, reason = NULL
     WHERE frame_id = ? AND state = 'waiting'`,
  );
  const upload = db.prepare<[string], { uploadedSeq: number | null; sizeBytes: number; sha256: string }>(
    `SELECT uploaded_seq AS uploadedSeq, size_bytes AS sizeBytes, sha256 FROM frames WHERE frame_id = ? AND state = 'waiting'`,
  );
  const unconfirmed = db.prepare<object, { frameId: FrameId; uploadedSeq: number; tries: number }>(
    `SELECT frame_id AS frameId, uploaded_seq AS uploadedSeq, tries FROM frames WHERE state = 'uploaded'
     AND (not_before <= @now OR not_before > @now + ${FURTHEST_BACKOFF_MS}) ORDER BY seq LIMIT @limit`,
  );
  const reminded = db.prepare<[number, string]>(
    `UPDATE frames SET tries = tries + 1, not_before = ? WHERE frame_id = ? AND state = 'uploaded'`,
  );
  const refuse = db.prepare<[string, string]>(
    `UPDATE frames SET state = 'waiting', refusals = refusals + 1, tries = 0, not_before = 0, reason = ? WHERE frame_id = ? AND state = 'uploaded'`,
  );
  const refusals = db.prepare<[string], { refusals: number; seq: number }>(
    'SELECT refusals, seq FROM frames WHERE frame_id = ?',
  );
  const leave = db.prepare<[string]>(`UPDATE frames SET state = 'leaving' WHERE frame_id = ? AND state <> 'leaving'`);
  const conflicting = db.prepare<[string], { found: number }>(
    `SELECT EXISTS (SELECT 1 FROM outbox WHERE frame_id = ? AND refused_code = 'ingest.conflict') AS found`,
  );
  const stand = db.prepare<[string], { seq: number; state: string }>(
    'SELECT seq, state FROM frames WHERE frame_id = ?',
  );
  const leaving = db.prepare<[number], { frameId: FrameId; file: string; sizeBytes: number }>(
    `SELECT frame_id AS frameId, file, size_bytes AS sizeBytes FROM frames WHERE state = 'leaving' ORDER BY seq LIMIT ?`,
  );
  const remove = db.prepare<[string]>(`DELETE FROM frames WHERE frame_id = ? AND state = 'leaving'`);
  const calm = db.prepare(`UPDATE frames SET not_before = 0, tries = 0 WHERE not_before > 0`);
  const recordedUpTo = db.prepare<[number]>('UPDATE frames SET recorded = 1 WHERE recorded = 0 AND seq <= ?');
  const recordedAlso = db.prepare<[string]>(
    'UPDATE frames SET recorded = 1 WHERE recorded = 0 AND seq IN (SELECT value FROM json_each(?))',
  );
  const claimed = db.prepare<[], { frameId: FrameId; file: string; state: string }>(
    'SELECT frame_id AS frameId, file, state FROM frames',
  );
  const spareable = db.prepare<[number], SpareableRow>(
    `SELECT frame_id AS frameId, camera_id AS cameraId, size_bytes AS sizeBytes, thinned, seq,
            (flagged = 1 OR timelapse_id IS NULL) AS precious
     FROM frames WHERE state = 'waiting'
     ORDER BY (flagged = 1 OR timelapse_id IS NULL), thinned, (taken_at / 3600000), camera_id, taken_at, seq LIMIT ?`,
  );
  const thinned = db.prepare<[string]>('UPDATE frames SET thinned = thinned + 1 WHERE frame_id = ?');
  const bytes = db.prepare<[], { bytes: number }>('SELECT COALESCE(SUM(size_bytes), 0) AS bytes FROM frames');
  const waitingCount = db.prepare<[], { many: number }>(`SELECT COUNT(*) AS many FROM frames WHERE state = 'waiting'`);
  const backlog = db.prepare<[], Backlog>(
    `SELECT COUNT(*) FILTER (WHERE state IN ('waiting', 'uploaded')) AS frames,
            COALESCE(SUM(size_bytes) FILTER (WHERE state IN ('waiting', 'uploaded')), 0) AS bytes,
            COUNT(*) FILTER (WHERE state = 'quarantined') AS quarantined FROM frames`,
  );

  return {
    insert: (seq: number, row: FrameRow) =>
      insert.run({
        ...row,
        seq,
        flagged: row.flagged ? 1 : 0,
        timelapseId: row.slot?.timelapseId ?? null,
        dueAt: row.slot?.dueAt ?? null,
        slot: undefined,
      }),
    /** The announcements of the newest waiting frame of each camera, newest first. */
    newestOfEachCamera: () => newest.all().map((row) => row.seq),
    waiting(of: Lane, now: number, limit: number): WaitingFrame[] {
      if (of.lane === 'backlog')
        return backlogLane.all({ now, limit, upTo: of.upTo, without: JSON.stringify(of.without) });
      const fresh = newLane.all({ now, limit, above: of.above });
      if (fresh.length >= limit || of.also.length === 0) return fresh;
      return [...fresh, ...named.all({ now, limit: limit - fresh.length, also: JSON.stringify(of.also) })];
    },
    postpone: (frame: FrameId, until: number, reason: string, refused: boolean) =>
      postpone.run(refused ? 1 : 0, until, reason, frame),
    quarantine: (frame: FrameId, reason: string, at: number) => quarantine.run(reason, at, frame).changes === 1,
    quarantineBySeq: (seq: number, reason: string, at: number) =>
      quarantineBySeq.run({ reason, seq, at }).changes === 1,
    /** What is needed to say that it is uploaded; null when it no longer waits. */
    upload: (frame: FrameId) => upload.get(frame) ?? null,
    markUploaded: (frame: FrameId, seq: number, remindAt: number) => uploaded.run(seq, remindAt, frame).changes === 1,
    unconfirmed: (now: number, limit: number) => unconfirmed.all({ now, limit }),
    reminded: (frame: FrameId, until: number) => reminded.run(until, frame),
    /** Gives how often this frame has been refused, and its announcement; null when it had not been uploaded. */
    refuseUpload(frame: FrameId, reason: string): { refusals: number; seq: number } | null {
      if (refuse.run(reason, frame).changes === 0) return null;
      return refusals.get(frame) ?? null;
    },
    leave: (frame: FrameId) => leave.run(frame).changes === 1,
    /**
     * By a receipt. What the store has under this name must be what this card has: it was uploaded from here, or spoken of here
     * just now. Otherwise, and where it was refused as a conflict, it is the picture of another device with this identity.
     */
    letGo(frame: FrameId, isSaid: (seq: number) => boolean): boolean {
      const now = stand.get(frame);
      if (now === undefined || (now.state !== 'uploaded' && !isSaid(now.seq))) return false;
      return conflicting.get(frame)?.found !== 1 && leave.run(frame).changes === 1;
    },
    leaving: (limit: number) => leaving.all(limit),
    remove: (frame: FrameId) => remove.run(frame),
    /** All back-offs end: the other side is there again. */
    calm: () => calm.run(),
    recorded(upTo: number, also: readonly number[]): void {
      recordedUpTo.run(upTo);
      if (also.length > 0) recordedAlso.run(JSON.stringify(also));
    },
    claimed: () => claimed.iterate(),
    /**
     * Of a backlog of at least a hundred frames, those that could be spared, in the order that `chooseEvicted` wants. A short
     * backlog is about to be delivered: nothing of it can be spared.
     */
    spareable(limit: number): (Spareable & { frameId: FrameId })[] {
      if ((waitingCount.get()?.many ?? 0) < FEWEST_TO_SPARE) return [];
      const newestOnes = new Set(newest.all().map((row) => row.seq));
      return spareable
        .all(limit)
        .map(({ precious, seq, ...row }) => ({ ...row, precious: precious === 1, newest: newestOnes.has(seq) }));
    },
    /** The time around this frame was thinned once more. */
    thinned: (frame: FrameId) => thinned.run(frame),
    /** Of all pictures on the card. */
    bytes: () => bytes.get()?.bytes ?? 0,
    backlog: () => backlog.get() ?? { frames: 0, bytes: 0, quarantined: 0 },
  };
}
export type FrameRows = ReturnType<typeof createFrameRows>;
