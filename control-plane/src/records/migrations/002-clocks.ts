import type { Migration } from './migration.ts';

/** What is known of the boots of agents whose clock was set late, and what the clock of a frame had said before. */
export const clocks: Migration = {
  number: 2,
  name: 'clocks',
  statements: ({ integer }) => [
    `alter table frames add column clock_source text`,
    `alter table frames add column taken_at_said ${integer}`,
    `create index frames_untrusted on frames (agent_id, boot_id) where clock = 'untrusted'`,
    `create table boot_clocks (
      agent_id text not null, boot_id text not null, booted_at ${integer} not null, seq ${integer} not null,
      primary key (agent_id, boot_id))`,
  ],
};
