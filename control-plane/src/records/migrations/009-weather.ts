import type { Migration } from './migration.ts';

/** What the weather was at each site in each hour, and with each frame. */
export const weather: Migration = {
  number: 9,
  name: 'weather',
  statements: ({ integer }) => [
    // json: `WeatherFacts`; null: not known.
    `alter table frames add column weather text`,
    // An hour without `read_at` is wanted; one with it and without facts will never be known.
    `create table weather_hours (
      site_id text not null references sites (id), hour ${integer} not null, facts text, read_at ${integer},
      primary key (site_id, hour))`,
    `create index weather_wanted on weather_hours (site_id, hour) where read_at is null`,
    `create index weather_known on weather_hours (site_id, hour) where facts is not null`,
    // When a site may be asked for next.
    `create table weather_rounds (
      site_id text primary key references sites (id), next_at ${integer} not null)`,
  ],
};
