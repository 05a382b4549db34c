import path from 'node:path';
import { createPresence } from '@slowlight/control-plane/src/ingest/presence.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { type AgentId, agentStatus, newSessionId } from '@slowlight/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { start } from '../../rig/flow.ts';
import { openFolder } from '../../rig/folder.ts';
import { createHandClock } from '../../rig/hand-clock.ts';
import { createQuietLog } from '../../rig/quiet-log.ts';
import { until } from '../../rig/until.ts';

const LOOK = 30_000;

/** Two agents that are shown as online, of which only the first is connected. */
async function openHouse() {
  const clock = createHandClock();
  const records = await openSqliteRecords({ path: path.join(await openFolder(), 'records.sqlite'), clock });
  onTestFinished(() => records.close());
  const site = await records.createSite({ name: 'Bridge', timeZone: 'UTC', latitude: null, longitude: null });
  const make = () => records.createAgent({ siteId: site.id, name: 'Pi', secretHash: crypto.randomUUID() });
  const comeOnline = (agent: AgentId) =>
    records.recordStatus(
      agent,
      agentStatus.parse({
        v: 1,
        session: newSessionId(),
        sentAt: clock.now(),
        type: 'agent.status',
        body: {
          status: 'online',
          bootId: '00000000-0000-0000-0000-000000000001',
          version: '0.1.0',
          startedAt: clock.now(),
          settingsVersion: 0,
          capabilities: [],
          publicKey: Buffer.alloc(32).toString('base64'),
        },
      }),
    );
  const [here, gone] = [await make(), await make()];
  await comeOnline(here.id);
  await comeOnline(gone.id);
  const connected = [here.id];
  let looks = 0;
  const watched = {
    ...records,
    async onlineAgents() {
      looks += 1;
      return records.onlineAgents();
    },
  };
  const log = createQuietLog();
  start(createPresence({ clock, log, records: watched, connected: () => connected }).run);
  await until('it has looked once', () => looks === 1 && clock.sleepers > 0);
  const stateOf = async ({ id }: { id: AgentId }) => (await records.agent(id))?.state;
  return { clock, records, here, gone, connected, comeOnline, stateOf };
}

test('an agent that went away while nobody listened is shown as offline at the second look', async () => {
  const { clock, records, here, gone, stateOf } = await openHouse();
  expect(await stateOf(gone)).toBe('online');
  await clock.advance(LOOK);
  await until('it is seen', async () => (await stateOf(gone)) === 'offline');
  expect(await stateOf(here)).toBe('online');
  const told = (await records.feedAfter(0, 100)).filter(({ event }) => event.type === 'agent.offline');
  expect(told.map(({ event }) => event.body)).toEqual([{ agentId: gone.id }]);
});

test('an agent that came back between two looks stays online, and one that comes back later is online again', async () => {
  const { clock, records, here, gone, connected, comeOnline, stateOf } = await openHouse();
  const [before] = (await records.onlineAgents()).filter(({ agentId }) => agentId === gone.id);
  await comeOnline(gone.id);
  await records.agentGone(gone.id, before?.session ?? null);
  expect(await stateOf(gone)).toBe('online');
  connected.length = 0;
  await clock.advance(LOOK);
  await clock.advance(LOOK);
  await until('both are gone', async () => (await records.onlineAgents()).length === 0);
  await comeOnline(here.id);
  expect(await stateOf(here)).toBe('online');
});
