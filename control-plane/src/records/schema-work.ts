/** The tables of what people ask for and of who they are; see `schema.ts`. */
import type {
  AgentId,
  CameraId,
  CommandId,
  FrameId,
  JobId,
  JobView,
  TimelapseId,
  TokenId,
  UserId,
  UserView,
  VideoId,
} from '@slowlight/protocol';
import type { Generated } from 'kysely';

export interface CommandsTable {
  id: CommandId;
  agent_id: AgentId;
  camera_id: CameraId | null;
  type: 'capture-now' | 'test-camera';
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
}

export interface FeedTable {
  position: Generated<number>;
  at: number;
  /** json: the event. */
  event: string;
}

export interface UsersTable {
  id: UserId;
  name: string;
  /** Lower case: names differ by more than case. */
  name_key: string;
  role: UserView['role'];
  password_hash: string;
  must_change_password: 0 | 1;
  created_at: number;
}

export interface SessionsTable {
  secret_hash: string;
  user_id: UserId;
  expires_at: number;
}

export interface TokensTable {
  id: TokenId;
  name: string;
  role: UserView['role'];
  secret_hash: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

/** One row: what is in the store. */
export interface TotalsTable {
  id: 1;
  frames: number;
  bytes: number;
}
