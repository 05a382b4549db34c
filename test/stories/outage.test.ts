import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { FrameView, PageOf, TimelapseView } from '../demo/api.ts';
import { openProduct, startTimelapses } from '../rig/open-product.ts';
import { until } from '../rig/until.ts';
import { readLedger } from './ledger.ts';
import { settle } from './settled.ts';

const CAMERAS = 8;
const AWAY_MS = 60_000;
const EVERY_MS = 2000;

test('broker and control plane are away for 240 slots and come back: the newest picture is visible within 10 s, all are recorded in their right slots', {
  timeout: 300_000,
}, async () => {
  const product = await openProduct();
  const first = await product.startControlPlane();
  const agent = product.startAgent();
  const api = await product.logIn();
  const timelapses = await startTimelapses(api, CAMERAS, EVERY_MS);
  const framesOf = async ({ id }: TimelapseView) => (await api.get<TimelapseView>(`/api/timelapses/${id}`)).frames;
  await until('pictures arrive', async () =>
    (await Promise.all(timelapses.map(framesOf))).every((frames) => frames > 1),
  );

  await first.stop();
  await wait(AWAY_MS);
  const lines = product.lines.length;
  const second = await product.startControlPlane();
  // Its back-off grows to 30 s with full jitter, so that a fleet does not come back in one second.
  await until(
    'the agent is connected again',
    () => product.lines.slice(lines).some(({ msg }) => msg === 'connected to the broker'),
    45_000,
  );
  const back = Date.now();

  // "Visible" is what a person sees: the picture of a slot around or after the return, in the store.
  const visible = async ({ cameraId }: TimelapseView) => {
    const { items } = await api.get<PageOf<FrameView>>(`/api/frames?cameraId=${cameraId}&limit=20`);
    return items.some(({ picture, dueAt }) => picture === 'stored' && (dueAt ?? 0) > back - 2 * EVERY_MS);
  };
  await until('the newest picture of every camera is visible', async () =>
    (await Promise.all(timelapses.map(visible))).every(Boolean),
  );

  await settle(api, timelapses, { dataDir: product.dataDir, withinMs: 60_000 });
  expect(await agent.stop()).toBe(true);
  expect(await second.stop()).toBe(true);
  const ledger = readLedger(product.dataDir);
  expect(ledger.faults).toEqual([]);
  expect(ledger.captured).toBe(ledger.frames);
  // A busy machine may come late to a slot, and then says so; being cut off is no reason to.
  expect(ledger.captured).toBeGreaterThan(ledger.planned * 0.95);
  expect(ledger.planned).toBeGreaterThanOrEqual((CAMERAS * AWAY_MS) / EVERY_MS);
});
