import type { Migration } from './migration.ts';

/** Frames that films leave out by hand. */
export const excluded: Migration = {
  number: 16,
  name: 'excluded',
  statements: () => [
    `alter table frames add column excluded integer not null default 0`,
    `create index frames_excluded on frames (timelapse_id, at, id) where excluded = 1`,
  ],
};
