import type { Migration } from './migration.ts';

/** Roles at sites, second factors, where somebody is logged in, narrower tokens, who changed what, links for strangers. */
export const people: Migration = {
  number: 12,
  name: 'people',
  statements: ({ integer, growing }) => [
    `alter table users add column enabled ${integer} not null default 1`,
    `alter table users add column last_login_at ${integer}`,
    `alter table users add column open_id text`,
    `alter table users add column totp_secret text`,
    `alter table users add column totp_offered text`,
    `alter table users add column totp_step ${integer}`,
    `create unique index users_by_open_id on users (open_id)`,
    `create index users_in_order on users (created_at, id)`,
    `create table user_sites (
      user_id text not null references users (id) on delete cascade, site_id text not null references sites (id),
      role text not null, primary key (user_id, site_id))`,
    `create table recovery_codes (
      user_id text not null references users (id) on delete cascade, code_hash text not null,
      primary key (user_id, code_hash))`,
    // Sessions that are open stay open; what is listed of them is made of what is known.
    `alter table sessions add column id text not null default ''`,
    `alter table sessions add column created_at ${integer} not null default 0`,
    `alter table sessions add column seen_at ${integer} not null default 0`,
    `alter table sessions add column address text`,
    `alter table sessions add column browser text`,
    `update sessions set id = 'lgn-' || substr(secret_hash, 1, 16), created_at = expires_at - 2592000000,
      seen_at = expires_at - 2592000000`,
    `alter table tokens add column scopes text`,
    `alter table tokens add column sites text`,
    `create table audit (
      id ${growing}, at ${integer} not null, actor_kind text not null, actor_id text, actor_name text, address text,
      action text not null, subject text, site_id text, result text not null, code text, "before" text, "after" text)`,
    `create index audit_by_time on audit (at, id)`,
    `create index audit_of_actor on audit (actor_id, id)`,
    `create index audit_of_subject on audit (subject, id)`,
    `create table shares (
      id text primary key, secret_hash text not null unique, name text not null,
      timelapse_id text not null references timelapses (id), video_id text references videos (id) on delete cascade,
      delay_ms ${integer} not null, pictures ${integer} not null, embedded_by text, created_at ${integer} not null,
      created_by text, expires_at ${integer}, revoked_at ${integer}, views ${integer} not null,
      last_viewed_at ${integer})`,
    `create index shares_in_order on shares (created_at, id)`,
    `create index shares_of_timelapse on shares (timelapse_id, created_at, id)`,
    `create index shares_of_video on shares (video_id)`,
  ],
};
