import type { Migration } from './migration.ts';

/** Rules that make films by themselves, which films go first, and work on many frames at once. */
export const automation: Migration = {
  number: 15,
  name: 'automation',
  statements: ({ integer }) => [
    `create table rules (
      id text primary key, timelapse_id text not null references timelapses (id) on delete cascade,
      enabled ${integer} not null, content text not null, created_at ${integer} not null, seen_at ${integer} not null,
      seen_frames ${integer} not null, fired_at ${integer}, runs ${integer} not null default 0)`,
    `create index rules_by_timelapse on rules (timelapse_id, created_at)`,
    `create table rule_occurrences (
      rule_id text not null references rules (id) on delete cascade, occurrence text not null,
      number ${integer} not null, at ${integer} not null, outcome text not null, count ${integer} not null,
      video_id text, reason text, primary key (rule_id, occurrence))`,
    `create unique index rule_occurrences_by_number on rule_occurrences (rule_id, number)`,
    `create table bulk_jobs (
      id text primary key, what text not null, which text not null, timelapse_id text, site_id text, state text not null,
      total ${integer} not null, looked_at ${integer} not null default 0, made ${integer} not null default 0,
      failed ${integer} not null default 0, behind text, reason text, created_at ${integer} not null, ended_at ${integer})`,
    `create index bulk_jobs_in_order on bulk_jobs (created_at, id)`,
    `alter table videos add column rule_id text`,
    `alter table videos add column rank ${integer} not null default 0`,
    `create index videos_by_rule on videos (rule_id)`,
  ],
};
