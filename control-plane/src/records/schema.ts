/** The tables as the code sees them. Times are whole ms since the epoch, yes/no is 1/0, `json` columns hold JSON text. */
import type {
  AgentId,
  CameraId,
  ClockSource,
  CommandId,
  FrameId,
  PictureType,
  SessionId,
  SiteId,
  SpanId,
  TimelapseId,
} from '@slowlight/protocol';
import type { Generated } from 'kysely';
import type { AlarmTables } from './schema-alarms.ts';
import type { AutomationTables } from './schema-automation.ts';
import type { AgentIdentityColumns, CameraSecretColumns, EnrolmentTables } from './schema-enrolment.ts';
import type { HomeTables } from './schema-home.ts';
import type { OverlayTables } from './schema-overlay.ts';
import type { PeopleTables } from './schema-people.ts';
import type { WeatherTables } from './schema-weather.ts';
import type {
  CommandsTable,
  FaultsTable,
  FeedTable,
  HouseSettingsTable,
  JobNeedsTable,
  JobsTable,
  SegmentsTable,
  TotalsTable,
  VideoFramesTable,
  VideoSegmentsTable,
  VideosTable,
} from './schema-work.ts';

export type Flag = 0 | 1;
export type PictureState = 'at-edge' | 'claimed' | 'stored' | 'missing' | 'evicted';
export type SettledOutcome = 'captured' | 'flagged' | 'discarded' | 'failed' | 'skipped';

export interface SitesTable {
  id: SiteId;
  name: string;
  time_zone: string;
  latitude: number | null;
  longitude: number | null;
  created_at: number;
}

export interface AgentsTable extends AgentIdentityColumns {
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
  /** json: budget and hours of delivery; null: no limits. */
  delivery: string | null;
  /** Every event up to here is in the inbox. */
  recorded_up_to: number;
  created_at: number;
  /** From then on it may not come in any more. */
  retired_at: number | null;
  /** Of events up to here nothing is remembered but that they are recorded, and those that were refused. */
  pruned_up_to: Generated<number>;
}

export interface CamerasTable extends CameraSecretColumns {
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

/** When a boot of an agent began, once that is known; the newest event that said so counts. */
export interface BootClocksTable {
  agent_id: AgentId;
  boot_id: string;
  booted_at: number;
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
  clock_source: ClockSource | null;
  /** What its device's clock said, where `taken_at` was put right since. */
  taken_at_said: number | null;
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
  /** Films leave it out, because somebody said so. */
  excluded: Generated<Flag>;
  picture: PictureState;
  claimed_at: number | null;
  evicted_reason: string | null;
  stored_at: number | null;
  thumbnail: 'pending' | 'ready' | 'failed';
  thumbnail_reason: string | null;
  /** json: `WeatherFacts`; null: not known, or not yet. */
  weather: string | null;
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

/** How far the days of a timelapse are counted: every day that is over and begins before `kept_until` has its row. */
export interface LedgersTable {
  timelapse_id: TimelapseId;
  kept_until: number;
}

/** A day that is over, counted. It has no row while something about it has changed. */
export interface LedgerDaysTable {
  timelapse_id: TimelapseId;
  from_at: number;
  until_at: number;
  time_zone: string;
  /** Of its begin on the wall of the time zone, such as `2026-06-01`. */
  date: string;
  /** json: `DayPage` of `ledger-page.ts`, in parts: what is asked for of thousands of days stays small. */
  counts: string;
  hours: string;
  gaps: string;
}

/** Stretches of which somebody said that nothing more will come; from inclusive, until exclusive. */
export interface LostRangesTable {
  timelapse_id: TimelapseId;
  from_at: number;
  until_at: number;
  said_at: number;
  reason: string;
}

/** Frames that shall go, and those that are gone (then `removed_at` is set). */
export interface RemovedFramesTable {
  frame_id: FrameId;
  marked_at: number;
  removed_at: number | null;
}

export interface Tables
  extends EnrolmentTables,
    HomeTables,
    AlarmTables,
    AutomationTables,
    OverlayTables,
    PeopleTables,
    WeatherTables {
  sites: SitesTable;
  agents: AgentsTable;
  cameras: CamerasTable;
  timelapses: TimelapsesTable;
  spans: SpansTable;
  boot_clocks: BootClocksTable;
  inbox: InboxTable;
  frames: FramesTable;
  early_facts: EarlyFactsTable;
  slots: SlotsTable;
  missed_ranges: MissedRangesTable;
  ledgers: LedgersTable;
  ledger_days: LedgerDaysTable;
  lost_ranges: LostRangesTable;
  removed_frames: RemovedFramesTable;
  house_settings: HouseSettingsTable;
  faults: FaultsTable;
  commands: CommandsTable;
  videos: VideosTable;
  video_frames: VideoFramesTable;
  segments: SegmentsTable;
  video_segments: VideoSegmentsTable;
  shown_segments: VideoSegmentsTable;
  jobs: JobsTable;
  job_needs: JobNeedsTable;
  feed: FeedTable;
  totals: TotalsTable;
}
