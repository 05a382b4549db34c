import type { Migration } from './migration.ts';

/** Brokers of users' houses, and the id under which this control plane speaks to them. */
export const home: Migration = {
  number: 13,
  name: 'home',
  statements: ({ integer }) => [
    `create table home_house (number ${integer} primary key, id text not null)`,
    `create table home_brokers (
      id text primary key, name text not null, url text not null, mqtt text not null, username text,
      sealed_password text, ca text, discovery_prefix text not null, topic_root text not null,
      enabled ${integer} not null, pictures text not null, created_at ${integer} not null)`,
  ],
};
