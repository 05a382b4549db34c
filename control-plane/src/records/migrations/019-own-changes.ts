import type { Migration } from './migration.ts';

/** The audit log is asked by who did it: people, programs, agents, houses, or Slowlight itself. */
export const ownChanges: Migration = {
  number: 19,
  name: 'own changes',
  statements: () => [
    `update audit set actor_kind = 'home' where actor_kind = 'system' and action like 'home automation: %'`,
    `create index audit_of_kind on audit (actor_kind, id)`,
  ],
};
