import { newSiteId, type SiteView } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { PlaceRecords } from '../ports.ts';
import type { Database } from './database.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { SitesTable } from './schema.ts';
import { lockAgent, makeSettingsNewer } from './settings.ts';
import { moveSunSchedules, placeOf } from './sun-schedules.ts';
import { newestReadings } from './weather.ts';

type Sites = Pick<PlaceRecords, 'sites' | 'site' | 'createSite' | 'changeSite'>;

const view = (row: Selectable<SitesTable>, weather: SiteView['weather']): SiteView => ({
  id: row.id,
  name: row.name,
  timeZone: row.time_zone,
  latitude: row.latitude,
  longitude: row.longitude,
  weather,
  createdAt: row.created_at,
});

/** Places with a name and a time zone, oldest first. */
export function createSites({ db, change }: Database): Sites {
  return {
    async sites({ after, limit, sites }) {
      const key = readPageKey(after);
      let query = db.selectFrom('sites').selectAll().orderBy('created_at').orderBy('id');
      if (sites !== undefined)
        query = query.where('id', 'in', sites.length === 0 ? ['' as SiteView['id']] : [...sites]);
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '>', tuple(key.at, key.id as SiteView['id'])),
        );
      const rows = await query.limit(limit + 1).execute();
      const weather = await newestReadings(
        db,
        rows.map((row) => row.id),
      );
      return pageOf(rows, {
        limit,
        keyOf: (row) => ({ at: row.created_at, id: row.id }),
        view: (row) => view(row, weather.get(row.id) ?? null),
      });
    },

    async site(id) {
      const row = await db.selectFrom('sites').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : view(row, (await newestReadings(db, [id])).get(id) ?? null);
    },

    createSite: (input) =>
      change(async ({ tx, now, tell }) => {
        const row = {
          id: newSiteId(),
          name: input.name,
          time_zone: input.timeZone,
          latitude: input.latitude,
          longitude: input.longitude,
          created_at: now,
        };
        await tx.insertInto('sites').values(row).execute();
        tell({ type: 'site.changed', body: { siteId: row.id, change: 'created' } });
        return view(row, null);
      }),

    changeSite: (id, input) =>
      change(async (within) => {
        const { tx, tell } = within;
        const found = await tx.selectFrom('sites').selectAll().where('id', '=', id).executeTakeFirst();
        if (found === undefined) return null;
        const row = {
          ...found,
          name: input.name ?? found.name,
          time_zone: input.timeZone ?? found.time_zone,
          latitude: input.latitude === undefined ? found.latitude : input.latitude,
          longitude: input.longitude === undefined ? found.longitude : input.longitude,
        };
        await tx.updateTable('sites').set(row).where('id', '=', id).execute();
        tell({ type: 'site.changed', body: { siteId: id, change: 'changed' } });
        const agents = await tx.selectFrom('agents').select('id').where('site_id', '=', id).orderBy('id').execute();
        const isMoved = row.latitude !== found.latitude || row.longitude !== found.longitude;
        if (isMoved) for (const agent of agents) await lockAgent(within, agent.id);
        const moved = isMoved ? await moveSunSchedules(within, id, placeOf(row)) : null;
        const isNamedAnew = row.name !== found.name || row.time_zone !== found.time_zone;
        for (const agent of agents) if (isNamedAnew || moved?.has(agent.id)) await makeSettingsNewer(within, agent.id);
        return view(row, (await newestReadings(tx, [id])).get(id) ?? null);
      }),
  };
}
