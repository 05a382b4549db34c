/** The hallway's page of overlays: the verbs that rooms expect of the records about them; see `ports.ts`. */
import type {
  AssetId,
  AssetView,
  FrameId,
  OverlayTemplateChange,
  OverlayTemplateId,
  OverlayTemplateInput,
  OverlayTemplateView,
  ResolvedOverlay,
  SidecarView,
  TimelapseId,
  TimelapseOverlayInput,
  TimelapseOverlayView,
} from '@slowlight/protocol';
import type { FramePicture, OverlayFacts } from './frame.ts';
import type { Page, PageRequest } from './ports.ts';

/** Templates and the pictures that they show: what people arrange. */
export interface OverlayTemplateRecords {
  /** Own templates, oldest first, at their newest version. */
  overlayTemplates(page: PageRequest): Promise<Page<OverlayTemplateView>>;
  /** Also a built-in one; also an old version, and that of a deleted template. */
  overlayTemplate(id: OverlayTemplateId, version?: number): Promise<OverlayTemplateView | null>;
  /** @throws Failure `asset.not-found` when an element shows a picture that is not there */
  createOverlayTemplate(input: OverlayTemplateInput): Promise<OverlayTemplateView>;
  /**
   * Another layout is a new version; what depends on the newest one is made again.
   * @throws Failure `overlay-template.built-in` | `asset.not-found`
   */
  changeOverlayTemplate(id: OverlayTemplateId, change: OverlayTemplateChange): Promise<OverlayTemplateView | null>;
  /** @throws Failure `overlay-template.built-in` | `overlay-template.in-use` */
  deleteOverlayTemplate(id: OverlayTemplateId): Promise<boolean>;
  /** Oldest first. */
  assets(page: PageRequest): Promise<Page<AssetView>>;
  asset(id: AssetId): Promise<AssetView | null>;
  createAsset(asset: Omit<AssetView, 'createdAt'>): Promise<AssetView>;
  /** The row; its object is the caller's. @throws Failure `asset.in-use` by a template or a timelapse as they are now */
  deleteAsset(id: AssetId): Promise<boolean>;
}

/** What a sidecar's drawing came to. */
export interface MadeSidecar {
  frameId: FrameId;
  state: 'ready' | 'fallback';
  /** Why only a transparent picture was left. */
  reason: string | null;
}

/** What is drawn over the frames of a timelapse. */
export interface FrameOverlayRecords {
  timelapseOverlay(id: TimelapseId): Promise<TimelapseOverlayView | null>;
  /**
   * null: no overlay any more. What is asked for is made again, at the lowest priority.
   * @throws Failure `timelapse.not-found` | `overlay-template.not-found` | `asset.not-found`
   */
  setTimelapseOverlay(id: TimelapseId, input: TimelapseOverlayInput | null): Promise<TimelapseOverlayView | null>;
  /** Built-in style → template → the timelapse's changes; null: nothing is drawn over its frames. */
  overlayOf(id: TimelapseId): Promise<{ overlay: ResolvedOverlay; revision: number; sidecars: boolean } | null>;
  /** Frames that are not known are not in the answer. */
  overlayFacts(frames: readonly FrameId[]): Promise<Map<FrameId, OverlayFacts>>;
  /** null: none is asked for. */
  sidecar(frame: FrameId): Promise<SidecarView | null>;
  /**
   * Frames came late, and so those after them have other numbers: where numbers are shown, their sidecars are pending again.
   * Gives the revision that they are to be of; null: none is asked for.
   */
  renumberSidecars(id: TimelapseId): Promise<number | null>;
  /** Stored frames of the timelapse whose sidecar is not of this revision; null when the timelapse has moved on from it. */
  sidecarsToMake(id: TimelapseId, revision: number, page: PageRequest): Promise<Page<FramePicture> | null>;
  /** False, and nothing is noted, when the timelapse has moved on from this revision: they must be drawn again. */
  sidecarsMade(id: TimelapseId, revision: number, made: readonly MadeSidecar[]): Promise<boolean>;
}

export type OverlayRecords = OverlayTemplateRecords & FrameOverlayRecords;
