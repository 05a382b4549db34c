/** Pictures that are recorded against those that are there: what `stocktake` asks and repairs. */
import type { FrameId } from '@slowlight/protocol';
import type { StocktakeRecords } from '../ports-ledger.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import { countPictures, uncountPictures } from './count-pictures.ts';
import type { Database } from './database.ts';
import { PICTURE_COLUMNS, pictureOf } from './frames.ts';

export function createStocktakeRecords({ db, change }: Database): StocktakeRecords {
  return {
    async picturesInStore(after, limit) {
      let query = db
        .selectFrom('frames')
        .select([...PICTURE_COLUMNS, 'frames.picture'])
        .where('picture', 'in', ['stored', 'missing'])
        .orderBy('id')
        .limit(limit);
      if (after !== null) query = query.where('id', '>', after);
      return (await query.execute()).map((row) => ({ ...pictureOf(row), missing: row.picture === 'missing' }));
    },

    async knownPictures(frames) {
      const found = [];
      for (const ids of chunked(frames, MOST_IDS))
        found.push(...(await db.selectFrom('frames').select(PICTURE_COLUMNS).where('id', 'in', ids).execute()));
      return found.map(pictureOf);
    },

    pictureMissing: (id: FrameId) =>
      change(async (within) => {
        const row = await within.tx
          .updateTable('frames')
          .set({ picture: 'missing', claimed_at: null })
          .where('id', '=', id)
          .where('picture', '=', 'stored')
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return;
        await uncountPictures(within, [row]);
        within.fault({
          agentId: row.agent_id,
          code: 'picture.missing',
          reason: `The picture of ${id} is recorded, and the object store does not have it.`,
          excerpt: null,
          key: `missing ${id}`,
        });
      }),

    pictureBack: (id: FrameId) =>
      change(async (within) => {
        const row = await within.tx
          .updateTable('frames')
          .set({ picture: 'stored' })
          .where('id', '=', id)
          .where('picture', '=', 'missing')
          .returningAll()
          .executeTakeFirst();
        if (row !== undefined) await countPictures(within, [row]);
      }),
  };
}
