/**
 * Promise: a frame has the weather of its hour as soon as somebody knows it, also when the frame or the reading comes late.
 * Invariants: a reading and the frames that it was missing for are one commit, a day at a time; a reading that is known never
 * changes; a site is asked for by one process at a time, and at most once in an hour.
 * When it fails: the hour stays wanted.
 */
import { type FrameId, type SiteId, type SiteView, type TimelapseId, weatherHourOf } from '@slowlight/protocol';
import { type Kysely, sql } from 'kysely';
import type { WeatherRecords } from '../ports-weather.ts';
import { chunked } from './chunked.ts';
import type { Change, Database } from './database.ts';
import { readFacts } from './record-weather.ts';
import type { Tables } from './schema.ts';
import { redrawSidecars } from './sidecars.ts';

const HOUR_MS = 3_600_000;
/** A site whose newest picture is younger than this is served by the way, before its next frame comes. */
const SERVED_MS = 2 * HOUR_MS;
/** What nobody knows after so long, nobody will. */
const WANTED_FOR_MS = 7 * 24 * HOUR_MS;
const MOST_HOURS = 2000;
const HOURS_AT_ONCE = 24;

export function createWeatherRecords({ db, change, clock }: Database): WeatherRecords {
  const findDue = (now: number) =>
    db
      .selectFrom('sites')
      .leftJoin('weather_rounds as round', 'round.site_id', 'sites.id')
      .select(['sites.id', 'sites.latitude', 'sites.longitude'])
      .where('sites.latitude', 'is not', null)
      .where('sites.longitude', 'is not', null)
      .where((eb) => eb.or([eb('round.next_at', 'is', null), eb('round.next_at', '<=', now)]))
      .where((eb) => eb.or([hasWanted(now), eb.and([isServed(now), eb.not(hasHour(weatherHourOf(now)))])]))
      .orderBy('sites.id')
      .limit(1)
      .executeTakeFirst();

  return {
    async claimWeather() {
      // A look that finds nothing takes no lock.
      const site = await findDue(clock.now());
      if (site === undefined || site.latitude === null || site.longitude === null) return null;
      const { id: siteId, latitude, longitude } = site;
      return change(async ({ tx, now }) => {
        const thisHour = weatherHourOf(now);
        const claimed = await tx
          .insertInto('weather_rounds')
          .values({ site_id: siteId, next_at: thisHour + HOUR_MS })
          .onConflict((conflict) =>
            conflict
              .column('site_id')
              .doUpdateSet({ next_at: thisHour + HOUR_MS })
              .where('weather_rounds.next_at', '<=', now),
          )
          .returning('site_id')
          .executeTakeFirst();
        if (claimed === undefined) return null;
        const rows = await tx
          .selectFrom('weather_hours')
          .select('hour')
          .where('site_id', '=', siteId)
          .where('read_at', 'is', null)
          .where('hour', '<=', now)
          .orderBy('hour', 'desc')
          .limit(MOST_HOURS)
          .execute();
        const { served } = await tx
          .selectNoFrom(
            sql<number>`case when ${isServed(now, siteId)} and not ${hasHour(thisHour, siteId)}
            then 1 else 0 end`.as('served'),
          )
          .executeTakeFirstOrThrow();
        const hours = rows.map((row) => row.hour);
        return { siteId, latitude, longitude, hours: served === 1 ? [thisHour, ...hours] : hours };
      });
    },

    async weatherRead(site, readings) {
      for (const some of chunked(readings, HOURS_AT_ONCE)) await change((within) => keep(within, site, some));
    },

    weatherFailed: (site, waitMs) =>
      change(async ({ tx, now }) => {
        await tx
          .updateTable('weather_rounds')
          .set({ next_at: now + waitMs })
          .where('site_id', '=', site)
          .execute();
      }),
  };
}

const SITE = sql.ref<SiteId>('sites.id');
const hasWanted = (now: number) =>
  sql<boolean>`exists (select 1 from weather_hours where site_id = ${SITE} and read_at is null and hour <= ${now})`;
const hasHour = (hour: number, site: SiteId | typeof SITE = SITE) =>
  sql<boolean>`exists (select 1 from weather_hours where site_id = ${site} and hour = ${hour})`;
const isServed = (now: number, site: SiteId | typeof SITE = SITE) =>
  sql<boolean>`exists (select 1 from cameras join agents on agents.id = cameras.agent_id
    where agents.site_id = ${site} and cameras.newest_at between ${now - SERVED_MS} and ${now})`;

async function keep(
  within: Change,
  site: SiteId,
  readings: Parameters<WeatherRecords['weatherRead']>[1],
): Promise<void> {
  const { tx, now, tell } = within;
  const settled = readings
    .filter(({ hour, facts }) => facts !== null || hour < now - WANTED_FOR_MS)
    .toSorted((a, b) => a.hour - b.hour);
  if (settled.length === 0) return;
  const kept = await tx
    .insertInto('weather_hours')
    .values(
      settled.map(({ hour, facts }) => ({
        site_id: site,
        hour,
        facts: facts === null ? null : JSON.stringify(facts),
        read_at: now,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['site_id', 'hour'])
        .doUpdateSet((eb) => ({ facts: eb.ref('excluded.facts'), read_at: eb.ref('excluded.read_at') }))
        .where('weather_hours.read_at', 'is', null),
    )
    .returning(['hour', 'facts'])
    .execute();
  const known = kept.filter((one) => one.facts !== null);
  const newest = Math.max(...known.map((one) => one.hour));
  if (known.length === 0) return;
  const cameras = await tx
    .selectFrom('cameras')
    .innerJoin('agents', 'agents.id', 'cameras.agent_id')
    .select('cameras.id')
    .where('agents.site_id', '=', site)
    .execute();
  const filled: { id: FrameId; timelapse_id: TimelapseId | null }[] = [];
  for (const camera of cameras)
    for (const { hour, facts } of known)
      filled.push(
        ...(await tx
          .updateTable('frames')
          .set({ weather: facts })
          .where('camera_id', '=', camera.id)
          .where('at', '>=', hour)
          .where('at', '<', hour + HOUR_MS)
          .where('weather', 'is', null)
          .where((eb) =>
            eb.or([
              eb('clock', '=', 'synchronised'),
              eb.and([eb('due_at', 'is', null), eb('taken_at_said', 'is not', null)]),
            ]),
          )
          .returning(['id', 'timelapse_id'])
          .execute()),
      );
  await redrawSidecars(within, filled);
  tell({ type: 'weather.updated', body: { siteId: site, hour: newest, frames: filled.length } });
}

/** The newest reading of each of these sites that has one. */
export async function newestReadings(
  db: Kysely<Tables>,
  sites: readonly SiteId[],
): Promise<Map<SiteId, NonNullable<SiteView['weather']>>> {
  const newest = new Map<SiteId, NonNullable<SiteView['weather']>>();
  for (const site of sites) {
    const row = await db
      .selectFrom('weather_hours')
      .select(['hour', 'facts'])
      .where('site_id', '=', site)
      .where('facts', 'is not', null)
      .orderBy('hour', 'desc')
      .limit(1)
      .executeTakeFirst();
    const facts = readFacts(row?.facts ?? null);
    if (row !== undefined && facts !== null) newest.set(site, { hour: row.hour, facts });
  }
  return newest;
}
