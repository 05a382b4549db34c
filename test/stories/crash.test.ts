import { setTimeout as wait } from 'node:timers/promises';
import type { Program } from '@slowlight/deploy/local/program.ts';
import { expect, test } from 'vitest';
import { openProduct, startTimelapses } from '../rig/open-product.ts';
import { seeded } from '../rig/seeded.ts';
import { readLedger } from './ledger.ts';
import { settle } from './settled.ts';

const AGENT_KILLS = Number(process.env.STORY_AGENT_KILLS ?? 100);
const CLOUD_KILLS = Number(process.env.STORY_CLOUD_KILLS ?? 25);

test(`${AGENT_KILLS} times the agent and ${CLOUD_KILLS} times the control plane are killed at random moments: every committed frame is recorded once, every planned slot has one outcome, no file is left that nobody claims`, {
  timeout: Math.max(900_000, AGENT_KILLS * 5000),
}, async () => {
  const random = seeded(20_261_122);
  const product = await openProduct();
  let cloud = await product.startControlPlane();
  let agent = product.startAgent();
  await agent.ready;
  const api = await product.logIn();
  const timelapses = await startTimelapses(api, 4);

  // The control plane is killed beside the agent, at moments of its own, until the agent's kills are done.
  const killing = new AbortController();
  const cloudKills = (async () => {
    for (let kills = 0; kills < CLOUD_KILLS && !killing.signal.aborted; kills += 1) {
      await wait(1500 + random() * 4000);
      await killed(cloud);
      cloud = await product.startControlPlane();
    }
  })();
  for (let kills = 0; kills < AGENT_KILLS; kills += 1) {
    // From the first millisecond of its start to some seconds into its work: every phase is hit.
    await wait(random() < 0.3 ? random() * 1200 : 800 + random() * 1600);
    await killed(agent);
    agent = product.startAgent();
  }
  await cloudKills;
  await agent.ready;

  // Quiet: everything is completed, and what is owed is delivered.
  await settle(api, timelapses, { dataDir: product.dataDir, withinMs: 120_000 });
  expect(await agent.stop()).toBe(true);
  expect(await cloud.stop()).toBe(true);

  const ledger = readLedger(product.dataDir);
  expect(ledger.faults).toEqual([]);
  expect(ledger.captured).toBe(ledger.frames);
  expect(ledger.frames).toBeGreaterThan(AGENT_KILLS / 2);
  expect(ledger.planned).toBeGreaterThan(ledger.frames);
});

async function killed(program: Program): Promise<void> {
  program.kill('SIGKILL');
  await program.exited;
}
