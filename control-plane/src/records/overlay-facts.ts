/** What overlays say of frames, out of the records. */
import type { FrameId, Schedule } from '@slowlight/protocol';
import { sql } from 'kysely';
import type { OverlayFacts } from '../frame.ts';
import type { FrameOverlayRecords } from '../ports-overlay.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Database } from './database.ts';
import { dayNumber } from './day-number.ts';
import { readFacts } from './record-weather.ts';

const inOrder = (a: { at: number; id: FrameId }, b: { at: number; id: FrameId }): number =>
  a.at - b.at || (a.id < b.id ? -1 : 1);

export function createOverlayFacts({ db }: Database): Pick<FrameOverlayRecords, 'overlayFacts'> {
  const find = (ids: readonly FrameId[]) =>
    db
      .selectFrom('frames')
      .leftJoin('cameras', 'cameras.id', 'frames.camera_id')
      .leftJoin('agents', 'agents.id', 'frames.agent_id')
      .leftJoin('sites', 'sites.id', 'agents.site_id')
      .leftJoin('timelapses', 'timelapses.id', 'frames.timelapse_id')
      .select([
        'frames.id',
        'frames.at',
        'frames.taken_at',
        'frames.timelapse_id',
        'frames.score',
        'frames.weather',
        'cameras.name as camera_name',
        'sites.name as site_name',
        'sites.time_zone',
        'sites.latitude',
        'sites.longitude',
        'timelapses.name as timelapse_name',
        'timelapses.schedule',
        'timelapses.started_at',
        'timelapses.ends_at',
      ])
      .where('frames.id', 'in', ids)
      .execute();
  type Row = Awaited<ReturnType<typeof find>>[number];

  /** Counted from the beginning of the timelapse to the first of the frames once, and from there on in one go. */
  async function numbersOf(rows: readonly Row[]): Promise<Map<FrameId, number>> {
    const numbers = new Map<FrameId, number>();
    for (const [timelapse, frames] of Map.groupBy(rows, (row) => row.timelapse_id)) {
      const [first] = frames.toSorted(inOrder);
      const last = frames.toSorted(inOrder).at(-1);
      if (timelapse === null || first === undefined || last === undefined) continue;
      const before = await db
        .selectFrom('frames')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('timelapse_id', '=', timelapse)
        .where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '<', tuple(first.at, first.id)))
        .executeTakeFirstOrThrow();
      const counted = db
        .selectFrom('frames')
        .select(['id', sql<number>`row_number() over (order by at, id)`.as('number')])
        .where('timelapse_id', '=', timelapse)
        .where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '>=', tuple(first.at, first.id)))
        .where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '<=', tuple(last.at, last.id)));
      const found = await db
        .selectFrom(counted.as('counted'))
        .selectAll()
        .where(
          'id',
          'in',
          frames.map(({ id }) => id),
        )
        .execute();
      for (const { id, number } of found) numbers.set(id, Number(before.count) + Number(number));
    }
    return numbers;
  }

  return {
    async overlayFacts(frames) {
      const facts = new Map<FrameId, OverlayFacts>();
      for (const ids of chunked(frames, MOST_IDS)) {
        const rows = await find(ids);
        const numbers = await numbersOf(rows);
        for (const row of rows) facts.set(row.id, factsOf(row, numbers.get(row.id) ?? null));
      }
      return facts;
    },
  };

  function factsOf(row: Row, frameNumber: number | null): OverlayFacts {
    const schedule = row.schedule === null ? null : (JSON.parse(row.schedule) as Schedule);
    const begins = row.started_at === null ? null : Math.max(row.started_at, schedule?.startsAt ?? 0);
    const over = (end: number, begin: number) => Math.min(1, Math.max(0, (row.at - begin) / (end - begin)));
    const known = begins !== null && schedule !== null;
    return {
      at: row.taken_at,
      timeZone: row.time_zone ?? schedule?.timeZone ?? 'UTC',
      latitude: row.latitude,
      longitude: row.longitude,
      siteName: row.site_name,
      cameraName: row.camera_name,
      timelapseName: row.timelapse_name,
      frameNumber,
      dayNumber: known ? dayNumber(begins, row.at, schedule.timeZone) : null,
      progress: begins !== null && row.ends_at !== null && row.ends_at > begins ? over(row.ends_at, begins) : null,
      film: null,
      score: row.score,
      weather: readFacts(row.weather),
    };
  }
}
