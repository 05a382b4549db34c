/** The tables of what people ask for; see `schema.ts`. */
import type {
  AgentId,
  CameraId,
  CommandId,
  CommandView,
  FilmAnimation,
  FilmCodec,
  FilmEncoder,
  FrameId,
  JobId,
  JobView,
  RuleId,
  TimelapseId,
  VideoId,
} from '@slowlight/protocol';
import type { Generated } from 'kysely';

export interface CommandsTable {
  id: CommandId;
  agent_id: AgentId;
  camera_id: CameraId | null;
  type: CommandView['type'];
  state: 'sent' | 'done' | 'refused';
  code: string | null;
  hint: string | null;
  frame_id: FrameId | null;
  answer: string | null;
  created_at: number;
  expires_at: number;
  /** The event that answered it. */
  done_seq: number | null;
}

export interface VideosTable {
  id: VideoId;
  timelapse_id: TimelapseId;
  name: string;
  state: 'queued' | 'rendering' | 'ready' | 'failed' | 'cancelled';
  input: string;
  fps: number;
  width_px: number | null;
  height_px: number | null;
  frames_total: number;
  frames_done: number;
  frames_left_out: number;
  duration_ms: number | null;
  size_bytes: number | null;
  reason: string | null;
  created_at: number;
  finished_at: number | null;
  speed_reason: Generated<string | null>;
  codec: Generated<FilmCodec>;
  /** Of the film that can be looked at; null: there is none yet. */
  object_key: Generated<string | null>;
  poster_key: Generated<string | null>;
  /** The version that joined it. */
  ffmpeg: Generated<string | null>;
  grows: Generated<0 | 1>;
  /** How many frames its timelapse had when its frames were chosen, and since when it has had another number. */
  frames_seen: Generated<number>;
  changed_at: Generated<number | null>;
  join_ms: Generated<number | null>;
  /** Since when it is being made, and how many frames of it were encoded before. */
  begun_at: Generated<number | null>;
  frames_reused: Generated<number>;
  /** What encoded it, or is to encode it from now on; null: nothing has. */
  encoder: Generated<FilmEncoder | null>;
  encoder_reason: Generated<string | null>;
  /** Of its animated preview; null: nobody has asked for one. */
  animation_state: Generated<FilmAnimation['state'] | null>;
  animation_reason: Generated<string | null>;
  gif_key: Generated<string | null>;
  gif_bytes: Generated<number | null>;
  webp_key: Generated<string | null>;
  webp_bytes: Generated<number | null>;
  /** The rule that asked for it; null: a person did. */
  rule_id: Generated<RuleId | null>;
  /** Which films go first: lower does. */
  rank: Generated<number>;
}

/** A piece of films, under the hash of all that goes into it. */
export interface SegmentsTable {
  address: string;
  state: 'wanted' | 'ready' | 'going';
  /** json: what it is made of; the render room's. */
  recipe: string;
  frames: number;
  frames_done: number;
  /** Once it is made: how many pictures it shows, which it does not and why (json), how it lies in its object (json). */
  frames_shown: number | null;
  left_out: string | null;
  layout: string | null;
  /** null: it has no picture at all. */
  object_key: string | null;
  size_bytes: number | null;
  created_at: number;
  /** When a film last asked for it. */
  used_at: number;
}

/** Which segments a film is made of next (`video_segments`), and which the one that can be looked at consists of (`shown_segments`). */
export interface VideoSegmentsTable {
  video_id: VideoId;
  position: number;
  address: string;
}

/** A job that waits until all that it needs is done. */
export interface JobNeedsTable {
  job_id: JobId;
  kind: JobView['kind'];
  subject: string;
}

/** Which frames a video shows, chosen once, so that it can be made again. */
export interface VideoFramesTable {
  video_id: VideoId;
  position: number;
  frame_id: FrameId;
}

export interface JobsTable {
  id: JobId;
  kind: JobView['kind'];
  subject: string;
  state: JobView['state'];
  /** Lower goes first. */
  priority: number;
  /** How often it was leased, and how often whoever leased it said that it failed. */
  attempts: number;
  failures: number;
  fence: number;
  lease_until: number | null;
  due_at: number;
  last_error: string | null;
  created_at: number;
  /** How many rows of `job_needs` it still has; it is not due before there is none. */
  needs: Generated<number>;
  /** Its work was asked for once more while it was being done: it is planned anew when it ends. */
  again: Generated<0 | 1>;
}

export interface FeedTable {
  position: Generated<number>;
  at: number;
  /** json: the event. */
  event: string;
}

/** One row: what is in the store. */
export interface TotalsTable {
  id: 1;
  frames: number;
  bytes: number;
}

/** Settings of the whole house, as json. */
export interface HouseSettingsTable {
  name: 'retention';
  content: string;
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
