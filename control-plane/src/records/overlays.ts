/**
 * Promise: what is drawn over the frames of a timelapse is built-in style, its template, and its own changes.
 * Invariants: a timelapse's revision grows with everything that can be seen, and is never used twice, also when its overlay
 * was taken away in between; whoever follows the newest version of a template follows it in the same transaction.
 */
import {
  type OverlayTemplateId,
  overlayChanges,
  type TimelapseId,
  type TimelapseOverlayView,
} from '@slowlight/protocol';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { FrameOverlayRecords } from '../ports-overlay.ts';
import type { Change, Database } from './database.ts';
import { notFound } from './not-found.ts';
import { builtInView, lockTemplate, overlayOf, readTemplate, wantAssets } from './overlay-rows.ts';
import type { Tables } from './schema.ts';
import type { TimelapseOverlaysTable } from './schema-overlay.ts';
import { countSidecars } from './sidecars.ts';

type Overlays = Pick<FrameOverlayRecords, 'timelapseOverlay' | 'setTimelapseOverlay' | 'overlayOf'>;
type Row = Selectable<TimelapseOverlaysTable>;

export function createOverlays({ db, change }: Database): Overlays {
  const rowOf = (within: Kysely<Tables>, id: TimelapseId) =>
    within.selectFrom('timelapse_overlays').selectAll().where('timelapse_id', '=', id).executeTakeFirst();

  async function view(within: Kysely<Tables>, row: Row): Promise<TimelapseOverlayView> {
    return {
      timelapseId: row.timelapse_id,
      templateId: row.template_id,
      version: row.version,
      changes: overlayChanges.parse(JSON.parse(row.changes)),
      sidecars: row.sidecars === 1,
      revision: row.revision,
      progress: row.sidecars === 1 ? await countSidecars(within, row) : null,
    };
  }

  return {
    async timelapseOverlay(id) {
      const row = await rowOf(db, id);
      return row === undefined ? null : view(db, row);
    },

    setTimelapseOverlay: (id, input) =>
      change(async (within) => {
        const { tx, tell } = within;
        const timelapse = await tx.selectFrom('timelapses').select('id').where('id', '=', id).executeTakeFirst();
        if (timelapse === undefined) throw notFound('timelapse', id);
        if (input === null) {
          const gone = await tx.deleteFrom('timelapse_overlays').where('timelapse_id', '=', id).executeTakeFirst();
          if (gone.numDeletedRows === 0n) return null;
          await staleFilms(tx, id);
          tell({ type: 'overlay.changed', body: { timelapseId: id, revision: 0 } });
          return null;
        }
        const { templateId, version, changes, sidecars } = input;
        if (builtInView(templateId) === null && (await lockTemplate(within, templateId)) === null)
          throw notFound('overlay-template', templateId);
        if ((await readTemplate(tx, templateId, version ?? undefined)) === null)
          throw notFound('overlay-template', `${templateId} of version ${version}`);
        await wantAssets(within, changes.elements);
        const said = {
          template_id: templateId,
          version,
          changes: JSON.stringify(changes),
          sidecars: sidecars ? 1 : 0,
        } as const;
        const before = await rowOf(tx, id);
        if (before !== undefined && sameAs(before, said)) return view(tx, before);
        // Higher than any that was ever drawn, also when the overlay had been taken away.
        const drawn = sql<number>`coalesce((select max(revision) from frame_overlays where timelapse_id = ${id}), 0) + 1`;
        const row = await tx
          .insertInto('timelapse_overlays')
          .values({ timelapse_id: id, ...said, revision: drawn })
          .onConflict((conflict) =>
            conflict
              .column('timelapse_id')
              .doUpdateSet((eb) => ({ ...said, revision: eb('timelapse_overlays.revision', '+', 1) })),
          )
          .returningAll()
          .executeTakeFirstOrThrow();
        await planRemake(within, row);
        return view(tx, row);
      }),

    async overlayOf(id) {
      const row = await rowOf(db, id);
      return row === undefined ? null : overlayOf(db, row);
    },
  };
}

const sameAs = (row: Row, said: Pick<Row, 'template_id' | 'version' | 'changes' | 'sidecars'>): boolean =>
  row.template_id === said.template_id &&
  row.version === said.version &&
  row.changes === said.changes &&
  row.sidecars === said.sidecars;

/** All timelapses that show the newest version of a template show another one now. */
export async function followTemplate(within: Change, template: OverlayTemplateId): Promise<void> {
  const rows = await within.tx
    .updateTable('timelapse_overlays')
    .set((eb) => ({ revision: eb('revision', '+', 1) }))
    .where('template_id', '=', template)
    .where('version', 'is', null)
    .returningAll()
    .execute();
  for (const row of rows) await planRemake(within, row);
}

async function planRemake({ tx, plan, tell }: Change, { timelapse_id, sidecars, revision }: Row): Promise<void> {
  tell({ type: 'overlay.changed', body: { timelapseId: timelapse_id, revision } });
  if (sidecars === 1) plan('overlay-remake', `${timelapse_id}.r${revision}`);
  await staleFilms(tx, timelapse_id);
}

/** Growing films that show the overlay are looked at again, as if frames had come. */
async function staleFilms(tx: Kysely<Tables>, timelapse: TimelapseId): Promise<void> {
  await tx
    .updateTable('videos')
    .set({ frames_seen: -1 })
    .where('timelapse_id', '=', timelapse)
    .where('grows', '=', 1)
    .where('input', 'like', '%"overlay":true%')
    .execute();
}
