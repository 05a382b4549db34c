import type { Migration } from './migration.ts';

/** Alarms, where they are told and what is still to be told, and webhooks that pass the feed on. */
export const alarms: Migration = {
  number: 14,
  name: 'alarms',
  statements: ({ integer, growing }) => [
    `create table alarm_rules (scope text primary key, content text not null)`,
    `create table alarms (
      id text primary key, key text not null, kind text not null, severity text not null, subject text not null,
      name text not null, site_id text, detail text not null, first_seen_at ${integer} not null, raised_at ${integer},
      told ${integer} not null, told_at ${integer}, cleared_at ${integer}, silenced_until ${integer},
      acknowledged_at ${integer}, acknowledged_by text)`,
    `create unique index alarms_open_once on alarms (key) where cleared_at is null`,
    `create index alarms_by_key on alarms (key, cleared_at)`,
    `create index alarms_in_order on alarms (raised_at, id)`,
    `create table free_spaces (
      subject text not null, at ${integer} not null, free_bytes ${integer} not null, primary key (subject, at))`,
    `create table channels (
      id text primary key, name text not null, enabled ${integer} not null, target text not null, sealed_secret text,
      site_ids text, kinds text, least_severity text not null, digest text not null, digest_hour ${integer} not null,
      created_at ${integer} not null)`,
    `create table deliveries (
      number ${growing}, id text not null unique, channel_id text not null references channels (id) on delete cascade,
      about text not null, title text not null, content text not null, state text not null, attempts ${integer} not null,
      due_at ${integer} not null, last_error text, created_at ${integer} not null, ended_at ${integer},
      unique (channel_id, about))`,
    `create index deliveries_due on deliveries (due_at, number) where state = 'waiting'`,
    `create index deliveries_in_order on deliveries (created_at, id)`,
    `create table webhooks (
      id text primary key, name text not null, url text not null, topics text not null, enabled ${integer} not null,
      sealed_secret text not null, position ${integer} not null, attempts ${integer} not null, failing_since ${integer},
      last_error text, next_try_at ${integer}, last_delivered_at ${integer}, paused_at ${integer}, paused_reason text,
      created_at ${integer} not null)`,
  ],
};
