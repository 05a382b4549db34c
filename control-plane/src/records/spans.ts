/** The spans that agents reported: the only source of what is planned. */
import { nextSlot, type Schedule, type Span, type TimelapseId } from '@slowlight/protocol';
import type { Kysely, Selectable } from 'kysely';
import { chunked, MOST_IDS } from './chunked.ts';
import type { SpansTable, Tables } from './schema.ts';

export const spanOf = (row: Selectable<SpansTable>): Span => ({
  id: row.id,
  timelapseId: row.timelapse_id,
  schedule: JSON.parse(row.schedule) as Schedule,
  from: row.from_at,
  until: row.until_at,
  firstAtOnce: row.first_at_once === 1,
});

/**
 * The next slot of each timelapse at or after `now`, by the spans that have not ended; a timelapse that plans none is left
 * out.
 */
export async function nextDueOf(
  db: Kysely<Tables>,
  timelapses: readonly TimelapseId[],
  now: number,
): Promise<Map<TimelapseId, number>> {
  const next = new Map<TimelapseId, number>();
  for (const ids of chunked(timelapses, MOST_IDS)) {
    const rows = await db
      .selectFrom('spans')
      .selectAll()
      .where('timelapse_id', 'in', ids)
      .where((eb) => eb.or([eb('until_at', 'is', null), eb('until_at', '>', now)]))
      .execute();
    for (const row of rows) {
      const dueAt = nextSlot(spanOf(row), now);
      if (dueAt !== null) next.set(row.timelapse_id, Math.min(dueAt, next.get(row.timelapse_id) ?? dueAt));
    }
  }
  return next;
}
