import type { Migration } from './migration.ts';

/** Days that are over, counted; what is lost; agents that are retired. */
export const ledger: Migration = {
  number: 7,
  name: 'ledger',
  statements: ({ integer }) => [
    `create table ledgers (timelapse_id text primary key, kept_until ${integer} not null)`,
    `create index ledgers_to_keep on ledgers (kept_until)`,
    `insert into ledgers (timelapse_id, kept_until) select id, 0 from timelapses`,
    // By its end, so that the newest days are found at once.
    `create table ledger_days (
      timelapse_id text not null, from_at ${integer} not null, until_at ${integer} not null, time_zone text not null,
      date text not null, counts text not null, hours text not null, gaps text not null, primary key (timelapse_id, until_at))`,
    `create table lost_ranges (
      timelapse_id text not null, from_at ${integer} not null, until_at ${integer} not null, said_at ${integer} not null,
      reason text not null, primary key (timelapse_id, from_at, until_at))`,
    `alter table agents add column retired_at ${integer}`,
    // Retention: settings of the house, frames that go or went, events that are only known to be recorded.
    `create table house_settings (name text primary key, content text not null)`,
    `create table removed_frames (
      frame_id text primary key, marked_at ${integer} not null, removed_at ${integer})`,
    `create index removed_frames_marked on removed_frames (frame_id) where removed_at is null`,
    `alter table agents add column pruned_up_to ${integer} not null default 0`,
  ],
};
