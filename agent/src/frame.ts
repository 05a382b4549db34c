/** The hallway: what the rooms of the agent hand to each other. Types only. */
import type {
  BootId,
  CameraFault,
  CameraId,
  CameraSettings,
  ClockSource,
  FrameId,
  NotReadyReason,
  PictureType,
  Shape,
  Slot,
  Verdict,
} from '@slowlight/protocol';

/** What a room may say to the log: lower-case sentences with fields; never a secret. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** When something was, as honestly as this device can say. */
export interface Moment {
  /** Wall time, ms. */
  wall: number;
  bootId: BootId;
  monotonicMs: number;
  clock: 'synchronised' | 'untrusted';
  /** What says so, or what the clock was set from. */
  clockSource?: ClockSource;
}

/** A picture as the camera gave it, decoded. */
export interface Picture {
  /** 8-bit RGB, row by row, no padding: widthPx × heightPx × 3 bytes. */
  pixels: Buffer;
  widthPx: number;
  heightPx: number;
  /** When the camera's newest picture arrived here. */
  taken: Moment;
  /** To be called by whoever took it, when nobody looks at its pixels any more: they are large, and others wait. */
  letGo?: () => void;
}

/** A picture as it will be kept. */
export interface ShapedPicture {
  bytes: Buffer;
  type: PictureType;
  widthPx: number;
  heightPx: number;
}

/** Asks for the picture of one moment. */
export interface CaptureRequest {
  camera: CameraSettings;
  /** The slot's moment, wall time in ms: the picture should show it; null: as soon as possible. */
  dueAt: number | null;
  /** Wall time in ms after which no picture is wanted any more; all tries end by then. */
  deadlineAt: number;
  /** The picture that was taken for it was damaged: of a stream, only one from behind another keyframe helps. */
  afresh?: boolean;
}

export type CaptureResult =
  | { kind: 'picture'; picture: Picture; tries: number }
  | { kind: 'failed'; code: CameraFault; hint: string; tries: number };

/** The verbs of capture that the recipe needs. */
export interface Capture {
  /** How long before a slot `take` should be called so that the picture can be taken at it, ms; learnt for each camera. */
  leadMs(camera: CameraSettings): number;
  /** Never throws for what a camera does wrong; rejects only with the signal's reason. */
  take(request: CaptureRequest, signal: AbortSignal): Promise<CaptureResult>;
  /** Forgets what was learnt of cameras that are not in the list, and ends what runs for them. */
  keepOnly(cameras: readonly CameraId[]): void;
}

/** @throws Failure `shape.cannot-apply` when nothing of the crop lies inside the picture */
export type ShapePicture = (picture: Picture, shape: Shape, quality: number) => Promise<ShapedPicture>;

/**
 * A fault of the judge is none of the picture: it gives score 100 and judge `judge-failed`. Without `checks`, all of them are
 * made. The picture may still be on its way to its shape, on another thread: rejects only where that does.
 */
export type JudgePicture = (
  picture: Picture,
  shaped: ShapedPicture | Promise<ShapedPicture>,
  checks?: 'fast' | 'heavy',
) => Promise<Verdict>;

/** A frame to be committed to the buffer. */
export interface NewFrame {
  camera: CameraId;
  slot: Slot | null;
  flagged: boolean;
  shaped: ShapedPicture;
  taken: Moment;
  sourceWidthPx: number;
  sourceHeightPx: number;
  ageAtSlotMs: number | null;
  verdict: Verdict;
}

export interface KeptFrame {
  frameId: FrameId;
  path: string;
  sizeBytes: number;
  sha256: string;
  type: PictureType;
}

export type Readiness =
  | { kind: 'ready' }
  | { kind: 'not-ready'; reason: NotReadyReason; detail: string; nextDueAt: number | null };
