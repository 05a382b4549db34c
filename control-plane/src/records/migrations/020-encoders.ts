import type { Migration } from './migration.ts';

/** What encoded a film. */
export const encoders: Migration = {
  number: 20,
  name: 'encoders',
  statements: () => [
    `alter table videos add column encoder text`,
    `alter table videos add column encoder_reason text`,
    // There was nothing else.
    `update videos set encoder = 'software' where object_key is not null`,
  ],
};
