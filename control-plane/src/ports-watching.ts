/** What the records tell those who look on. */
import type { CameraId, FrameId, MomentsQuery, MomentsView, SiteId, WallItem } from '@slowlight/protocol';

/** A picture of a sheet. */
export interface SheetFrame {
  id: FrameId;
  /** Of the whole picture in the object store; null: it is not there. */
  key: string | null;
  thumbnail: boolean;
  widthPx: number;
  heightPx: number;
}

export interface WatchingRecords {
  /** Every camera that is not deleted, without what the ledger counts. @param sites only those of these sites */
  wall(sites?: readonly SiteId[]): Promise<Omit<WallItem, 'today'>[]>;
  moments(camera: CameraId, query: MomentsQuery): Promise<MomentsView>;
  /** Those of the ids that are frames of this camera. */
  sheetFrames(camera: CameraId, ids: readonly FrameId[]): Promise<Map<FrameId, SheetFrame>>;
}
