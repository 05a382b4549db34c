/**
 * The ledger keeps the days that are over as counted pages (`ledger-days.ts`). Whatever changes a slot, a missed range, a
 * span or what is lost says so in its transaction, which opens those days again.
 */
import type { TimelapseId } from '@slowlight/protocol';
import type { Transaction } from 'kysely';
import type { Dialect } from './database.ts';
import { insertRows } from './insert-rows.ts';
import type { Tables } from './schema.ts';

interface Stretch {
  first: number;
  last: number;
}
/** What was touched, as few stretches: an agent that comes back tells of now and of last month in one breath. */
export type Touched = Map<TimelapseId, Stretch[]>;

/** Stretches closer than this are one, ms. */
const NEAR_MS = 3_600_000;

export function widen(touched: Touched, timelapse: TimelapseId, { first, last }: Stretch): void {
  const stretches = touched.get(timelapse) ?? [];
  const near = stretches.find((one) => first <= one.last + NEAR_MS && last >= one.first - NEAR_MS);
  if (near === undefined) stretches.push({ first, last });
  else {
    near.first = Math.min(near.first, first);
    near.last = Math.max(near.last, last);
  }
  touched.set(timelapse, stretches);
}

/** The row of the ledger is written first: whoever closes a day holds it, and a day that it closed meanwhile is then seen. */
const NO_LATER = `on conflict (timelapse_id) do update set kept_until =
  case when ledgers.kept_until < excluded.kept_until then ledgers.kept_until else excluded.kept_until end`;

export async function reopenDays(tx: Transaction<Tables>, touched: Touched, dialect: Dialect): Promise<void> {
  if (touched.size === 0) return;
  const sorted = [...touched].sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = sorted.map(([timelapse_id, stretches]) => ({
    timelapse_id,
    kept_until: Math.min(...stretches.map((one) => one.first)),
  }));
  await insertRows({ tx, dialect }, 'ledgers', rows, NO_LATER);
  const earliest = Math.min(...rows.map((row) => row.kept_until));
  const days = await tx
    .selectFrom('ledger_days')
    .select(['timelapse_id', 'from_at', 'until_at'])
    .where(
      'timelapse_id',
      'in',
      rows.map((row) => row.timelapse_id),
    )
    .where('until_at', '>', earliest)
    .execute();
  for (const day of days) {
    const within = ({ first, last }: Stretch) => first < day.until_at && last >= day.from_at;
    if (touched.get(day.timelapse_id)?.some(within) !== true) continue;
    await tx
      .deleteFrom('ledger_days')
      .where('timelapse_id', '=', day.timelapse_id)
      .where('until_at', '=', day.until_at)
      .execute();
  }
}
