import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { FrameView, PageOf, TimelapseView } from '../demo/api.ts';
import { openProduct, startTimelapses } from '../rig/open-product.ts';
import { until } from '../rig/until.ts';
import { readLedger } from './ledger.ts';

const CAMERAS = 8;
const AWAY_MS = 60_000;

test('broker and control plane are away for 480 slots and come back: the newest picture is visible within 10 s, all are recorded in their right slots', {
  timeout: 300_000,
}, async () => {
  const product = await openProduct();
  const first = await product.startControlPlane();
  const agent = product.startAgent();
  const api = await product.logIn();
  const timelapses = await startTimelapses(api, CAMERAS);
  const framesOf = async ({ id }: TimelapseView) => (await api.get<TimelapseView>(`/api/timelapses/${id}`)).frames;
  await until('pictures arrive', async () =>
    (await Promise.all(timelapses.map(framesOf))).every((frames) => frames > 1),
  );

  await first.stop();
  await wait(AWAY_MS);
  const second = await product.startControlPlane();
  const back = Date.now();

  // "Visible" is what a person sees: a picture of a slot after the return, or at most 2 s before it, in the store.
  for (const { cameraId } of timelapses) {
    await until(
      `the newest picture of ${cameraId} is visible`,
      async () => {
        const { items } = await api.get<PageOf<FrameView>>(`/api/frames?cameraId=${cameraId}&limit=20`);
        return items.some((frame) => frame.picture === 'stored' && (frame.dueAt ?? 0) > back - 2000);
      },
      10_000 - (Date.now() - back) + 1,
    );
  }

  for (const { id } of timelapses) await api.send('POST', `/api/timelapses/${id}/complete`);
  await until(
    'the agent has delivered everything',
    async () => {
      const { items } = await api.get<PageOf<FrameView>>('/api/frames?limit=500&order=oldest');
      const stored = (await Promise.all(timelapses.map(framesOf))).reduce((sum, frames) => sum + frames, 0);
      return (
        items.length === 500 &&
        stored >= (CAMERAS * AWAY_MS) / 1000 &&
        items.every(({ picture }) => picture === 'stored')
      );
    },
    60_000,
  );
  await until('the agent’s outbox is empty', async () => {
    const spans = await api.get<PageOf<TimelapseView>>('/api/timelapses');
    return spans.items.every(({ state, nextDueAt }) => state === 'completed' && nextDueAt === null);
  });
  expect(await agent.stop()).toBe(true);
  expect(await second.stop()).toBe(true);
  const ledger = readLedger({
    recordsFile: path.join(product.dataDir, 'control-plane', 'records.sqlite'),
    objects: path.join(product.dataDir, 'control-plane', 'objects'),
    buffer: path.join(product.dataDir, 'agent'),
  });
  expect(ledger.faults).toEqual([]);
  expect(ledger.missed).toBe(0);
  expect(ledger.captured).toBe(ledger.planned);
  expect(ledger.frames).toBeGreaterThanOrEqual((CAMERAS * AWAY_MS) / 1000);
});
