import type { AssetId, AssetView } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { OverlayTemplateRecords } from '../ports-overlay.ts';
import type { Database } from './database.ts';
import { inUse } from './overlay-rows.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { AssetsTable } from './schema-overlay.ts';

type Assets = Pick<OverlayTemplateRecords, 'assets' | 'asset' | 'createAsset' | 'deleteAsset'>;

const assetViewOf = (row: Selectable<AssetsTable>): AssetView => ({
  id: row.id,
  name: row.name,
  type: row.type,
  widthPx: row.width_px,
  heightPx: row.height_px,
  sizeBytes: row.size_bytes,
  sha256: row.sha256,
  createdAt: row.created_at,
});

/** Pictures for overlays: the rows; their bytes are in the object store and never change under an id. */
export function createAssets({ db, change }: Database): Assets {
  return {
    async assets({ after, limit }) {
      const key = readPageKey(after);
      let query = db.selectFrom('assets').selectAll().orderBy('created_at').orderBy('id');
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '>', tuple(key.at, key.id as AssetId)),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (row) => ({ at: row.created_at, id: row.id }), view: assetViewOf });
    },

    async asset(id) {
      const row = await db.selectFrom('assets').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : assetViewOf(row);
    },

    createAsset: ({ id, name, type, widthPx, heightPx, sizeBytes, sha256 }) =>
      change(async ({ tx, now, tell }) => {
        const size = { width_px: widthPx, height_px: heightPx, size_bytes: sizeBytes };
        const row = { id, name, type, ...size, sha256, created_at: now };
        await tx.insertInto('assets').values(row).execute();
        tell({ type: 'overlay.asset-changed', body: { assetId: id, change: 'created' } });
        return assetViewOf(row);
      }),

    deleteAsset: (id) =>
      change(async ({ tx, tell }) => {
        const { numDeletedRows } = await tx.deleteFrom('assets').where('id', '=', id).executeTakeFirst();
        if (numDeletedRows === 0n) return false;
        // Ids are letters and digits, so that they stand in the JSON as they are.
        const named = `%"${id}"%`;
        const template = await tx
          .selectFrom('overlay_templates')
          .innerJoin('overlay_template_versions as said', (join) =>
            join
              .onRef('said.template_id', '=', 'overlay_templates.id')
              .onRef('said.version', '=', 'overlay_templates.version'),
          )
          .select('name')
          .where('deleted_at', 'is', null)
          .where('layout', 'like', named)
          .limit(1)
          .executeTakeFirst();
        if (template !== undefined) throw inUse('asset', `The template ${template.name} shows this picture.`);
        const timelapse = await tx
          .selectFrom('timelapse_overlays')
          .innerJoin('timelapses', 'timelapses.id', 'timelapse_id')
          .leftJoin('overlay_template_versions as said', (join) =>
            join
              .onRef('said.template_id', '=', 'timelapse_overlays.template_id')
              .onRef('said.version', '=', 'timelapse_overlays.version'),
          )
          .select('timelapses.name')
          .where((eb) => eb.or([eb('changes', 'like', named), eb('layout', 'like', named)]))
          .limit(1)
          .executeTakeFirst();
        if (timelapse !== undefined) throw inUse('asset', `The timelapse ${timelapse.name} shows this picture.`);
        tell({ type: 'overlay.asset-changed', body: { assetId: id, change: 'deleted' } });
        return true;
      }),
  };
}
