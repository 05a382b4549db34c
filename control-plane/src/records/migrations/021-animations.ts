import type { Migration } from './migration.ts';

/** Animated previews of films. */
export const animations: Migration = {
  number: 21,
  name: 'animations',
  statements: ({ integer }) => [
    `alter table videos add column animation_state text`,
    `alter table videos add column animation_reason text`,
    `alter table videos add column gif_key text`,
    `alter table videos add column gif_bytes ${integer}`,
    `alter table videos add column webp_key text`,
    `alter table videos add column webp_bytes ${integer}`,
  ],
};
