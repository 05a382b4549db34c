import { coverageView, timelapseView } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { createEdge, spanOf } from '../../rig/edge.ts';
import { createHandClock } from '../../rig/hand-clock.ts';
import { arrange } from '../../rig/http-arrange.ts';
import { openHttpServer } from '../../rig/http-server.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A timelapse of two days with a picture every hour, of which some failed and the last six are not reported. */
async function openLedger() {
  const clock = createHandClock(Date.parse('2026-06-01T00:00:00+02:00'));
  const server = await openHttpServer({ clock });
  const { admin, agent, camera } = await arrange(server);
  const schedule = { rhythm: { kind: 'interval', everyMs: HOUR }, timeZone: 'Europe/Vienna' };
  const started = await admin('POST', '/api/timelapses', { body: { cameraId: camera.id, name: '=Roses', schedule } });
  const { id } = timelapseView.parse(started.body);
  const from = clock.now();
  const edge = createEdge(agent.id, from);
  const slots = Array.from({ length: 42 }, (_, hour) => from + hour * HOUR);
  await server.records.recordEvents([
    edge.applied([spanOf(id, 1, { from, everySeconds: 3600, timeZone: 'Europe/Vienna' })]),
    ...slots.map((dueAt, hour) =>
      hour % 7 === 3 ? edge.settled(id, dueAt, 'failed') : edge.captured(id, camera.id, dueAt),
    ),
  ]);
  clock.setWall(from + 2 * DAY - 1);
  return { server, admin, agent, camera, id, from, clock };
}

test('coverage is told for all, by day, by hour, for a camera, and as a calendar', async () => {
  const { admin, camera, id, from } = await openLedger();
  const all = coverageView.parse((await admin('GET', `/api/timelapses/${id}/coverage?from=0&by=day`)).body);
  expect(all).toMatchObject({ planned: 48, outcomes: { captured: 36, failed: 6, unreported: 6 } });
  expect(all.parts?.map(({ date, planned }) => [date, planned])).toEqual([
    ['2026-06-01', 24],
    ['2026-06-02', 24],
  ]);
  const hours = (await admin('GET', `/api/timelapses/${id}/coverage?from=${from}&to=${from + DAY}&by=hour`)).body;
  expect(hours.parts).toHaveLength(24);
  expect(hours.parts[3]).toMatchObject({ planned: 1, outcomes: { failed: 1 }, from: from + 3 * HOUR, covered: 0 });
  expect((await admin('GET', `/api/timelapses/${id}/calendar`)).body).toMatchObject({
    timeZone: 'Europe/Vienna',
    days: [
      { date: '2026-06-01', planned: 24 },
      { date: '2026-06-02', outcomes: { unreported: 6 } },
    ],
  });
  expect((await admin('GET', `/api/cameras/${camera.id}/coverage`)).body).toMatchObject({
    planned: 24,
    timelapses: [{ timelapseId: id }],
  });
  expect((await admin('GET', `/api/timelapses/${id}/outlook?below=0.8`)).body).toMatchObject({
    isBelow: true,
    coveredLast7Days: 36 / 48,
  });
  expect((await admin('GET', `/api/timelapses/${id}/coverage?from=5&to=4`)).status).toBe(400);
});

test('every slot comes as a table and as JSON', async () => {
  const { server, admin, id, from } = await openLedger();
  await admin('POST', `/api/timelapses/${id}/lost`, {
    body: { from: from + 47 * HOUR, until: from + 48 * HOUR - 1, reason: '=HYPERLINK("x"), gone' },
  });
  const { cookie } = await server.logIn();
  const csv = await fetch(`${server.address}/api/timelapses/${id}/slots`, { headers: { cookie } });
  expect(csv.headers.get('content-type')).toContain('text/csv');
  expect(csv.headers.get('content-disposition')).toContain('attachment');
  const lines = (await csv.text()).split('\r\n');
  expect(lines).toHaveLength(1 + 48 + 1);
  expect(lines[0]).toBe('due,due_ms,outcome,reason');
  expect(lines[4]).toBe(`2026-06-01T01:00:00.000Z,${from + 3 * HOUR},failed,unreachable`);
  expect(lines[48]).toBe(`2026-06-02T21:00:00.000Z,${from + 47 * HOUR},lost,"'=HYPERLINK(""x""), gone"`);
  const json = await fetch(
    `${server.address}/api/timelapses/${id}/slots?format=json&from=${from}&to=${from + HOUR + 1}`,
    {
      headers: { cookie },
    },
  );
  expect(await json.json()).toEqual([
    { dueAt: from, outcome: 'captured', reason: null },
    { dueAt: from + HOUR, outcome: 'captured', reason: null },
  ]);
  const none = await fetch(`${server.address}/api/timelapses/${id}/slots?format=json&to=${from}`, {
    headers: { cookie },
  });
  expect(await none.json()).toEqual([]);
});

test('only what is over can be given up, by somebody who may, and a retired agent is told as such', async () => {
  const { server, admin, agent, id, from } = await openLedger();
  const lost = (until: number) => admin('POST', `/api/timelapses/${id}/lost`, { body: { from, until } });
  expect((await lost(from + 3 * DAY)).status).toBe(400);
  expect((await lost(from + 2 * DAY - 1)).status).toBe(204);
  expect((await admin('GET', `/api/timelapses/${id}/coverage?from=0`)).body.outcomes).toMatchObject({ lost: 6 });
  expect((await admin('POST', `/api/agents/${agent.id}/retire`)).body.retiredAt).toEqual(expect.any(Number));
  expect(await server.records.agentLogins()).toEqual([]);
  expect((await admin('GET', `/api/timelapses/${id}`)).body.state).toBe('completed');
});

test('retention is off for frames until an administrator says otherwise, and shows what it would take', async () => {
  const { admin, id } = await openLedger();
  const settings = (await admin('GET', '/api/retention')).body;
  expect(settings).toMatchObject({ frames: null, videosDays: null, thumbnailsDays: null, feedDays: 90 });
  const frames = {
    thin: [
      { afterDays: 30, keepOneEvery: 'hour' },
      { afterDays: 365, keepOneEvery: 'day' },
    ],
  };
  expect((await admin('PUT', '/api/retention', { body: { frames } })).body.frames).toMatchObject(frames);
  const wrong = {
    frames: {
      thin: [
        { afterDays: 30, keepOneEvery: 'day' },
        { afterDays: 3, keepOneEvery: 'hour' },
      ],
    },
  };
  expect((await admin('PUT', '/api/retention', { body: wrong })).status).toBe(400);
  expect((await admin('GET', '/api/retention')).body.frames).toMatchObject(frames);
  await admin('POST', `/api/timelapses/${id}/complete`);
  expect((await admin('POST', '/api/retention/preview', { body: { frames } })).body).toMatchObject({ frames: 0 });
  expect((await admin('GET', '/api/stocktake')).body).toBeNull();
  expect((await admin('POST', '/api/stocktake', { body: {} })).status).toBe(202);
});
