/**
 * What events say of slots. A slot has one outcome: where an agent reports several, the best of them counts, whichever came
 * first, and the contradiction is a fault. Ranges of missed slots are kept as ranges; they count only for slots of which
 * nothing else is known.
 */
import type { AgentEvent, SlotSettledBody, TimelapseId } from '@slowlight/protocol';
import type { Insertable, Selectable } from 'kysely';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change } from './database.ts';
import type { Heard, Owners } from './heard.ts';
import { insertRows } from './insert-rows.ts';
import type { MissedRangesTable, SettledOutcome, SlotsTable } from './schema.ts';

type Slot = Selectable<SlotsTable>;
type Range = Insertable<MissedRangesTable>;

/** The best first. */
const PRECEDENCE: readonly SettledOutcome[] = ['captured', 'flagged', 'discarded', 'failed', 'skipped'];

/** Of two reports for one slot the one that counts, in whatever order they are given. */
export function betterOf(a: Slot, b: Slot): Slot {
  const [first, second] = [PRECEDENCE.indexOf(a.reported), PRECEDENCE.indexOf(b.reported)];
  if (first !== second) return first < second ? a : b;
  return a.seq < b.seq || (a.seq === b.seq && a.agent_id < b.agent_id) ? a : b;
}

export async function recordSlots(change: Change, fresh: readonly Heard[], owners: Owners): Promise<void> {
  const slots = fresh.flatMap((one) => (one.event.type === 'slot.settled' ? [slotOf(one, one.event.body)] : []));
  const ranges = fresh.flatMap((one) => rangeOf(one, one.event));
  if (slots.length === 0 && ranges.length === 0) return;
  for (const one of fresh) tellOf(change, one.event, owners);
  if (slots.length > 0) await settle(change, slots);
  for (const range of ranges) await keepRange(change, range);
}

function slotOf({ agentId, event }: Heard, body: SlotSettledBody): Slot {
  const { timelapseId, dueAt } = body.slot;
  return {
    timelapse_id: timelapseId,
    due_at: dueAt,
    reported: body.outcome,
    outcome: body.outcome,
    ...whyOf(body),
    frame_id: 'frame' in body ? body.frame.frameId : null,
    agent_id: agentId,
    seq: event.seq,
  };
}

function whyOf(body: SlotSettledBody): { reason: string | null; detail: string | null } {
  switch (body.outcome) {
    case 'failed':
      return { reason: body.code, detail: body.hint };
    case 'skipped':
      return { reason: body.reason, detail: body.detail };
    case 'discarded':
      return { reason: body.verdict.faults[0] ?? null, detail: `score ${body.verdict.score}` };
    case 'captured':
    case 'flagged':
      return { reason: null, detail: null };
  }
}

function rangeOf({ agentId }: Heard, event: AgentEvent): Range[] {
  if (event.type !== 'slots.missed') return [];
  const { timelapseId, firstDueAt, lastDueAt, count, reason } = event.body;
  return [
    {
      agent_id: agentId,
      seq: event.seq,
      timelapse_id: timelapseId,
      first_due_at: firstDueAt,
      last_due_at: lastDueAt,
      count,
      reason,
    },
  ];
}

/** Each event is told once, as it was said; what counts in the end is in the coverage. */
function tellOf({ tell }: Change, event: AgentEvent, owners: Owners): void {
  if (event.type === 'slots.missed') tell({ type: 'slot.missed', body: event.body });
  if (event.type !== 'slot.settled') return;
  const { body } = event;
  const { timelapseId, dueAt } = body.slot;
  const cameraId = owners.timelapses.get(timelapseId)?.cameraId ?? null;
  const { reason } = whyOf(body);
  tell({ type: 'slot.settled', body: { timelapseId, cameraId, dueAt, outcome: body.outcome, detail: reason } });
  if (body.outcome === 'failed')
    tell({ type: 'capture.failed', body: { timelapseId, cameraId, dueAt, code: body.code, hint: body.hint } });
}

/** New slots are nearly always new: only those that are there already are read and compared. */
async function settle(change: Change, reports: readonly Slot[]): Promise<void> {
  const best = new Map<string, Slot>();
  for (const report of reports) {
    const before = best.get(keyOf(report));
    if (before !== undefined) twiceSettled(change, report);
    best.set(keyOf(report), before === undefined ? report : betterOf(before, report));
    change.touch(report.timelapse_id, report.due_at, report.due_at);
  }
  const inserted = await insertRows<'slots', Pick<Slot, 'timelapse_id' | 'due_at'>>(
    change,
    'slots',
    [...best.values()],
    'on conflict (timelapse_id, due_at) do nothing returning timelapse_id, due_at',
  );
  for (const slot of inserted) best.delete(keyOf(slot));
  for (const [timelapse, again] of Map.groupBy(best.values(), (slot) => slot.timelapse_id))
    await settleAgain(change, timelapse, again);
  await lookForRanges(change, reports);
}

const keyOf = ({ timelapse_id, due_at }: Pick<Slot, 'timelapse_id' | 'due_at'>): string => `${timelapse_id} ${due_at}`;

/** Slots that have an outcome already. */
async function settleAgain(change: Change, timelapse: TimelapseId, reports: readonly Slot[]): Promise<void> {
  const { tx } = change;
  for (const some of chunked(reports, MOST_IDS)) {
    const rows = await tx
      .selectFrom('slots')
      .selectAll()
      .where('timelapse_id', '=', timelapse)
      .where(
        'due_at',
        'in',
        some.map((slot) => slot.due_at),
      )
      .execute();
    const known = new Map(rows.map((row) => [row.due_at, row]));
    for (const report of some) {
      twiceSettled(change, report);
      const before = known.get(report.due_at);
      if (before === undefined || betterOf(before, report) !== report) continue;
      const { timelapse_id, due_at, ...better } = report;
      await tx
        .updateTable('slots')
        .set(better)
        .where('timelapse_id', '=', timelapse_id)
        .where('due_at', '=', due_at)
        .execute();
    }
  }
}

/** Were any of these slots said to be missed? */
async function lookForRanges(change: Change, slots: readonly Slot[]): Promise<void> {
  const dues = Map.groupBy(slots, (slot) => slot.timelapse_id);
  const all = slots.map((slot) => slot.due_at);
  const [first, last] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  for (const timelapses of chunked([...dues.keys()], MOST_IDS)) {
    const ranges = await change.tx
      .selectFrom('missed_ranges')
      .select(['agent_id', 'seq', 'timelapse_id', 'first_due_at', 'last_due_at', 'count', 'reason'])
      .where('timelapse_id', 'in', timelapses)
      .where('last_due_at', '>=', first)
      .where('first_due_at', '<=', last)
      .execute();
    for (const range of ranges) {
      const within = ({ due_at }: Slot) => due_at >= range.first_due_at && due_at <= range.last_due_at;
      if (dues.get(range.timelapse_id)?.some(within)) takenAndMissed(change, range);
    }
  }
}

async function keepRange(change: Change, range: Range): Promise<void> {
  const { tx } = change;
  change.touch(range.timelapse_id, range.first_due_at, range.last_due_at);
  const overlapping = await tx
    .selectFrom('missed_ranges')
    .selectAll()
    .where('timelapse_id', '=', range.timelapse_id)
    .where('last_due_at', '>=', range.first_due_at)
    .where('first_due_at', '<=', range.last_due_at)
    .execute();
  for (const other of overlapping) takenAndMissed(change, other.seq < range.seq ? other : range);
  const taken = await tx
    .selectFrom('slots')
    .select('due_at')
    .where('timelapse_id', '=', range.timelapse_id)
    .where('due_at', '>=', range.first_due_at)
    .where('due_at', '<=', range.last_due_at)
    .limit(1)
    .executeTakeFirst();
  if (taken !== undefined) takenAndMissed(change, range);
  await tx.insertInto('missed_ranges').values(range).execute();
}

/** One fault for a slot, whichever of its reports came first. */
function twiceSettled({ fault }: Change, slot: Slot): void {
  fault({
    agentId: slot.agent_id,
    code: 'slot.settled-twice',
    reason: `The slot of ${slot.timelapse_id} at ${new Date(slot.due_at).toISOString()} was reported more than once; the best report counts.`,
    excerpt: null,
    key: `slot ${slot.timelapse_id} ${slot.due_at}`,
  });
}

/** One fault for a range, however many of its slots were reported otherwise. */
function takenAndMissed({ fault }: Change, range: Range): void {
  const [first, last] = [range.first_due_at, range.last_due_at].map((at) => new Date(at).toISOString());
  fault({
    agentId: range.agent_id,
    code: 'slot.settled-twice',
    reason: `Slots of ${range.timelapse_id} from ${first} to ${last} were reported as missed and also otherwise; each counts once.`,
    excerpt: null,
    key: `missed ${range.agent_id} ${range.seq}`,
  });
}
