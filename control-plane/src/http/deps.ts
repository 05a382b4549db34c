/** What the http room needs of the rest of the house; the page passes what fits. */
import type {
  AgentCommand,
  AgentId,
  AssetId,
  AssetView,
  CameraId,
  FrameId,
  ResolvedOverlay,
  RetentionPreview,
  RetentionSettings,
  StocktakeReport,
} from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { FastifyBaseLogger } from 'fastify';
import type { ObjectStore } from '../frame.ts';
import type { CommandRecords, FrameRecords, JobRecords, PeopleRecords, PlaceRecords, Records } from '../ports.ts';
import type { SegmentRecords, VideoRecords } from '../ports-films.ts';
import type { LedgerRecords, RetentionRecords } from '../ports-ledger.ts';
import type { FrameOverlayRecords, OverlayTemplateRecords } from '../ports-overlay.ts';
import type { Metrics } from './metrics.ts';
import type { People } from './people.ts';

export type HttpRecords = PlaceRecords &
  FrameRecords &
  Omit<VideoRecords, 'videoPlan' | 'videoProgressed' | 'videoReady' | 'videoFailed' | 'growVideos'> &
  Pick<SegmentRecords, 'segment' | 'shownSegments'> &
  CommandRecords &
  PeopleRecords &
  OverlayTemplateRecords &
  Pick<FrameOverlayRecords, 'timelapseOverlay' | 'setTimelapseOverlay' | 'sidecar'> &
  Pick<JobRecords, 'jobs' | 'retryJob' | 'jobCounts'> &
  Pick<LedgerRecords, 'giveUpSlots'> &
  Pick<RetentionRecords, 'retentionSettings' | 'setRetentionSettings'> &
  Pick<Records, 'totals'>;

/** A connection of somebody who looks on, and the verb that serves it (the feed room's). */
export interface FeedViewer {
  after: number | null;
  topics: readonly string[];
  sink: { write(text: string): number; drained(signal: AbortSignal): Promise<void> };
  stillAllowed: () => Promise<boolean>;
}
export type ServeFeed = (viewer: FeedViewer, signal: AbortSignal) => Promise<string>;

/** The directory store's door for signed uploads; never throws. */
export type ReceiveUpload = (upload: {
  key: string;
  query: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: AsyncIterable<Uint8Array>;
}) => Promise<{ status: 201 } | { status: number; code: string; detail: string; hint: string }>;

/** A part of the house, and whether it can do its work. */
export interface PartState {
  part: string;
  ready: boolean;
  detail: string;
}

export interface LiveWish {
  camera: CameraId;
  agent: AgentId;
  /** The etag of what the viewer has; null: nothing. */
  has: string | null;
  /** How long to wait for something newer, ms. */
  waitMs: number;
}
export type LiveLook =
  | { kind: 'still'; jpeg: Buffer; etag: string; takenAt: number }
  | { kind: 'same' }
  | { kind: 'failed'; code: string; hint: string }
  | { kind: 'nothing' };

/** Drawing and keeping pictures, which the render room does. */
export interface Overlays {
  /** Sanitises and keeps it. @throws Failure `asset.too-large` | `asset.unreadable` | `asset.refused` */
  takeAsset(upload: { name: string; bytes: Uint8Array }): Promise<AssetView>;
  /** False when it was not there. @throws Failure `asset.in-use` */
  removeAsset(id: AssetId): Promise<boolean>;
  preview(
    wish: { overlay: ResolvedOverlay; frameId: FrameId | null; timeZone: string; type: 'image/jpeg' | 'image/png' },
    signal: AbortSignal,
  ): Promise<Buffer>;
}

export interface ServerDeps {
  records: HttpRecords;
  people: People;
  objects: Pick<ObjectStore, 'read' | 'stat' | 'remove'>;
  overlays: Overlays;
  /** null: uploads go elsewhere (S3). */
  receiveUpload: ReceiveUpload | null;
  serveFeed: ServeFeed;
  /** Resolves when the broker has the command. @throws Failure `broker.unreachable` */
  sendCommand: (agent: AgentId, command: AgentCommand) => Promise<void>;
  /** The newest still of a camera, while somebody looks; see the live room for what it promises. */
  live: { look: (wish: LiveWish, signal: AbortSignal) => Promise<LiveLook> };
  /** What agents are told to dial. */
  brokerUrl: () => string;
  readiness: () => Promise<PartState[]>;
  /** What would go by age; without settings: with those in force. */
  previewRetention: (settings?: RetentionSettings) => Promise<RetentionPreview>;
  stocktake: { begin(repair: boolean): StocktakeReport; report(): StocktakeReport | null };
  metrics: Metrics;
  clock: Clock;
  log: FastifyBaseLogger;
}

export interface ServerOptions {
  version: string;
  minIntervalMs: number;
  /** The address under which people and agents reach this server; null: the one it listens on. */
  publicUrl: string | null;
  /** The built dashboard; the folder may be missing. */
  dashboardFolder: string;
  metricsOpen: boolean;
  /** A connection on which nothing moves for so long is closed, ms; two minutes where nothing is said. */
  mostIdleMs?: number;
  /** Addresses or networks of proxies whose `X-Forwarded-*` headers are believed. */
  trustedProxies: readonly string[];
}
