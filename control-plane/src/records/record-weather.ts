/**
 * The weather of frames as they are recorded: the reading in force where and when they are filed. Where there is none yet,
 * the hour is noted as wanted. What a clock says that nobody trusts is no moment to have weather at.
 */
import { type AgentId, type FrameId, type SiteId, type WeatherFacts, weatherHourOf } from '@slowlight/protocol';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change } from './database.ts';

interface Filed {
  agent_id: AgentId;
  at: number;
  clock: 'synchronised' | 'untrusted';
  weather: string | null;
}
type Moment = Pick<Filed, 'agent_id' | 'at'>;

/** What the records keep of facts, as facts. */
export const readFacts = (kept: string | null): WeatherFacts | null =>
  kept === null ? null : (JSON.parse(kept) as WeatherFacts);

/** Fills in the weather of frames that are about to be recorded. */
export async function addWeather(change: Change, frames: readonly Filed[]): Promise<void> {
  const sure = frames.filter((frame) => frame.clock === 'synchronised');
  const weatherOf = await readingsFor(change, sure);
  for (const frame of sure) frame.weather = weatherOf(frame);
}

/** Frames that were taken by hand have moved to another moment: they have the weather of that. */
export async function moveWeather(change: Change, frames: readonly (Moment & { id: FrameId })[]): Promise<void> {
  const weatherOf = await readingsFor(change, frames);
  for (const [weather, alike] of Map.groupBy(frames, weatherOf))
    for (const some of chunked(alike, MOST_IDS))
      await change.tx
        .updateTable('frames')
        .set({ weather })
        .where(
          'id',
          'in',
          some.map(({ id }) => id),
        )
        .execute();
}

/**
 * The readings in force at these moments. Hours that are not known are wanted from now on. Their rows are held until the
 * commit, so that a reading that comes meanwhile finds the frames of this change.
 */
async function readingsFor(change: Change, moments: readonly Moment[]): Promise<(moment: Moment) => string | null> {
  if (moments.length === 0) return () => null;
  const siteOf = await sitesOf(change, moments);
  const keyOf = ({ agent_id, at }: Moment) => `${siteOf.get(agent_id)} ${weatherHourOf(at)}`;
  const wanted = new Map<string, { site_id: SiteId; hour: number }>();
  for (const moment of moments) {
    const site_id = siteOf.get(moment.agent_id);
    if (site_id !== undefined) wanted.set(keyOf(moment), { site_id, hour: weatherHourOf(moment.at) });
  }
  const facts = new Map<string, string | null>();
  for (const [site, hours] of Map.groupBy(wanted.values(), (one) => one.site_id)) {
    for (const some of chunked([...new Set(hours.map((one) => one.hour))].sort(ascending), 500)) {
      let rows = await hoursOf(change, site, some);
      if (rows.length < some.length) {
        await want(change, site, some);
        rows = await hoursOf(change, site, some);
      }
      for (const row of rows) facts.set(`${site} ${row.hour}`, row.facts);
    }
  }
  return (moment) => facts.get(keyOf(moment)) ?? null;
}

const ascending = (a: number, b: number): number => a - b;

async function sitesOf({ tx }: Change, moments: readonly Moment[]): Promise<Map<AgentId, SiteId>> {
  const ids = [...new Set(moments.map((one) => one.agent_id))];
  const rows = await tx
    .selectFrom('agents')
    .select(['id', 'site_id'])
    .where('id', 'in', ids)
    .orderBy('site_id')
    .execute();
  return new Map(rows.map((row) => [row.id, row.site_id]));
}

async function hoursOf({ tx, dialect }: Change, site: SiteId, hours: readonly number[]) {
  const query = tx
    .selectFrom('weather_hours')
    .select(['hour', 'facts'])
    .where('site_id', '=', site)
    .where('hour', 'in', hours)
    .orderBy('hour');
  return (dialect === 'postgres' ? query.forShare() : query).execute();
}

async function want({ tx }: Change, site_id: SiteId, hours: readonly number[]): Promise<void> {
  await tx
    .insertInto('weather_hours')
    .values(hours.map((hour) => ({ site_id, hour, facts: null, read_at: null })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
