import {
  agentSettings,
  deliverySettings,
  newAgentId,
  newCameraId,
  newSiteId,
  newTimelapseId,
} from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { aCamera, everyMinute, openRecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

export function recordsArrange(openHouse: OpenHouse): void {
  test('sites, agents and cameras are listed oldest first, page by page', async (context) => {
    const { records, clock, site, agent, cameraId } = await openRecordsScene(openHouse, context);
    await clock.advance(1000);
    const second = await records.createSite({ name: 'Dam', timeZone: 'UTC', latitude: null, longitude: null });
    const page = await records.sites({ limit: 1 });
    expect(page.items).toEqual([site]);
    expect(await records.sites({ limit: 1, after: page.next ?? undefined })).toEqual({ items: [second], next: null });
    expect(await records.site(second.id)).toEqual(second);
    expect(await records.site(newSiteId())).toBeNull();

    const other = await records.createAgent({ siteId: second.id, name: 'Pi 2', secretHash: 'b'.repeat(64) });
    const agents = await records.agents({ limit: 1 });
    expect(agents.items.map((item) => item.id)).toEqual([agent.id]);
    expect((await records.agents({ limit: 1, after: agents.next ?? undefined })).items).toEqual([other]);
    expect(other).toMatchObject({ state: 'never-seen', canSeal: false, settingsVersion: 1, settingsApplied: 0 });
    expect(await records.changeAgent(other.id, { name: 'Pi two' })).toMatchObject({ name: 'Pi two' });
    expect(await records.changeAgent(newAgentId(), { name: 'x' })).toBeNull();
    const logins = await records.agentLogins();
    expect(logins).toContainEqual({ agentId: agent.id, secretHash: 'a'.repeat(64) });
    expect(logins).toHaveLength(2);
    await expect(
      records.createAgent({ siteId: newSiteId(), name: 'x', secretHash: 'c'.repeat(64) }),
    ).rejects.toMatchObject({ code: 'site.not-found' });

    const own = newCameraId();
    await records.createCamera(own, other.id, { ...aCamera, name: 'Gate', sealedPassword: null });
    expect((await records.cameras({ limit: 9 })).items.map((item) => item.id)).toEqual([cameraId, own]);
    expect((await records.cameras({ limit: 9, siteId: second.id })).items.map((item) => item.id)).toEqual([own]);
    expect((await records.cameras({ limit: 9, agentId: agent.id })).items.map((item) => item.id)).toEqual([cameraId]);
    const cameras = await records.cameras({ limit: 1 });
    expect((await records.cameras({ limit: 1, after: cameras.next ?? undefined })).items[0]).toMatchObject({
      id: own,
      siteId: second.id,
      hasPassword: false,
      health: 'unknown',
      timelapseId: null,
      nextDueAt: null,
    });
    await expect(records.createCamera(newCameraId(), newAgentId(), aCamera)).rejects.toMatchObject({
      code: 'agent.not-found',
    });
  });

  test('each change that concerns an agent makes its settings newer and says so', async (context) => {
    const { records, site, agent, cameraId, timelapse } = await openRecordsScene(openHouse, context);
    const changes: [string, () => Promise<unknown>, number][] = [
      ['site name', () => records.changeSite(site.id, { name: 'The bridge' }), 1],
      ['site zone', () => records.changeSite(site.id, { timeZone: 'UTC' }), 1],
      ['site place', () => records.changeSite(site.id, { latitude: 1 }), 0],
      ['agent name', () => records.changeAgent(agent.id, { name: 'Other' }), 0],
      ['camera', () => records.changeCamera(cameraId, { quality: 80 }), 1],
      ['camera, nothing', () => records.changeCamera(cameraId, {}), 0],
      ['schedule', () => records.changeTimelapse(timelapse.id, { schedule: { ...everyMinute, endsAt: 9e12 } }), 1],
      ['pause', () => records.moveTimelapse(timelapse.id, 'paused'), 1],
      ['pause again', () => records.moveTimelapse(timelapse.id, 'paused'), 0],
      ['resume', () => records.moveTimelapse(timelapse.id, 'running'), 1],
      ['complete', () => records.moveTimelapse(timelapse.id, 'completed'), 1],
      ['start', () => records.startTimelapse({ cameraId, name: 'Again', schedule: everyMinute }), 1],
    ];
    for (const [what, change, steps] of changes) {
      const before = (await records.agent(agent.id))?.settingsVersion ?? 0;
      const position = await records.lastPosition();
      await change();
      expect((await records.agent(agent.id))?.settingsVersion, what).toBe(before + steps);
      expect((await records.settingsOf(agent.id))?.version, what).toBe(before + steps);
      const told = (await records.feedAfter(position, 10)).filter((entry) => entry.event.type === 'settings.changed');
      expect(
        told.map((entry) => entry.event.body),
        what,
      ).toEqual(steps === 0 ? [] : [{ agentId: agent.id, version: before + 1 }]);
    }
    expect(await records.changeSite(newSiteId(), { name: 'x' })).toBeNull();
    expect(await records.changeCamera(newCameraId(), { name: 'x' })).toBeNull();
    expect(await records.changeTimelapse(newTimelapseId(), {})).toBeNull();
    expect(await records.moveTimelapse(newTimelapseId(), 'paused')).toBeNull();
  });

  test('settings hold all that an agent needs, in its own language, and no deleted camera', async (context) => {
    const { records, clock, site, agent, cameraId, timelapse } = await openRecordsScene(openHouse, context);
    const bare = newCameraId();
    await clock.advance(1);
    await records.createCamera(bare, agent.id, { ...aCamera, name: 'Bare', username: null, sealedPassword: null });
    const settings = agentSettings.parse(await records.settingsOf(agent.id));
    expect(settings).toMatchObject({
      agentId: agent.id,
      siteId: site.id,
      siteName: 'Bridge',
      timeZone: 'Europe/Vienna',
    });
    expect(settings.cameras).toMatchObject([
      { id: cameraId, credentials: { username: 'viewer', sealedPassword: 'c2VhbGVk' }, source: aCamera.source },
      { id: bare, credentials: null },
    ]);
    expect(settings.timelapses).toEqual([
      { id: timelapse.id, cameraId, name: 'The bridge', state: 'running', schedule: everyMinute, firstAtOnce: true },
    ]);

    expect(await records.changeCamera(cameraId, { sealedPassword: null, enabled: false })).toMatchObject({
      hasPassword: false,
      enabled: false,
      username: 'viewer',
    });
    await expect(records.deleteCamera(cameraId)).rejects.toMatchObject({ code: 'camera.in-use' });
    await records.moveTimelapse(timelapse.id, 'completed');
    expect(await records.deleteCamera(cameraId)).toBe(true);
    expect(await records.deleteCamera(cameraId)).toBe(false);
    expect(await records.camera(cameraId)).toBeNull();
    const after = agentSettings.parse(await records.settingsOf(agent.id));
    expect(after.cameras.map((camera) => camera.id)).toEqual([bare]);
    expect(after.timelapses.map(({ state }) => state)).toEqual(['completed']);
    await clock.advance(7 * DAY + 1);
    expect((await records.settingsOf(agent.id))?.timelapses).toEqual([]);
    expect((await records.timelapse(timelapse.id))?.state).toBe('completed');
    expect(await records.settingsOf(newAgentId())).toBeNull();
  });

  test('a camera has one timelapse that runs or is paused, and from completed there is no way back', async (context) => {
    const { records, clock, cameraId, timelapse } = await openRecordsScene(openHouse, context);
    const start = () => records.startTimelapse({ cameraId, name: 'Second', schedule: everyMinute });
    await expect(start()).rejects.toMatchObject({ code: 'camera.busy' });
    await records.moveTimelapse(timelapse.id, 'paused');
    await expect(start()).rejects.toMatchObject({ code: 'camera.busy' });
    expect(await records.camera(cameraId)).toMatchObject({ timelapseId: timelapse.id, timelapseState: 'paused' });
    await clock.advance(MINUTE);
    expect(await records.moveTimelapse(timelapse.id, 'completed')).toMatchObject({
      state: 'completed',
      completedAt: clock.now(),
    });
    for (const to of ['running', 'paused'] as const)
      await expect(records.moveTimelapse(timelapse.id, to)).rejects.toMatchObject({ code: 'timelapse.completed' });
    await expect(records.changeTimelapse(timelapse.id, { name: 'x' })).rejects.toMatchObject({
      code: 'timelapse.completed',
    });
    const second = await start();
    expect((await records.timelapses({ limit: 9, cameraId })).items.map((item) => item.id)).toEqual([
      second.id,
      timelapse.id,
    ]);
    const page = await records.timelapses({ limit: 1 });
    expect((await records.timelapses({ limit: 1, after: page.next ?? undefined })).items[0]?.id).toBe(timelapse.id);
    await expect(
      records.startTimelapse({ cameraId: newCameraId(), name: 'x', schedule: everyMinute }),
    ).rejects.toMatchObject({ code: 'camera.not-found' });
    const started = await Promise.allSettled([1, 2, 3].map(() => records.moveTimelapse(second.id, 'paused')));
    expect(started.every((result) => result.status === 'fulfilled')).toBe(true);
    const types = (await records.feedAfter(0, 100)).map((entry) => entry.event.type);
    expect(types.filter((type) => type.startsWith('timelapse.'))).toEqual([
      'timelapse.started',
      'timelapse.paused',
      'timelapse.completed',
      'timelapse.started',
      'timelapse.paused',
    ]);
  });

  test('a camera is either deleted or started, also when both are asked for at once', async (context) => {
    const { records, agent } = await openRecordsScene(openHouse, context);
    for (let turn = 0; turn < 10; turn += 1) {
      const camera = newCameraId();
      await records.createCamera(camera, agent.id, aCamera);
      const [first, second, deleted] = await Promise.allSettled([
        records.startTimelapse({ cameraId: camera, name: 'First', schedule: everyMinute }),
        records.startTimelapse({ cameraId: camera, name: 'Second', schedule: everyMinute }),
        records.deleteCamera(camera),
      ]);
      const done = [first, second, deleted].filter((result) => result.status === 'fulfilled');
      expect(done).toHaveLength(1);
      const codes = [first, second, deleted].flatMap((result) =>
        result.status === 'rejected' ? [result.reason.code] : [],
      );
      for (const code of codes) expect(['camera.busy', 'camera.not-found', 'camera.in-use']).toContain(code);
    }
  });

  test('a timelapse whose end has come is completed once, also when it is paused', async (context) => {
    const { records, clock, agent, timelapse, now } = await openRecordsScene(openHouse, context);
    expect(await records.completeDueTimelapses()).toEqual([]);
    await records.changeTimelapse(timelapse.id, { schedule: { ...everyMinute, endsAt: now + MINUTE } });
    await records.moveTimelapse(timelapse.id, 'paused');
    await clock.advance(MINUTE - 1);
    expect(await records.completeDueTimelapses()).toEqual([]);
    await clock.advance(1);
    const before = (await records.agent(agent.id))?.settingsVersion ?? 0;
    expect(await records.completeDueTimelapses()).toEqual([timelapse.id]);
    expect((await records.auditEntries({ actorKind: 'system', limit: 9 })).items).toMatchObject([
      { action: 'timelapse: its end is reached', subject: timelapse.id, after: { state: 'completed' } },
    ]);
    expect(await records.completeDueTimelapses()).toEqual([]);
    expect(await records.timelapse(timelapse.id)).toMatchObject({ state: 'completed', completedAt: now + MINUTE });
    expect((await records.agent(agent.id))?.settingsVersion).toBe(before + 1);
    const types = (await records.feedAfter(0, 100)).map((entry) => entry.event.type);
    expect(types.filter((type) => type === 'timelapse.completed')).toHaveLength(1);
  });

  test('limits of delivery are part of an agent’s settings, and make them newer only when they change', async (context) => {
    const { records, agent } = await openRecordsScene(openHouse, context);
    const version = async () => (await records.settingsOf(agent.id))?.version ?? 0;
    const before = await version();
    expect((await records.agent(agent.id))?.delivery).toBeNull();
    expect(await records.settingsOf(agent.id)).not.toHaveProperty('delivery');
    const delivery = deliverySettings.parse({
      bytesPerDay: 5_000_000,
      backlogHours: [{ from: '22:00', until: '06:00' }],
    });
    expect((await records.changeAgent(agent.id, { delivery }))?.delivery).toEqual(delivery);
    expect((await records.settingsOf(agent.id))?.delivery).toEqual(delivery);
    expect(await version()).toBe(before + 1);
    expect((await records.changeAgent(agent.id, { name: 'Mast', delivery }))?.name).toBe('Mast');
    expect(await version()).toBe(before + 1);
    expect((await records.changeAgent(agent.id, { delivery: null }))?.delivery).toBeNull();
    expect(await records.settingsOf(agent.id)).not.toHaveProperty('delivery');
    expect(await version()).toBe(before + 2);
  });

  test('days are counted by the wall of the time zone, also over the nights when the clocks change', async (context) => {
    const { records, clock, agent } = await openRecordsScene(openHouse, context);
    const days: [start: string, now: string, day: number][] = [
      ['2027-03-27T23:30:00+01:00', '2027-03-28T00:10:00+01:00', 2],
      ['2027-03-27T23:30:00+01:00', '2027-03-28T23:59:59+02:00', 2],
      ['2027-03-27T23:30:00+01:00', '2027-03-29T00:00:00+02:00', 3],
      ['2027-10-31T00:30:00+02:00', '2027-10-31T23:59:59+01:00', 1],
      ['2027-10-31T00:30:00+02:00', '2027-11-01T00:00:00+01:00', 2],
      ['2027-01-01T12:00:00+01:00', '2027-12-31T12:00:00+01:00', 365],
    ];
    for (const [start, at, day] of days) {
      clock.setWall(Date.parse(start));
      const camera = newCameraId();
      await records.createCamera(camera, agent.id, aCamera);
      const schedule = { ...everyMinute, timeZone: 'Europe/Vienna' };
      const { id, dayNumber } = await records.startTimelapse({ cameraId: camera, name: 'Days', schedule });
      expect(dayNumber).toBe(1);
      clock.setWall(Date.parse(at));
      expect((await records.timelapse(id))?.dayNumber, `${start} → ${at}`).toBe(day);
      await records.moveTimelapse(id, 'completed');
      clock.setWall(Date.parse(at) + 40 * DAY);
      expect((await records.timelapse(id))?.dayNumber, 'it no longer grows').toBe(day);
    }
  });
}
