/** The tables as the code sees them. Times are whole ms since the epoch, yes/no is 1/0, `json` columns hold JSON text. */
import type {
  AgentId,
  CameraId,
  CommandId,
  FrameId,
  PictureType,
  SessionId,
  SiteId,
  SpanId,
  TimelapseId,
} from '@slowlight/protocol';
import type { Generated } from 'kysely';
import type {
  CommandsTable,
  FeedTable,
  JobsTable,
  SessionsTable,
  TokensTable,
  TotalsTable,
  UsersTable,
  VideoFramesTable,
  VideosTable,
} from './schema-work.ts';

export type Flag = 0 | 1;
export type PictureState = 'at-edge' | 'claimed' | 'stored' | 'evicted';
export type SettledOutcome = 'captured' | 'flagged' | 'discarded' | 'failed' | 'skipped';

export interface SitesTable {
  id: SiteId;
  name: string;
  time_zone: string;
  latitude: number | null;
  longitude: number | null;
  created_at: number;
}

export interface AgentsTable {
  id: AgentId;
  site_id: SiteId;
  name: string;
  secret_hash: string;
  state: 'never-seen' | 'online' | 'stopped' | 'offline';
  state_since: number | null;
  session: SessionId | null;
  /** When the current session said so, by the agent's clock. */
  session_sent_at: number | null;
  /** json: the sessions before the current one, newest first. */
  past_sessions: string;
  version: string | null;
  public_key: string | null;
  settings_version: number;
  settings_applied: number;
  /** json: the newest device report, by `device_seq`. */
  device: string | null;
  device_seq: number;
  /** Every event up to here is in the inbox. */
  recorded_up_to: number;
  created_at: number;
}

export interface CamerasTable {
  id: CameraId;
  agent_id: AgentId;
  name: string;
  enabled: Flag;
  source: string;
  username: string | null;
  sealed_password: string | null;
  shape: string;
  quality: number;
  judging: string;
  health: 'unknown' | 'online' | 'degraded' | 'offline';
  health_code: string | null;
  health_hint: string | null;
  /** The event that said so; a lower one never overwrites it. */
  health_seq: number;
  newest_frame_id: FrameId | null;
  newest_at: number | null;
  created_at: number;
  /** A deleted camera keeps its row, because its frames stay. */
  deleted_at: number | null;
}

export interface TimelapsesTable {
  id: TimelapseId;
  camera_id: CameraId;
  name: string;
  state: 'running' | 'paused' | 'completed';
  schedule: string;
  /** `endsAt` of the schedule, to find what is due to be completed. */
  ends_at: number | null;
  started_at: number;
  completed_at: number | null;
  /** Counted over the frames whose picture is stored, in the transaction that stores it. */
  frames: number;
  flagged: number;
  bytes: number;
  first_frame_at: number | null;
  last_frame_at: number | null;
}

export interface SpansTable {
  id: SpanId;
  agent_id: AgentId;
  timelapse_id: TimelapseId;
  schedule: string;
  from_at: number;
  until_at: number | null;
  first_at_once: Flag;
  /** The lowest event that reported it. */
  seq: number;
}

/** One row for each event that was ever answered: what was said, and whether it was refused. */
export interface InboxTable {
  agent_id: AgentId;
  seq: number;
  /** SHA-256 of the event's content, lower-case hex. */
  digest: string;
  refused_code: string | null;
  refused_reason: string | null;
}

export interface FramesTable {
  id: FrameId;
  agent_id: AgentId;
  camera_id: CameraId;
  timelapse_id: TimelapseId | null;
  command_id: CommandId | null;
  due_at: number | null;
  /** `due_at`, or `taken_at` for a manual frame: where it is filed. */
  at: number;
  taken_at: number;
  boot_id: string;
  monotonic_ms: number;
  clock: 'synchronised' | 'untrusted';
  width_px: number;
  height_px: number;
  source_width_px: number;
  source_height_px: number;
  type: PictureType;
  size_bytes: number;
  sha256: string;
  age_at_slot_ms: number | null;
  score: number;
  faults: string;
  measures: string;
  judge: string;
  flagged: Flag;
  picture: PictureState;
  claimed_at: number | null;
  evicted_reason: string | null;
  stored_at: number | null;
  thumbnail: 'pending' | 'ready' | 'failed';
  thumbnail_reason: string | null;
  recorded_at: number;
}

/** What was said of frames that are not announced yet; moves into the frame when it is. */
export interface EarlyFactsTable {
  frame_id: FrameId;
  claimed_at: number | null;
  evicted_reason: string | null;
}

/** One row for each slot that was reported on its own. */
export interface SlotsTable {
  timelapse_id: TimelapseId;
  due_at: number;
  reported: SettledOutcome;
  /** `reported`, or `evicted` while the frame's picture is. */
  outcome: SettledOutcome | 'evicted';
  reason: string | null;
  detail: string | null;
  frame_id: FrameId | null;
  agent_id: AgentId;
  seq: number;
}

/** Slots that nobody took, as ranges: inclusive at both ends. A slot that has a row in `slots` is not missed. */
export interface MissedRangesTable {
  agent_id: AgentId;
  seq: number;
  timelapse_id: TimelapseId;
  first_due_at: number;
  last_due_at: number;
  count: number;
  reason: string;
}

export interface FaultsTable {
  id: Generated<number>;
  at: number;
  agent_id: AgentId | null;
  code: string;
  reason: string;
  excerpt: string | null;
  /** Faults that may be found more than once, but are one: kept once. */
  key: string | null;
}

export interface Tables {
  sites: SitesTable;
  agents: AgentsTable;
  cameras: CamerasTable;
  timelapses: TimelapsesTable;
  spans: SpansTable;
  inbox: InboxTable;
  frames: FramesTable;
  early_facts: EarlyFactsTable;
  slots: SlotsTable;
  missed_ranges: MissedRangesTable;
  faults: FaultsTable;
  commands: CommandsTable;
  videos: VideosTable;
  video_frames: VideoFramesTable;
  jobs: JobsTable;
  feed: FeedTable;
  users: UsersTable;
  sessions: SessionsTable;
  tokens: TokensTable;
  totals: TotalsTable;
}
