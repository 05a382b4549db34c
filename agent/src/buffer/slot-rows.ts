/**
 * What was planned and how far it is settled: one cursor for each timelapse, which only moves forward, and the spans in which
 * its schedules were in force. A slot whose moment the cursor has reached can never be settled again.
 */
import { type Slot, type Span, schedule, span, type TimelapseId } from '@slowlight/protocol';
import type { Sqlite } from './open-database.ts';

interface SpanRow {
  id: string;
  timelapseId: string;
  schedule: string;
  from: number;
  until: number | null;
  firstAtOnce: 0 | 1;
}

const SPAN = `SELECT id, timelapse_id AS timelapseId, schedule, from_at AS "from", until_at AS "until",
  first_at_once AS firstAtOnce FROM spans`;

export function createSlotRows(db: Sqlite) {
  const settle = db.prepare<[number, string, number]>(
    'UPDATE cursors SET settled_up_to = ? WHERE timelapse_id = ? AND settled_up_to < ?',
  );
  const cursor = db.prepare<[string], { upTo: number }>(
    'SELECT settled_up_to AS upTo FROM cursors WHERE timelapse_id = ?',
  );
  const begin = db.prepare<[string, number]>(
    'INSERT INTO cursors (timelapse_id, settled_up_to) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const open = db.prepare(
    `INSERT INTO spans (id, timelapse_id, schedule, from_at, until_at, first_at_once)
     VALUES (@id, @timelapseId, @schedule, @from, @until, @firstAtOnce)`,
  );
  const close = db.prepare<[number, string]>('UPDATE spans SET until_at = ? WHERE id = ? AND until_at IS NULL');
  const ofTimelapse = db.prepare<[string], SpanRow>(`${SPAN} WHERE timelapse_id = ? ORDER BY from_at, id`);
  const all = db.prepare<[], SpanRow>(`${SPAN} ORDER BY from_at, id`);
  const forget = db.prepare(
    `DELETE FROM spans WHERE until_at IS NOT NULL
     AND until_at <= (SELECT settled_up_to FROM cursors WHERE cursors.timelapse_id = spans.timelapse_id)`,
  );

  return {
    /** True only the first time that this moment (or a later one) is settled. */
    settle: (slot: Slot) => settle.run(slot.dueAt, slot.timelapseId, slot.dueAt).changes === 1,
    /** Null when this timelapse has never had a span. */
    cursor: (timelapse: TimelapseId) => cursor.get(timelapse)?.upTo ?? null,
    open(opened: Span): void {
      begin.run(opened.timelapseId, opened.from - 1);
      open.run({
        ...opened,
        schedule: JSON.stringify(opened.schedule),
        firstAtOnce: opened.firstAtOnce ? 1 : 0,
      });
    },
    close: (closed: Span) => close.run(closed.until ?? closed.from, closed.id).changes === 1,
    spansOf: (timelapse: TimelapseId) => ofTimelapse.all(timelapse).map(readSpan),
    spans: () => all.all().map(readSpan),
    /** Closed spans whose every slot is settled are not needed any more. */
    forgetSettled: () => forget.run(),
  };
}
export type SlotRows = ReturnType<typeof createSlotRows>;

function readSpan(row: SpanRow): Span {
  return span.parse({
    ...row,
    schedule: schedule.parse(JSON.parse(row.schedule)),
    firstAtOnce: row.firstAtOnce === 1,
  });
}
