import path from 'node:path';
import { expect, test } from 'vitest';
import { openProduct, startTimelapses } from '../rig/open-product.ts';
import { openSmallDisk } from '../rig/small-disk.ts';
import { until } from '../rig/until.ts';
import { readLedger } from './ledger.ts';
import { settle } from './settled.ts';

const MB = 1_000_000;

test('the agent’s card is full to the last byte: slots are skipped and say why, nothing crashes, and with room again all goes on', {
  timeout: 180_000,
}, async (context) => {
  const product = await openProduct({
    agentSettings: { SLOWLIGHT_AGENT_KEEP_FREE_MB: '4', SLOWLIGHT_AGENT_KEEP_FREE_PERCENT: '90' },
  });
  const card = await openSmallDisk(context, path.join(product.dataDir, 'agent'), 24 * MB);
  let cloud = await product.startControlPlane();
  const agent = product.startAgent();
  const api = await product.logIn();
  const timelapses = await startTimelapses(api, 2);
  await until('pictures are taken', () => product.lines.some(({ msg }) => msg === 'a frame was taken'));

  await cloud.stop();
  // Below the room that must stay free: a slot can still be told.
  await card.fillUpTo(2 * MB);
  await until(
    'a slot is skipped because the card is full',
    () => product.lines.some(({ reason }) => reason === 'card-full'),
    30_000,
  );
  await card.fillUpTo(0);
  await until(
    'the agent says that not even that can be written',
    () => product.lines.some(({ code }) => code === 'buffer.card-full'),
    30_000,
  );
  await card.free();
  const lines = product.lines.length;
  await until(
    'pictures are taken again',
    () => product.lines.slice(lines).some(({ msg }) => msg === 'a frame was taken'),
    60_000,
  );

  cloud = await product.startControlPlane();
  await settle(api, timelapses, { dataDir: product.dataDir, withinMs: 90_000 });
  expect(await agent.stop()).toBe(true);
  expect(await cloud.stop()).toBe(true);
  const ledger = readLedger(product.dataDir);
  expect(ledger.faults).toEqual([]);
  expect(ledger.frames).toBeGreaterThan(2);
});

test('the control plane’s disk is full to the last byte: it says so and acknowledges nothing; with room again everything is recorded', {
  timeout: 180_000,
}, async (context) => {
  const product = await openProduct();
  const disk = await openSmallDisk(context, path.join(product.dataDir, 'control-plane'), 48 * MB);
  const cloud = await product.startControlPlane();
  const agent = product.startAgent();
  const api = await product.logIn();
  const timelapses = await startTimelapses(api, 2);
  await until('pictures are taken', () => product.lines.some(({ msg }) => msg === 'a frame was taken'));

  await disk.fillUpTo(0);
  await until(
    'the control plane says that its disk is full',
    () =>
      product.lines.some(
        ({ program, level, ...line }) =>
          program === 'control-plane' && level >= 40 && /full|room/i.test(JSON.stringify(line)),
      ),
    60_000,
  );
  const lines = product.lines.length;
  await until('the agent goes on', () => product.lines.slice(lines).some(({ msg }) => msg === 'a frame was taken'));
  await disk.free();

  await until(
    'the timelapses can be completed again',
    () => settle(api, timelapses, { dataDir: product.dataDir, withinMs: 90_000 }).then(() => true),
    120_000,
  );
  expect(await agent.stop()).toBe(true);
  expect(await cloud.stop()).toBe(true);
  expect(readLedger(product.dataDir).faults).toEqual([]);
});
