import {
  type Problem,
  type ScheduleInput,
  type SchedulePreview,
  schedulePreview,
  timelapseView,
} from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { announceFrame, arrange } from '../../rig/http-arrange.ts';
import { openHttpServer } from '../../rig/http-server.ts';

const DAY = 86_400_000;
const fieldsOf = (body: unknown) => (body as Problem).fields?.map(({ path }) => path).toSorted();
const week = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const base = { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'Europe/Vienna' };
const sunWindows = [{ from: { event: 'sunrise', offsetMinutes: -30 }, to: { event: 'sunset', offsetMinutes: 30 } }];

async function open() {
  const server = await openHttpServer();
  const arranged = await arrange(server);
  const { admin, camera } = arranged;
  const preview = async (schedule: object, more: object = {}): Promise<SchedulePreview> =>
    schedulePreview.parse((await admin('POST', '/api/schedules/preview', { body: { schedule, ...more } })).body);
  const start = (schedule: object) =>
    admin('POST', '/api/timelapses', { body: { cameraId: camera.id, name: 'Bloom', schedule } });
  return { server, ...arranged, preview, start };
}

describe('a preview', () => {
  it('counts seven days of the calendar, and reckons bytes and film from what the camera has taken', async () => {
    const { server, preview, agent, camera } = await open();
    const hour = { ...base, windows: [{ days: week, from: '08:00', to: '09:00' }] };
    const assumed = await preview(hour);
    expect(assumed.frameSize).toEqual({ bytes: 500_000, frames: 0 });
    expect(assumed.slots).toHaveLength(20);
    expect(assumed.slotsPerDay).toHaveLength(7);
    expect(assumed.slotsPerDay.slice(1).map(({ slots }) => slots)).toEqual([60, 60, 60, 60, 60, 60]);
    expect(assumed.perDay.slots).toBeCloseTo(60, 0);

    for (const [seq, size] of [1000, 3000].entries())
      await announceFrame(server, { agent: agent.id, camera: camera.id, seq: seq + 1, bytes: Buffer.alloc(size, 1) });
    const measured = await preview({ ...base, timeZone: 'UTC' }, { cameraId: camera.id, fps: 30 });
    expect(measured.frameSize).toEqual({ bytes: 2000, frames: 2 });
    const { slots, bytes, filmMs } = measured.perDay;
    expect(slots).toBeGreaterThanOrEqual(1440);
    expect(bytes / slots).toBeCloseTo(2000, -1);
    expect(filmMs).toBeCloseTo((slots / 30) * 1000, -3);
    expect(measured.perMonth.bytes).toBeCloseTo(bytes * 30, -5);
  });

  it('of a cron expression with seconds comes at once, says how far it has counted, and is right as far', async () => {
    const { preview } = await open();
    const began = performance.now();
    const { slotsPerDay, perDay } = await preview({
      ...base,
      timeZone: 'UTC',
      rhythm: { kind: 'cron', expression: '*/5 * * * * *' },
    });
    expect(performance.now() - began).toBeLessThan(8000);
    expect(slotsPerDay.length).toBeLessThan(3);
    expect(perDay.slots).toBeCloseTo(17_280, -1);
  });

  it('shows the moment at which a number of days ends', async () => {
    const { preview } = await open();
    const startsAt = Date.now() + DAY;
    const { schedule, slots } = await preview({ ...base, timeZone: 'UTC', startsAt, endsAfterDays: 3 });
    expect(schedule).toMatchObject({ endsAt: startsAt + 3 * DAY, endsAfterDays: 3 });
    expect(slots[0]).toBeGreaterThanOrEqual(startsAt);
  });
});

describe('a schedule that follows the sun', () => {
  it('is refused by its field while nobody has said where the site lies, and told how to mend it', async () => {
    const { admin, site, start } = await open();
    const refused = await start({ ...base, sunWindows });
    expect(refused).toMatchObject({ status: 400 });
    expect(fieldsOf(refused.body)).toEqual(['schedule.sunWindows']);
    expect((refused.body as Problem).detail).toContain('latitude');
    await admin('PATCH', `/api/sites/${site.id}`, { body: { latitude: 48.2, longitude: 16.37 } });
    const started = await start({ ...base, sunWindows, location: { latitude: 0, longitude: 0 } });
    expect(timelapseView.parse(started.body).schedule.location).toEqual({ latitude: 48.2, longitude: 16.37 });
  });

  it('moves with its site, and keeps the site from losing its place', async () => {
    const { server, admin, site, agent, start } = await open();
    const place = (latitude: number | null) =>
      admin('PATCH', `/api/sites/${site.id}`, { body: { latitude, longitude: 16 } });
    await place(48);
    const { id } = timelapseView.parse((await start({ ...base, sunWindows })).body);
    const before = (await server.records.settingsOf(agent.id))?.version ?? 0;
    await place(60);
    const settings = await server.records.settingsOf(agent.id);
    expect(settings?.version).toBe(before + 1);
    expect(settings?.timelapses[0]?.schedule.location).toEqual({ latitude: 60, longitude: 16 });
    expect(await place(null)).toMatchObject({ status: 409, body: { code: 'site.in-use' } });
    const read = timelapseView.parse((await admin('GET', `/api/timelapses/${id}`)).body);
    const sentBack = await admin('PATCH', `/api/timelapses/${id}`, { body: { schedule: read.schedule } });
    expect(sentBack).toMatchObject({ status: 200, body: { schedule: read.schedule } });
  });
});

describe('a timelapse', () => {
  it('ends after days counted from its own start, also when that is changed later', async () => {
    const { admin, start } = await open();
    const { id, startedAt } = timelapseView.parse((await start({ ...base, timeZone: 'UTC' })).body);
    const schedule = { ...base, timeZone: 'UTC', endsAfterDays: 2 };
    const changed = timelapseView.parse((await admin('PATCH', `/api/timelapses/${id}`, { body: { schedule } })).body);
    expect(changed.schedule).toMatchObject({ endsAt: startedAt + 2 * DAY, endsAfterDays: 2 });
  });

  it('that plans nothing in the next seven days says so', async () => {
    const { start, admin } = await open();
    const pause = { from: Date.now() - DAY, until: Date.now() + 6 * DAY, rhythm: null, label: 'holiday' };
    const { id, nothingPlanned } = timelapseView.parse((await start({ ...base, overrides: [pause] })).body);
    expect(nothingPlanned).toBe(false);
    const longer = { ...base, overrides: [{ ...pause, until: Date.now() + 8 * DAY }] };
    const changed = await admin('PATCH', `/api/timelapses/${id}`, { body: { schedule: longer } });
    expect(changed.body).toMatchObject({ nothingPlanned: true });
    expect((await admin('POST', `/api/timelapses/${id}/pause`)).body).toMatchObject({ nothingPlanned: false });
  });

  it.each<[string, Partial<ScheduleInput>, string]>([
    [
      'has no slot inside its windows',
      { rhythm: { kind: 'interval', everyMs: DAY }, windows: [{ days: ['mon'], from: '08:00', to: '09:00' }] },
      'schedule.windows',
    ],
    [
      'asks too much in an override',
      { overrides: [{ from: 1, until: 2, rhythm: { kind: 'interval', everyMs: 1000 }, label: 'x' }] },
      'schedule.overrides.0.rhythm.everyMs',
    ],
    ['has ended before it begins', { startsAt: 1000, endsAfterDays: 3 }, 'schedule.endsAfterDays'],
  ])('that %s is refused by its field', async (_, more, path) => {
    const { start } = await open();
    const refused = await start({ ...base, ...more });
    expect(refused.status).toBe(400);
    expect(fieldsOf(refused.body)).toEqual([path]);
  });
});

it('a picture by hand can be forced', async () => {
  const { server, admin, camera } = await open();
  await admin('POST', `/api/cameras/${camera.id}/capture`, { body: { force: true } });
  await admin('POST', `/api/cameras/${camera.id}/capture`);
  expect(server.sent.map(({ command }) => command.body)).toEqual([
    { cameraId: camera.id, force: true },
    { cameraId: camera.id },
  ]);
});
