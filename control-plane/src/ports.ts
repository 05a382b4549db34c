/**
 * The hallway's second page: the verbs that rooms expect of the records, the jobs and the feed. A room that needs a few of
 * them says so with `Pick`. Every verb that changes something is one transaction, which also appends to the feed and plans
 * the jobs that follow; it resolves after the commit. Lists are ordered and paged by key.
 */
import type {
  AgentChange,
  AgentCommand,
  AgentId,
  AgentSettings,
  AgentStatus,
  AgentView,
  CameraId,
  CameraView,
  CommandId,
  CommandView,
  FaultView,
  FeedEntry,
  FrameId,
  FrameQuery,
  FrameView,
  JobId,
  JobView,
  SessionId,
  SiteId,
  SiteInput,
  SiteView,
  SystemView,
  TimelapseChange,
  TimelapseId,
  TimelapseInput,
  TimelapseView,
} from '@slowlight/protocol';
import type { FramePicture, IncomingEvent, IngestOutcome, ReceiptState } from './frame.ts';
import type { AlarmRecords, ChannelRecords, WebhookRecords } from './ports-alarms.ts';
import type { BulkRecords, RuleRecords } from './ports-automation.ts';
import type { EnrolmentRecords } from './ports-enrolment.ts';
import type { FilmFrameRecords } from './ports-film-frames.ts';
import type { AnimationRecords, SegmentRecords, VideoRecords } from './ports-films.ts';
import type { HomeRecords } from './ports-home.ts';
import type { CoverageRecords, LedgerRecords, RetentionRecords, StocktakeRecords } from './ports-ledger.ts';
import type { OverlayRecords } from './ports-overlay.ts';
import type { AuditRecords, PeopleRecords, SeenPage, ShareRecords, WhereRecords } from './ports-people.ts';
import type { StorageRecords } from './ports-storage.ts';
import type { WatchingRecords } from './ports-watching.ts';
import type { WeatherRecords } from './ports-weather.ts';

export interface Page<Item> {
  items: Item[];
  next: string | null;
}
export interface PageRequest {
  /** The `next` of the page before; nothing: from the start. */
  after?: string | undefined;
  limit: number;
}

/** What ingest and the verification of uploads need. */
export interface IngestRecords {
  /** One commit for all of them, in order; twice is once; the same seq with other content is refused and kept as a fault. */
  recordEvents(events: readonly IncomingEvent[]): Promise<IngestOutcome[]>;
  /**
   * How far all is recorded, and what is recorded above that.
   * @param highest the highest event that is answered now; where all is recorded up to it, nothing above is looked for
   */
  receiptState(agent: AgentId, highest?: number): Promise<ReceiptState>;
  /** Of these frames, the ones whose picture is still at the edge (never claimed, or claimed and refused). */
  awaitingUpload(frames: readonly FrameId[]): Promise<FramePicture[]>;
  /** Of these frames, the ones whose picture is in the store or no longer wanted: the agent may forget them. */
  forgettable(frames: readonly FrameId[]): Promise<FrameId[]>;
  /** Of what an agent holds: what it may forget, and what the records do not have. */
  compareHeld(
    held: readonly { frameId: FrameId; sha256: string }[],
  ): Promise<{ forget: FrameId[]; missing: FrameId[] }>;
  /** Frames said to be uploaded and not yet verified, oldest claim first. @param except those that rest for a while */
  claimed(limit: number, except?: readonly FrameId[]): Promise<FramePicture[]>;
  /** The picture is proven: state `stored`, counters, thumbnail job, feed. False when it already was. */
  pictureStored(frame: FrameId): Promise<boolean>;
  /** The same for several, in one commit. */
  picturesStored(frames: readonly FrameId[]): Promise<void>;
  /** The picture was not what had been announced: back to `at-edge`, a fault, feed. */
  pictureRefused(frame: FrameId, code: string, reason: string): Promise<void>;
  /**
   * Events that nobody could read or record: their seqs are answered, so that the receipt passes them, and each is one
   * fault. Such an event that comes again and can be recorded then, because the control plane has learned more, is.
   */
  refuseEvents(refusals: readonly RefusedEvent[]): Promise<void>;
  keepFault(fault: { agentId: AgentId | null; code: string; reason: string; excerpt: string | null }): Promise<void>;
  /** An older session never overwrites a newer one. */
  recordStatus(agent: AgentId, status: AgentStatus): Promise<void>;
  /** The agents that are shown as online, and the connection that they were last heard on. */
  onlineAgents(): Promise<{ agentId: AgentId; session: SessionId | null }[]>;
  /** Shows an agent as offline although nobody said so, unless it has been heard on another connection since. */
  agentGone(agent: AgentId, session: SessionId | null): Promise<void>;
  settingsOf(agent: AgentId): Promise<AgentSettings | null>;
}

/** An event that was refused before the records could look at it. */
export interface RefusedEvent {
  agentId: AgentId;
  seq: number;
  code: string;
  reason: string;
  excerpt: string | null;
}

/**
 * What the broker needs to let agents in; held in memory by the broker and refreshed on `agent.changed`. An agent may have
 * two, while it changes from one to the next.
 */
export interface AgentLogin {
  agentId: AgentId;
  /** SHA-256, lower-case hex, of the agent's secret (256 random bits, so a fast hash is enough). */
  secretHash: string;
  /** The same as a Mosquitto keeps it (`$7$…`); null or not there: made before it was kept. */
  brokerHash?: string | null;
}

/** A camera's change with its password already sealed by the http room (undefined: keep, null: remove). */
export interface CameraWrite {
  name: string;
  enabled: boolean;
  source: CameraView['source'];
  username: string | null;
  sealedPassword: string | null;
  shape: CameraView['shape'];
  quality: number;
  judging: CameraView['judging'];
}

/** Sites, agents, cameras, timelapses: what people arrange. Each change that concerns an agent makes its settings newer. */
export interface PlaceRecords {
  sites(page: SeenPage): Promise<Page<SiteView>>;
  site(id: SiteId): Promise<SiteView | null>;
  createSite(input: SiteInput): Promise<SiteView>;
  /** Schedules that follow the sun move with it. @throws Failure `site.in-use` (they would be left without a place) */
  changeSite(id: SiteId, input: Partial<SiteInput>): Promise<SiteView | null>;
  agents(page: SeenPage): Promise<Page<AgentView>>;
  agent(id: AgentId): Promise<AgentView | null>;
  /** @throws Failure `site.not-found` */
  createAgent(input: {
    siteId: SiteId;
    name: string;
    secretHash: string;
    /** As a broker of a larger house keeps it. */
    brokerHash?: string | undefined;
  }): Promise<AgentView>;
  /** Only what is given changes; other limits of delivery make the agent's settings newer. */
  changeAgent(id: AgentId, change: AgentChange): Promise<AgentView | null>;
  /**
   * The agent will never come back: it may not come in any more, its timelapses are completed, and what it has not
   * reported is lost. Its frames stay. Gives the agent as it is then; null: there is none.
   */
  retireAgent(id: AgentId): Promise<AgentView | null>;
  agentLogins(): Promise<AgentLogin[]>;
  /** Raw 32 bytes, base64; null before the agent has been online once. */
  agentPublicKey(id: AgentId): Promise<string | null>;
  cameras(page: SeenPage & { siteId?: SiteId | undefined; agentId?: AgentId | undefined }): Promise<Page<CameraView>>;
  camera(id: CameraId): Promise<CameraView | null>;
  /** The id comes from the caller, because the password is sealed to it. @throws Failure `agent.not-found` */
  createCamera(id: CameraId, agent: AgentId, input: CameraWrite): Promise<CameraView>;
  /** Only what is given changes. */
  changeCamera(id: CameraId, change: Partial<CameraWrite>): Promise<CameraView | null>;
  /** @throws Failure `camera.in-use` while it has a running or paused timelapse. Its frames stay. */
  deleteCamera(id: CameraId): Promise<boolean>;
  timelapses(page: SeenPage & { cameraId?: CameraId | undefined }): Promise<Page<TimelapseView>>;
  timelapse(id: TimelapseId): Promise<TimelapseView | null>;
  /**
   * @throws Failure `camera.not-found` | `camera.busy` (it already has one that runs or is paused) | `request.place-needed`
   * (it follows the sun, and its site has no place)
   */
  startTimelapse(input: TimelapseInput): Promise<TimelapseView>;
  /** @throws Failure `timelapse.completed` | `request.place-needed` */
  changeTimelapse(id: TimelapseId, change: TimelapseChange): Promise<TimelapseView | null>;
  /** Changes nothing where it is already so. @throws Failure `timelapse.completed` (from completed there is no way back) */
  moveTimelapse(id: TimelapseId, to: 'running' | 'paused' | 'completed'): Promise<TimelapseView | null>;
  /** Completes every timelapse whose `endsAt` has passed; to be called every few seconds. Gives the ones completed now. */
  completeDueTimelapses(): Promise<TimelapseId[]>;
}

export interface FrameRecords extends CoverageRecords {
  frames(query: FrameQuery & Pick<SeenPage, 'sites'>): Promise<Page<FrameView>>;
  frame(id: FrameId): Promise<FrameView | null>;
  framePicture(id: FrameId): Promise<FramePicture | null>;
  /** Over the camera's newest `most` frames; null: it has none. */
  recentFrameSize(camera: CameraId, most: number): Promise<{ frames: number; meanBytes: number } | null>;
  faults(page: SeenPage): Promise<Page<FaultView>>;
}

export interface CommandRecords {
  createCommand(command: Exclude<AgentCommand, { type: 'watch-camera' }>, agent: AgentId): Promise<CommandView>;
  command(id: CommandId): Promise<CommandView | null>;
}

/** The feed: append-only, in the order of the commits. */
export interface FeedRecords {
  /** Entries after a position, in ascending order. */
  feedAfter(position: number, limit: number): Promise<FeedEntry[]>;
  /** 0 when the feed is empty. */
  lastPosition(): Promise<number>;
  /** The oldest position that is still kept; 0 when the feed is empty. */
  firstPosition(): Promise<number>;
  /** Calls back after each commit that appended (at once in the same process; within a second from another one). */
  onAppended(listener: () => void): () => void;
}

export interface Job {
  id: JobId;
  kind: JobView['kind'];
  /** What it is about: the id of a frame or a video, the address of a segment. */
  subject: string;
  attempt: number;
  /** Grows with each lease; a worker whose lease was taken over can no longer finish. */
  fence: number;
}

/** What came of the thumbnails of a frame; `failed`: why there are none, null: they are in the store. */
export interface ThumbnailResult {
  frameId: FrameId;
  failed: string | null;
}

/** A job that is done; what it says besides is taken in by the same commit, and only if the lease is still held. */
export interface JobEnd {
  job: Job;
  thumbnail: ThumbnailResult | null;
}

/** The jobs: leased, so that a dead worker's job is taken over; finished only by whoever holds the lease. */
export interface JobRecords {
  /** `urgent`: only what somebody who looks at new frames is waiting for. */
  lease(kinds: readonly Job['kind'][], leaseMs: number, how?: { urgent?: boolean }): Promise<Job | null>;
  /** As `lease`, up to `most` in one commit, in their order; empty: nothing is due. */
  leaseSome(kinds: readonly Job['kind'][], leaseMs: number, how: { most: number; urgent?: boolean }): Promise<Job[]>;
  /** False when the lease is lost or the job was cancelled: stop at once and write nothing. */
  heartbeat(job: Job, leaseMs: number): Promise<boolean>;
  finish(job: Job): Promise<boolean>;
  /** As `finish`, in one commit; of each whether its lease was still held. */
  finishAll(ends: readonly JobEnd[]): Promise<boolean[]>;
  /** Whoever holds the lease stops and has done nothing wrong: the job is due at once, for anybody. False when it was lost. */
  giveBack(job: Job): Promise<boolean>;
  /** Tries again after 30 s, 2 min, 5 min; then it is dead and shown. `never` makes it dead at once. */
  fail(job: Job, failure: { message: string; retry: 'soon' | 'later' | 'never' }): Promise<'again' | 'dead' | 'lost'>;
  jobs(page: PageRequest & { state?: JobView['state'] | undefined }): Promise<Page<JobView>>;
  retryJob(id: JobId): Promise<boolean>;
  jobCounts(): Promise<SystemView['jobs']>;
  /** Calls back when a job may have become due. */
  onPlanned(listener: () => void): () => void;
}

export interface ThumbnailRecords {
  /** One commit. Thumbnails that are ready stay ready, whatever a late attempt says. */
  thumbnailsDrawn(results: readonly ThumbnailResult[]): Promise<void>;
}

export interface Records
  extends IngestRecords,
    PlaceRecords,
    FrameRecords,
    VideoRecords,
    AnimationRecords,
    FilmFrameRecords,
    SegmentRecords,
    RuleRecords,
    BulkRecords,
    CommandRecords,
    PeopleRecords,
    WhereRecords,
    AuditRecords,
    ShareRecords,
    FeedRecords,
    JobRecords,
    ThumbnailRecords,
    OverlayRecords,
    WatchingRecords,
    StorageRecords,
    WeatherRecords,
    HomeRecords,
    AlarmRecords,
    ChannelRecords,
    WebhookRecords,
    EnrolmentRecords,
    RetentionRecords,
    StocktakeRecords,
    LedgerRecords {
  totals(): Promise<SystemView['records']>;
  /** Resolves when the database answers. @throws Failure `records.unreachable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}
