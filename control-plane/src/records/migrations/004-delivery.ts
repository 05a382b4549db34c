import type { Migration } from './migration.ts';

/** Budget and hours of an agent's delivery, as json; null: no limits. */
export const delivery: Migration = {
  number: 4,
  name: 'delivery',
  statements: () => [
    `alter table agents add column delivery text`,
    // What is awaited of an agent, to be compared with what it holds.
    `create index frames_at_edge on frames (agent_id) where picture = 'at-edge'`,
  ],
};
