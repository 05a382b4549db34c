/** The hallway: what the rooms of the control plane hand to each other. Types only. */
import type {
  AgentEvent,
  AgentId,
  Announcement,
  FrameId,
  PictureType,
  TimelapseId,
  WeatherFacts,
} from '@slowlight/protocol';

/** An event as it came in, already read by its schema. */
export interface IncomingEvent {
  agentId: AgentId;
  event: AgentEvent;
  receivedAt: number;
}

/** What became of one incoming event. Expected outcomes, so values. */
export type IngestOutcome =
  | { kind: 'recorded' | 'duplicate'; agentId: AgentId; seq: number }
  | { kind: 'refused'; agentId: AgentId; seq: number; code: string; reason: string };

/** How far an agent's events are recorded. */
export interface ReceiptState {
  recordedUpTo: number;
  recordedAlso: number[];
}

/** A frame with what is needed to grant, verify and show its picture. */
export interface FramePicture {
  frameId: FrameId;
  agentId: AgentId;
  cameraId: Announcement['cameraId'];
  timelapseId: TimelapseId | null;
  key: string;
  type: PictureType;
  sizeBytes: number;
  sha256: string;
  widthPx: number;
  heightPx: number;
}

/** What an overlay may say of a frame. What is null is not known and is left out. */
export interface OverlayFacts {
  /** The moment that the picture shows, ms. */
  at: number;
  /** Of the site. */
  timeZone: string;
  latitude: number | null;
  longitude: number | null;
  siteName: string | null;
  cameraName: string | null;
  timelapseName: string | null;
  /** Among the frames that were taken for the timelapse, in the order of their slots; the first is 1. */
  frameNumber: number | null;
  /** The day on which the timelapse started is 1. */
  dayNumber: number | null;
  /** How much of the timelapse's time is over, 0 to 1; null when it has no end. */
  progress: number | null;
  /** Where the frame is in the film that is being made, the first being 1; null: this is no film. */
  film: { number: number; of: number } | null;
  score: number | null;
  weather: WeatherFacts | null;
}

/** What is in the object store under a key. */
export interface StoredObject {
  sizeBytes: number;
  contentType: string | null;
  /** Lower-case hex; null where the store does not keep one. */
  sha256: string | null;
  modifiedAt: number;
}

/** Is what lies under a key what was announced? */
export type ObjectCheck =
  | { kind: 'same' }
  | { kind: 'absent' }
  | { kind: 'differs'; what: 'size' | 'checksum' | 'type'; expected: string; found: string };

export interface ObjectGrant {
  method: 'PUT';
  url: string;
  headers: Record<string, string>;
  expiresAt: number;
}

export interface ByteRange {
  /** Inclusive. */
  first: number;
  /** Inclusive. */
  last: number;
}

/** The port of the object store; `test/contracts/object-store.ts` says what every implementation must do. */
export interface ObjectStore {
  /** A signed upload that takes exactly these bytes; a key that is already there is not replaced by other bytes. */
  grant(what: {
    key: string;
    sizeBytes: number;
    sha256: string;
    contentType: string;
    expiresAt: number;
  }): Promise<ObjectGrant>;
  /** Proof by the store itself: size and checksum, read back where the store keeps no checksum. */
  check(key: string, expected: { sizeBytes: number; sha256: string; contentType: string }): Promise<ObjectCheck>;
  stat(key: string): Promise<StoredObject | null>;
  /** @throws Failure `object.not-found` | `object.store-unreachable` */
  read(key: string, range?: ByteRange): Promise<NodeJS.ReadableStream & AsyncIterable<Uint8Array>>;
  /** Replaces what is there, whole or not at all. */
  write(key: string, body: Uint8Array | { path: string }, contentType: string): Promise<void>;
  /** What is not there is fine. */
  remove(key: string): Promise<void>;
  /** Keys below a prefix, in ascending order. */
  list(prefix: string): AsyncIterable<string>;
  /** Resolves when the store answers. @throws Failure `object.store-unreachable` */
  ping(): Promise<void>;
}

/** What a room says to the operator: a lower-case sentence with fields. info = state changed, warn = handled, error = someone must act. */
export interface Log {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}
