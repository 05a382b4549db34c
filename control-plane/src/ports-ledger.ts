/** The hallway's page on what was planned and what is kept: the ledger, the stocktake, retention. */
import type {
  CameraCoverageView,
  CameraId,
  CoverageView,
  FrameId,
  LostInput,
  Outcome,
  OutlookView,
  RetentionSettings,
  TimelapseId,
} from '@slowlight/protocol';
import type { FramePicture } from './frame.ts';

/** A slot with what became of it. */
export interface SlotOutcome {
  dueAt: number;
  outcome: Outcome;
  reason: string | null;
}

/** The ledger: planned slots against outcomes. From inclusive, to exclusive. */
export interface CoverageRecords {
  /** @throws Failure `timelapse.not-found` | `coverage.too-many-parts` | `coverage.too-many-slots` (on one day) */
  coverage(id: TimelapseId, from: number, to: number, by?: 'hour' | 'day'): Promise<CoverageView>;
  /** @throws Failure `camera.not-found` */
  cameraCoverage(id: CameraId, from: number, to: number): Promise<CameraCoverageView>;
  /** @param below 0 to 1 @throws Failure `timelapse.not-found` */
  outlook(id: TimelapseId, below: number): Promise<OutlookView>;
  /** Every slot that is due, a day at a time, ascending. @throws Failure `timelapse.not-found` */
  slotOutcomes(id: TimelapseId, from: number, to: number): AsyncGenerator<readonly SlotOutcome[], void>;
}

export interface LedgerRecords {
  /** Gives up what nobody has reported; reports that come later still count. @throws Failure `timelapse.not-found` */
  giveUpSlots(id: TimelapseId, lost: LostInput): Promise<void>;
  /** Counts days that are over, until all are counted or the signal aborts. Gives how many it counted. */
  closeDays(signal: AbortSignal): Promise<number>;
}

/** A timelapse that will never run again. */
export interface CompletedTimelapse {
  id: TimelapseId;
  timeZone: string;
  /** In the store. */
  frames: number;
}

/** What compares the records with the object store. */
export interface StocktakeRecords {
  /** Frames whose picture is recorded as stored, or as missing, behind one of them, by id. */
  picturesInStore(after: FrameId | null, limit: number): Promise<(FramePicture & { missing: boolean })[]>;
  /** Of these frames, those that are recorded. */
  knownPictures(frames: readonly FrameId[]): Promise<FramePicture[]>;
  /** It was stored and is not there: it no longer counts, and is a fault. */
  pictureMissing(frame: FrameId): Promise<void>;
  /** It was missing and is there again. */
  pictureBack(frame: FrameId): Promise<void>;
}

/** What goes by age. A moment `before` is exclusive, wall time in ms. */
export interface RetentionRecords {
  retentionSettings(): Promise<RetentionSettings>;
  setRetentionSettings(settings: RetentionSettings): Promise<RetentionSettings>;
  /** Those of which no film is being made. */
  completedTimelapses(): Promise<CompletedTimelapse[]>;
  /** Stored frames of slots before, ascending, behind one of them. */
  agedFrames(
    id: TimelapseId,
    of: { before: number; after: { at: number; id: FrameId } | null; limit: number },
  ): Promise<{ id: FrameId; at: number; flagged: boolean; sizeBytes: number }[]>;
  /** They shall go: what is not stored, or of a timelapse that is not completed, is left alone. */
  markFrames(frames: readonly FrameId[]): Promise<void>;
  markedFrames(limit: number): Promise<FramePicture[]>;
  /** Their objects are gone: drops the rows, and what is counted follows. */
  framesRemoved(frames: readonly FrameId[]): Promise<void>;
  /** Frames of completed timelapses that have a thumbnail. */
  oldThumbnails(before: number, limit: number): Promise<FrameId[]>;
  countOldThumbnails(before: number): Promise<number>;
  thumbnailsRemoved(frames: readonly FrameId[]): Promise<void>;
  /** Frames of completed timelapses that have a sidecar. */
  oldSidecars(before: number, limit: number): Promise<FrameId[]>;
  countOldSidecars(before: number): Promise<number>;
  sidecarsRemoved(frames: readonly FrameId[]): Promise<void>;
  /** A portion of the oldest; 0: none is old enough. */
  pruneRows(what: 'feed' | 'faults' | 'jobs', before: number): Promise<number>;
  /** Forgets the content of a portion of all but the newest events of each agent; 0: there is none more. */
  pruneInbox(kept: number): Promise<number>;
}
