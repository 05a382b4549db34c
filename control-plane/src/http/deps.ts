/** What the http room needs of the rest of the house; the page passes what fits. */
import type {
  AgentCommand,
  AgentId,
  AssetId,
  AssetView,
  CameraId,
  CredentialView,
  EnrolmentAnswer,
  EnrolmentCreated,
  EnrolmentInput,
  EnrolmentRequest,
  FeedEntry,
  FilmShape,
  FilmTitle,
  FrameId,
  HomeAutomationView,
  HomeBrokerChange,
  HomeBrokerId,
  HomeBrokerInput,
  HomeBrokerView,
  HomeTestInput,
  HomeTestResult,
  ResolvedOverlay,
  RetentionPreview,
  RetentionSettings,
  StocktakeReport,
  UserView,
} from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { FastifyBaseLogger } from 'fastify';
import type { FramePicture, ObjectStore } from '../frame.ts';
import type { CommandRecords, FrameRecords, JobRecords, PlaceRecords, Records } from '../ports.ts';
import type { AlarmRecords, ChannelRecords } from '../ports-alarms.ts';
import type { BulkRecords, RuleRecords } from '../ports-automation.ts';
import type { EnrolmentRecords } from '../ports-enrolment.ts';
import type { FilmFrameRecords } from '../ports-film-frames.ts';
import type { AnimationRecords, SegmentRecords, VideoRecords } from '../ports-films.ts';
import type { LedgerRecords, RetentionRecords } from '../ports-ledger.ts';
import type { FrameOverlayRecords, OverlayTemplateRecords } from '../ports-overlay.ts';
import type { AuditRecords, PeopleRecords, ShareRecords, WhereRecords } from '../ports-people.ts';
import type { StorageRecords } from '../ports-storage.ts';
import type { SheetFrame, WatchingRecords } from '../ports-watching.ts';
import type { AlarmDoor } from './alarm-door.ts';
import type { Metrics } from './metrics.ts';
import type { People } from './people.ts';
import type { LogDoor } from './routes/logs.ts';

export type HttpRecords = PlaceRecords &
  FrameRecords &
  Omit<VideoRecords, 'videoPlan' | 'videoReady' | 'videoFailed' | 'growVideos'> &
  Pick<AnimationRecords, 'animateVideo'> &
  Pick<SegmentRecords, 'segment' | 'shownSegments'> &
  FilmFrameRecords &
  Omit<RuleRecords, 'fireRules'> &
  Pick<BulkRecords, 'createBulk' | 'bulks' | 'bulk' | 'cancelBulk'> &
  CommandRecords &
  Pick<EnrolmentRecords, 'enrolments' | 'moveEnrolment' | 'revokeAgent' | 'credentials' | 'clearClone'> &
  PeopleRecords &
  WhereRecords &
  AuditRecords &
  ShareRecords &
  OverlayTemplateRecords &
  Pick<FrameOverlayRecords, 'timelapseOverlay' | 'setTimelapseOverlay' | 'sidecar'> &
  Pick<JobRecords, 'jobs' | 'retryJob' | 'jobCounts'> &
  Pick<LedgerRecords, 'giveUpSlots'> &
  Pick<RetentionRecords, 'retentionSettings' | 'setRetentionSettings'> &
  WatchingRecords &
  StorageRecords &
  Pick<AlarmRecords, 'alarms' | 'alarm' | 'changeAlarm' | 'alarmRules' | 'setAlarmRules'> &
  Pick<ChannelRecords, 'deliveries' | 'retryDelivery'> &
  Pick<Records, 'totals'>;

/** A connection of somebody who looks on, and the verb that serves it (the feed room's). */
export interface FeedViewer {
  after: number | null;
  topics: readonly string[];
  sink: { write(text: string): number; drained(signal: AbortSignal): Promise<void> };
  /** Of some entries those that this viewer may hear; nothing: all. */
  hears?: ((entries: readonly FeedEntry[]) => Promise<readonly FeedEntry[]>) | undefined;
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

export interface OverlayPreview {
  picture: Buffer;
  size: { widthPx: number; heightPx: number };
  /** Where in the picture each element lies, px. */
  boxes: { id: string; leftPx: number; topPx: number; widthPx: number; heightPx: number }[];
}

/** Drawing and keeping pictures, which the render room does. */
export interface Overlays {
  /** Sanitises and keeps it. @throws Failure `asset.too-large` | `asset.unreadable` | `asset.refused` */
  takeAsset(upload: { name: string; bytes: Uint8Array }): Promise<AssetView>;
  /** False when it was not there. @throws Failure `asset.in-use` */
  removeAsset(id: AssetId): Promise<boolean>;
  preview(
    wish: { overlay: ResolvedOverlay; frameId: FrameId | null; timeZone: string; type: 'image/jpeg' | 'image/png' },
    signal: AbortSignal,
  ): Promise<OverlayPreview>;
}

/** What can be known of a film's looks before it is made, which the render room knows. */
export interface FilmSight {
  /** How much brighter each picture is made, against flicker; brightnesses are mean luma, 0 to 255. */
  gains(brightnesses: readonly (number | null)[], strength: number): number[];
  /** The size of a film of pictures of this size. */
  canvas(
    picture: { widthPx: number; heightPx: number },
    heightPx: number | null,
    shape: FilmShape | undefined,
  ): { widthPx: number; heightPx: number };
  /** The card before a film's first picture, as JPEG bytes. */
  title(
    wish: {
      title: FilmTitle;
      /** What it says by itself: the timelapse's name, and the days from the first to the last frame. */
      about: { name: string; timeZone: string };
      from: number;
      to: number;
      canvas: { widthPx: number; heightPx: number };
      /** The film's first picture; null: there is none. */
      first: FramePicture | null;
    },
    signal: AbortSignal,
  ): Promise<Buffer>;
}

/** The rights at the broker, answered from memory; the broker room's. */
export interface BrokerDoor {
  mayEnter(login: { username: string; password: string; clientId: string }): boolean;
  mayDo(act: {
    username: string;
    clientId: string;
    act: 'publish' | 'subscribe' | 'receive';
    topic: string;
    qos: number;
    retain: boolean;
  }): boolean;
}
export interface BrokerAsks {
  door: BrokerDoor;
  /** Whether this is the secret that such a broker shows; takes as long for a wrong one. */
  isSecret(given: string): boolean;
}

/** How agents come in; the enrolment room's. */
export interface EnrolmentDesk {
  create(input: EnrolmentInput): Promise<EnrolmentCreated>;
  /** @throws Failure `enrolment.unknown-token` | `enrolment.other-key` | `enrolment.refused` | `enrolment.over` */
  show(request: EnrolmentRequest, address: string): Promise<EnrolmentAnswer>;
  /** Hands an agent that is online a further credential. @throws Failure `agent.not-found` | `agent.offline` */
  rotate(agent: AgentId): Promise<CredentialView>;
}

/** The brokers of users' houses, which the home automation room speaks with. */
export interface HomeDoor {
  view(): Promise<HomeAutomationView>;
  /** @throws Failure `request.invalid` */
  add(input: HomeBrokerInput): Promise<HomeBrokerView>;
  /** null: there is none. @throws Failure `request.invalid` */
  change(id: HomeBrokerId, change: HomeBrokerChange): Promise<HomeBrokerView | null>;
  remove(id: HomeBrokerId): Promise<boolean>;
  /** @throws Failure `request.invalid` */
  test(input: HomeTestInput, signal: AbortSignal): Promise<HomeTestResult>;
}

/** Draws many small pictures in one, which the render room does; `whole`: it will never look otherwise. */
export type DrawSheet = (
  frames: readonly (SheetFrame | null)[],
  signal: AbortSignal,
) => Promise<{ jpeg: Buffer; whole: boolean }>;

/** Logging in through an identity provider; the addresses are those of the browser. */
export interface OpenIdDoor {
  /** As people know the provider. */
  name: string;
  /** Where to send the browser, and what to keep in it until it comes back. @throws Failure `login.provider-away` */
  begin(): Promise<{ url: string; kept: string }>;
  /**
   * @param address the whole address with which the browser came back
   * @throws Failure `login.provider-refused` | `login.not-known-here` | `login.provider-away`
   */
  finish(address: URL, kept: string): Promise<UserView>;
}

export interface ServerDeps {
  records: HttpRecords;
  people: People;
  objects: Pick<ObjectStore, 'read' | 'stat' | 'remove'>;
  overlays: Overlays;
  drawSheet: DrawSheet;
  /** How full the object store is, bytes; null or left out: it is not a folder of this machine. */
  storeSpace?: () => Promise<{ freeBytes: number; totalBytes: number } | null>;
  filmSight: FilmSight;
  /** null: uploads go elsewhere (S3). */
  receiveUpload: ReceiveUpload | null;
  serveFeed: ServeFeed;
  /** Resolves when the broker has the command. @throws Failure `broker.unreachable` */
  sendCommand: (agent: AgentId, command: AgentCommand) => Promise<void>;
  /** The newest still of a camera, while somebody looks; see the live room for what it promises. */
  live: { look: (wish: LiveWish, signal: AbortSignal) => Promise<LiveLook> };
  /** For a broker that asks who may do what; null: none may. */
  brokerAsks: BrokerAsks | null;
  home: HomeDoor;
  alarms: AlarmDoor;
  /** Nothing: people log in with their passwords only. */
  openId?: OpenIdDoor | null;
  /** What agents are told to dial. */
  brokerUrl: () => string;
  enrolment: EnrolmentDesk;
  /** A credential's secret as a broker of a larger house keeps it. */
  brokerHash: (secret: string) => string;
  readiness: () => Promise<PartState[]>;
  /** What would go by age; without settings: with those in force. */
  previewRetention: (settings?: RetentionSettings) => Promise<RetentionPreview>;
  stocktake: { begin(repair: boolean): StocktakeReport; report(): StocktakeReport | null };
  metrics: Metrics;
  logs: LogDoor;
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
