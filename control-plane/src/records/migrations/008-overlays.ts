import type { Migration } from './migration.ts';

/** Templates of overlays with their versions, the pictures that they show, and what each timelapse and frame has. */
export const overlays: Migration = {
  number: 8,
  name: 'overlays',
  statements: ({ integer }) => [
    `create table overlay_templates (
      id text primary key, name text not null, version ${integer} not null, created_at ${integer} not null,
      deleted_at ${integer})`,
    `create index overlay_templates_in_order on overlay_templates (created_at, id)`,
    `create table overlay_template_versions (
      template_id text not null references overlay_templates (id), version ${integer} not null, layout text not null,
      created_at ${integer} not null, primary key (template_id, version))`,
    `create table assets (
      id text primary key, name text not null, type text not null, width_px ${integer} not null,
      height_px ${integer} not null, size_bytes ${integer} not null, sha256 text not null,
      created_at ${integer} not null)`,
    `create index assets_in_order on assets (created_at, id)`,
    // Templates that come along have no row, so what a timelapse names is no foreign key.
    `create table timelapse_overlays (
      timelapse_id text primary key references timelapses (id), template_id text not null, version ${integer},
      changes text not null, sidecars ${integer} not null, revision ${integer} not null, renumber_from ${integer})`,
    `create index timelapse_overlays_of_template on timelapse_overlays (template_id)`,
    // A frame without a row, or with one of an older revision, is still to be drawn.
    `create table frame_overlays (
      frame_id text primary key, timelapse_id text not null, revision ${integer} not null, state text not null,
      reason text)`,
    `create index frame_overlays_of_timelapse on frame_overlays (timelapse_id, revision, state)`,
  ],
};
