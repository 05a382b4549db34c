import { type AgentEvent, newAgentId, newCameraId, newTimelapseId } from '@slowlight/protocol';
import { type Clock, systemClock } from '@slowlight/protocol/kit';
import { expect, it } from 'vitest';
import { everyMs, makeSettings } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { openAgent, writeIdentity } from '../rig/running-agent.ts';
import { frameOf, openTinyCloud } from '../rig/tiny-cloud.ts';
import { until } from '../rig/until.ts';

const BEHIND_MS = 3 * 3_600_000;

it('an agent whose device has lost the time takes pictures, learns the time from receipts, and says what puts the first ones right', async () => {
  const folder = await openFolder();
  const agentId = newAgentId();
  const cloud = await openTinyCloud(agentId);
  await writeIdentity(folder, { agentId, brokerUrl: cloud.brokerUrl });
  const clock: Clock = { ...systemClock, now: () => Date.now() - BEHIND_MS };
  const env = { SLOWLIGHT_AGENT_TRUST_CLOCK: 'no', SLOWLIGHT_AGENT_CLOCK_HOLD_SECONDS: '0' };
  const ids = { agentId, cameraId: newCameraId(), timelapseId: newTimelapseId() };
  const cameFrom = Date.now();
  cloud.onEvent = () => false;
  const agent = await openAgent(folder, { env, clock, synchronisedFiles: [] });
  cloud.listen(true);
  cloud.settings(makeSettings({ ...ids, schedule: everyMs(1000) }));
  const frames = (events: Iterable<AgentEvent>) => [...events].flatMap((event) => frameOf(event) ?? []);
  await until(
    'pictures are announced, and nobody answers',
    () => new Set(frames(cloud.heard).map(({ frameId }) => frameId)).size >= 2,
  );
  cloud.onEvent = () => true;
  const corrected = await until('the clock is corrected', () =>
    cloud.heard.find((event) => event.type === 'clock.corrected'),
  );
  const known = cloud.heard.length;
  await until('pictures of the right time are recorded', () =>
    frames(cloud.heard.slice(known)).some((frame) => frame.clock === 'synchronised'),
  );
  await until(
    'the first ones too',
    () => frames(cloud.recorded.values()).filter((frame) => frame.clock === 'untrusted').length >= 2,
  );
  await agent.stop();

  expect(corrected.body).toMatchObject({ source: 'server', waiting: [] });
  const { bootedAt, offsetMs } = corrected.body as { bootedAt: number; offsetMs: number };
  expect(Math.abs(offsetMs - BEHIND_MS)).toBeLessThan(5000);
  const all = frames(cloud.recorded.values());
  const [early, late] = ['untrusted', 'synchronised'].map((state) => all.filter((frame) => frame.clock === state));
  expect(early?.length).toBeGreaterThanOrEqual(2);
  for (const frame of early ?? []) {
    expect(frame.takenAt).toBeLessThan(cameFrom - BEHIND_MS + 60_000);
    expect(bootedAt + frame.monotonicMs).toBeGreaterThan(cameFrom - 2000);
    expect(bootedAt + frame.monotonicMs).toBeLessThan(Date.now() + 2000);
  }
  for (const frame of late ?? []) expect(frame.takenAt).toBeGreaterThan(cameFrom);
  // Three hours of slots lie before the agent started, by the clock as it is now.
  const missed = [...cloud.recorded.values()].flatMap((event) => (event.type === 'slots.missed' ? [event.body] : []));
  const down = missed.filter(({ reason }) => reason === 'agent-down').reduce((sum, { count }) => sum + count, 0);
  expect(Math.abs(down - BEHIND_MS / 1000)).toBeLessThan(30);
  const slots = [...cloud.recorded.values()].flatMap((event) =>
    event.type === 'slot.settled' ? event.body.slot.dueAt : [],
  );
  expect(new Set(slots).size).toBe(slots.length);
  expect(cloud.conflicts).toEqual([]);
});
