import type { Migration } from './migration.ts';

/** Everything the first version keeps. */
export const first: Migration = {
  number: 1,
  name: 'first',
  statements: ({ integer, real, growing }) => [
    `create table sites (
      id text primary key, name text not null, time_zone text not null, latitude ${real}, longitude ${real},
      created_at ${integer} not null)`,
    `create table agents (
      id text primary key, site_id text not null references sites (id), name text not null, secret_hash text not null,
      state text not null, state_since ${integer}, session text, session_sent_at ${integer}, past_sessions text not null,
      version text, public_key text, settings_version ${integer} not null, settings_applied ${integer} not null,
      device text, device_seq ${integer} not null, recorded_up_to ${integer} not null, created_at ${integer} not null)`,
    `create index agents_of_site on agents (site_id)`,
    `create table cameras (
      id text primary key, agent_id text not null references agents (id), name text not null, enabled ${integer} not null,
      source text not null, username text, sealed_password text, shape text not null, quality ${integer} not null,
      judging text not null, health text not null, health_code text, health_hint text, health_seq ${integer} not null,
      newest_frame_id text, newest_at ${integer}, created_at ${integer} not null, deleted_at ${integer})`,
    `create index cameras_of_agent on cameras (agent_id)`,
    `create table timelapses (
      id text primary key, camera_id text not null references cameras (id), name text not null, state text not null,
      schedule text not null, ends_at ${integer}, started_at ${integer} not null, completed_at ${integer},
      frames ${integer} not null, flagged ${integer} not null, bytes ${integer} not null,
      first_frame_at ${integer}, last_frame_at ${integer})`,
    `create index timelapses_of_camera on timelapses (camera_id, started_at)`,
    `create unique index timelapses_one_active on timelapses (camera_id) where state in ('running', 'paused')`,
    `create table spans (
      id text primary key, agent_id text not null, timelapse_id text not null, schedule text not null,
      from_at ${integer} not null, until_at ${integer}, first_at_once ${integer} not null, seq ${integer} not null)`,
    `create index spans_of_timelapse on spans (timelapse_id, from_at)`,
    `create table inbox (
      agent_id text not null, seq ${integer} not null, digest text not null, refused_code text, refused_reason text,
      primary key (agent_id, seq))`,
    // Cameras and timelapses of frames, slots and ranges are not foreign keys: what an agent reports is kept, also when it
    // speaks of something that these records do not know (any more), such as after a restore from a backup.
    `create table frames (
      id text primary key, agent_id text not null, camera_id text not null, timelapse_id text, command_id text,
      due_at ${integer}, at ${integer} not null, taken_at ${integer} not null, boot_id text not null,
      monotonic_ms ${real} not null, clock text not null, width_px ${integer} not null, height_px ${integer} not null,
      source_width_px ${integer} not null, source_height_px ${integer} not null, type text not null,
      size_bytes ${integer} not null, sha256 text not null, age_at_slot_ms ${real}, score ${integer} not null,
      faults text not null, measures text not null, judge text not null, flagged ${integer} not null,
      picture text not null, claimed_at ${integer}, evicted_reason text, stored_at ${integer},
      thumbnail text not null, thumbnail_reason text, recorded_at ${integer} not null)`,
    `create index frames_in_order on frames (at, id)`,
    `create index frames_of_camera on frames (camera_id, at, id)`,
    `create index frames_of_timelapse on frames (timelapse_id, at, id)`,
    `create index frames_flagged on frames (at, id) where flagged = 1`,
    `create index frames_flagged_of_camera on frames (camera_id, at, id) where flagged = 1`,
    `create index frames_flagged_of_timelapse on frames (timelapse_id, at, id) where flagged = 1`,
    `create index frames_claimed on frames (claimed_at, id) where picture = 'claimed'`,
    `create table early_facts (frame_id text primary key, claimed_at ${integer}, evicted_reason text)`,
    `create table slots (
      timelapse_id text not null, due_at ${integer} not null, reported text not null, outcome text not null, reason text,
      detail text, frame_id text, agent_id text not null, seq ${integer} not null, primary key (timelapse_id, due_at))`,
    `create index slots_of_frame on slots (frame_id)`,
    `create table missed_ranges (
      agent_id text not null, seq ${integer} not null, timelapse_id text not null, first_due_at ${integer} not null,
      last_due_at ${integer} not null, count ${integer} not null, reason text not null, primary key (agent_id, seq))`,
    `create index missed_of_timelapse on missed_ranges (timelapse_id, last_due_at)`,
    `create table faults (
      id ${growing}, at ${integer} not null, agent_id text, code text not null, reason text not null, excerpt text,
      key text unique)`,
    `create table commands (
      id text primary key, agent_id text not null, camera_id text, type text not null, state text not null, code text,
      hint text, frame_id text, answer text, created_at ${integer} not null, expires_at ${integer} not null,
      done_seq ${integer})`,
    `create table videos (
      id text primary key, timelapse_id text not null references timelapses (id), name text not null,
      state text not null, input text not null, fps ${real} not null, width_px ${integer}, height_px ${integer},
      frames_total ${integer} not null, frames_done ${integer} not null, frames_left_out ${integer} not null,
      duration_ms ${integer}, size_bytes ${integer}, reason text, created_at ${integer} not null,
      finished_at ${integer})`,
    `create index videos_in_order on videos (created_at, id)`,
    `create index videos_of_timelapse on videos (timelapse_id, created_at, id)`,
    `create table video_frames (
      video_id text not null references videos (id) on delete cascade, position ${integer} not null,
      frame_id text not null, primary key (video_id, position))`,
    `create table jobs (
      id text primary key, kind text not null, subject text not null, state text not null, priority ${integer} not null,
      attempts ${integer} not null, failures ${integer} not null, fence ${integer} not null, lease_until ${integer},
      due_at ${integer} not null, last_error text, created_at ${integer} not null)`,
    `create unique index jobs_once on jobs (kind, subject) where state in ('waiting', 'running')`,
    `create index jobs_to_do on jobs (priority, due_at, id) where state in ('waiting', 'running')`,
    `create index jobs_by_state on jobs (state, created_at, id)`,
    `create index jobs_in_order on jobs (created_at, id)`,
    `create table feed (position ${growing}, at ${integer} not null, event text not null)`,
    `create table users (
      id text primary key, name text not null, name_key text not null unique, role text not null,
      password_hash text not null, must_change_password ${integer} not null, created_at ${integer} not null)`,
    `create table sessions (
      secret_hash text primary key, user_id text not null references users (id) on delete cascade,
      expires_at ${integer} not null)`,
    `create index sessions_of_user on sessions (user_id)`,
    `create index sessions_by_end on sessions (expires_at)`,
    `create table tokens (
      id text primary key, name text not null, role text not null, secret_hash text not null unique,
      created_at ${integer} not null, expires_at ${integer}, last_used_at ${integer})`,
    `create table totals (id ${integer} primary key, frames ${integer} not null, bytes ${integer} not null)`,
    `insert into totals (id, frames, bytes) values (1, 0, 0)`,
  ],
};
