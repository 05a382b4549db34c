/**
 * Promise: what a template said at a version can be read for ever, and whatever depends on the newest one follows it.
 * Invariants: a template's versions are 1, 2, 3 … without gaps; a change of what is drawn makes the revision of each
 * timelapse that follows it one higher, in the same transaction, which also plans its sidecars anew.
 */
import { newOverlayTemplateId, type OverlayLayout, type OverlayTemplateId, overlayLayout } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { Kysely } from 'kysely';
import type { OverlayTemplateRecords } from '../ports-overlay.ts';
import type { Change, Database } from './database.ts';
import { notFound } from './not-found.ts';
import { builtInView, inUse, lockTemplate, readTemplate, wantAssets } from './overlay-rows.ts';
import { followTemplate } from './overlays.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { Tables } from './schema.ts';

type Templates = Omit<OverlayTemplateRecords, 'assets' | 'asset' | 'createAsset' | 'deleteAsset'>;

export function createOverlayTemplates({ db, change }: Database): Templates {
  async function newest(within: Kysely<Tables>, row: { id: OverlayTemplateId }) {
    const view = await readTemplate(within, row.id);
    if (view === null) throw notFound('overlay-template', row.id);
    return view;
  }

  return {
    async overlayTemplates({ after, limit }) {
      const key = readPageKey(after);
      let query = db
        .selectFrom('overlay_templates')
        .innerJoin('overlay_template_versions as said', (join) =>
          join
            .onRef('said.template_id', '=', 'overlay_templates.id')
            .onRef('said.version', '=', 'overlay_templates.version'),
        )
        .select(['id', 'name', 'said.version', 'layout', 'said.created_at', 'overlay_templates.created_at as begun_at'])
        .where('deleted_at', 'is', null)
        .orderBy('overlay_templates.created_at')
        .orderBy('id');
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('overlay_templates.created_at', 'id'), '>', tuple(key.at, key.id as OverlayTemplateId)),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, {
        limit,
        keyOf: (row) => ({ at: row.begun_at, id: row.id }),
        view: ({ id, name, version, layout, created_at: createdAt }) => ({
          id,
          name,
          builtIn: false,
          version,
          newestVersion: version,
          layout: overlayLayout.parse(JSON.parse(layout)),
          createdAt,
        }),
      });
    },

    overlayTemplate: (id, version) => readTemplate(db, id, version),

    createOverlayTemplate: ({ name, layout }) =>
      change(async (within) => {
        const { tx, now, tell } = within;
        await wantAssets(within, layout.elements);
        const row = { id: newOverlayTemplateId(), name, version: 1, created_at: now };
        await tx.insertInto('overlay_templates').values(row).execute();
        await keepVersion(within, row.id, 1, layout);
        tell({ type: 'overlay.template-changed', body: { templateId: row.id, version: 1, change: 'created' } });
        return newest(tx, row);
      }),

    changeOverlayTemplate: (id, { name, layout }) =>
      change(async (within) => {
        const { tx, tell } = within;
        refuseBuiltIn(id);
        const before = await lockTemplate(within, id);
        if (before === null) return null;
        const { layout: current } = await newest(tx, before);
        const another = layout !== undefined && JSON.stringify(layout) !== JSON.stringify(current);
        if (another) {
          await wantAssets(within, layout.elements);
          await keepVersion(within, id, before.version + 1, layout);
        }
        const version = another ? before.version + 1 : before.version;
        await tx
          .updateTable('overlay_templates')
          .set({ name: name ?? before.name, version })
          .where('id', '=', id)
          .execute();
        if (another) await followTemplate(within, id);
        tell({ type: 'overlay.template-changed', body: { templateId: id, version, change: 'changed' } });
        return newest(tx, before);
      }),

    deleteOverlayTemplate: (id) =>
      change(async (within) => {
        const { tx, now, tell } = within;
        refuseBuiltIn(id);
        const before = await lockTemplate(within, id);
        if (before === null) return false;
        const user = await tx
          .selectFrom('timelapse_overlays')
          .innerJoin('timelapses', 'timelapses.id', 'timelapse_id')
          .select('timelapses.name')
          .where('template_id', '=', id)
          .limit(1)
          .executeTakeFirst();
        if (user !== undefined) throw inUse('overlay-template', `The timelapse ${user.name} shows this template.`);
        await tx.updateTable('overlay_templates').set({ deleted_at: now }).where('id', '=', id).execute();
        tell({
          type: 'overlay.template-changed',
          body: { templateId: id, version: before.version, change: 'deleted' },
        });
        return true;
      }),
  };
}

async function keepVersion({ tx, now }: Change, id: OverlayTemplateId, version: number, layout: OverlayLayout) {
  const row = { template_id: id, version, layout: JSON.stringify(layout), created_at: now };
  await tx.insertInto('overlay_template_versions').values(row).execute();
}

function refuseBuiltIn(id: OverlayTemplateId): void {
  if (builtInView(id) === null) return;
  throw new Failure({
    code: 'overlay-template.built-in',
    message: 'This template comes along and cannot be changed or deleted.',
    hint: 'Duplicate it and change the duplicate.',
    retry: 'never',
  });
}
