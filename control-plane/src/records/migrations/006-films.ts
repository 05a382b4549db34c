import type { Migration } from './migration.ts';

/** Films that are made of segments, and jobs that wait for other jobs. */
export const films: Migration = {
  number: 6,
  name: 'films',
  statements: ({ integer }) => [
    `create table segments (
      address text primary key, state text not null, recipe text not null, frames ${integer} not null,
      frames_done ${integer} not null, frames_shown ${integer}, left_out text, layout text, object_key text,
      size_bytes ${integer}, created_at ${integer} not null, used_at ${integer} not null)`,
    `create index segments_by_use on segments (used_at)`,
    `create table video_segments (
      video_id text not null references videos (id) on delete cascade, position ${integer} not null,
      address text not null, primary key (video_id, position))`,
    `create index video_segments_by_address on video_segments (address)`,
    `create table shown_segments (
      video_id text not null references videos (id) on delete cascade, position ${integer} not null,
      address text not null, primary key (video_id, position))`,
    `create index shown_segments_by_address on shown_segments (address)`,
    `create table job_needs (job_id text not null, kind text not null, subject text not null, primary key (job_id, kind, subject))`,
    `create index job_needs_by_need on job_needs (kind, subject)`,
    `alter table jobs add column needs ${integer} not null default 0`,
    `alter table jobs add column again ${integer} not null default 0`,
    `alter table videos add column speed_reason text`,
    `alter table videos add column codec text not null default 'h264'`,
    `alter table videos add column object_key text`,
    // Films from before lie under a key that is made of their id alone.
    `update videos set object_key = 'videos/' || id || '.mp4' where state = 'ready'`,
    `alter table videos add column poster_key text`,
    `alter table videos add column ffmpeg text`,
    `alter table videos add column grows ${integer} not null default 0`,
    `alter table videos add column frames_seen ${integer} not null default 0`,
    `alter table videos add column changed_at ${integer}`,
    `alter table videos add column join_ms ${integer}`,
    `alter table videos add column frames_reused ${integer} not null default 0`,
    `alter table videos add column begun_at ${integer}`,
  ],
};
