import type { Migration } from './migration.ts';

/** How agents come in: tokens, credentials of which two may be good at once, and who may not come in any more. */
export const enrolment: Migration = {
  number: 10,
  name: 'enrolment',
  statements: ({ integer }) => [
    `alter table agents add column revoked_at ${integer}`,
    `alter table agents add column clone_suspected_at ${integer}`,
    `alter table agents add column clone_reason text`,
    `alter table agents add column boots text not null default '[]'`,
    `alter table cameras add column password_stale ${integer} not null default 0`,
    `create table agent_credentials (
      id text primary key, agent_id text not null references agents (id), secret_hash text not null, broker_hash text,
      made_by text not null, made_at ${integer} not null, used_at ${integer}, revoked_at ${integer}, first_seq ${integer})`,
    `create index agent_credentials_of on agent_credentials (agent_id, made_at)`,
    // Every agent that is there has one, and has come in with it.
    `insert into agent_credentials (id, agent_id, secret_hash, made_by, made_at, used_at)
      select 'crd-' || substr(id, 5), id, secret_hash, 'creation', created_at, created_at from agents`,
    `create table enrolments (
      id text primary key, token_hash text not null unique, site_id text not null references sites (id), name text not null,
      replaces text references agents (id), needs_acceptance ${integer} not null, state text not null,
      created_at ${integer} not null, expires_at ${integer} not null, public_key text, device text,
      agent_id text references agents (id), credential_id text, answer text)`,
    `create index enrolments_by_credential on enrolments (credential_id) where credential_id is not null`,
  ],
};
