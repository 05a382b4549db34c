import path from 'node:path';
import Database from 'better-sqlite3';
import type { Api, CoverageView, TimelapseView } from '../demo/api.ts';
import { until } from '../rig/until.ts';

/** Completes the timelapses and waits until all that is owed has been delivered and let go. */
export async function settle(
  api: Api,
  timelapses: readonly TimelapseView[],
  { dataDir, withinMs }: { dataDir: string; withinMs: number },
): Promise<void> {
  for (const { id } of timelapses) await api.send('POST', `/api/timelapses/${id}/complete`);
  await until(
    'every slot has its outcome, every picture is in the store, and the agent keeps nothing',
    async () => (await Promise.all(timelapses.map(({ id }) => isRecorded(api, id)))).every(Boolean) && isEmpty(dataDir),
    withinMs,
  );
}

async function isRecorded(api: Api, id: string): Promise<boolean> {
  const now = await api.get<TimelapseView>(`/api/timelapses/${id}`);
  const to = (now.completedAt ?? Date.now()) + 60_000;
  const coverage = await api.get<CoverageView>(
    `/api/timelapses/${id}/coverage?from=${now.startedAt - 60_000}&to=${to}`,
  );
  const { captured = 0, flagged = 0, unreported = 0 } = coverage.outcomes;
  return unreported === 0 && captured + flagged === now.frames;
}

function isEmpty(dataDir: string): boolean {
  const buffer = new Database(path.join(dataDir, 'agent', 'buffer.sqlite'), { readonly: true });
  try {
    const { rows } = buffer
      .prepare('select (select count(*) from frames) + (select count(*) from outbox) as rows')
      .get() as { rows: number };
    return rows === 0;
  } finally {
    buffer.close();
  }
}
