import type { IncomingEvent } from '@slowlight/control-plane/src/frame.ts';
import { expect, test } from 'vitest';
import { openRecordsScene, type RecordsScene } from '../rig/records-scene.ts';
import { seeded } from '../rig/seeded.ts';
import type { OpenHouse } from './records.ts';

const BOOT = 'boot-0001';
const MINUTE = 60_000;
const untrusted = { clock: 'untrusted', clockSource: 'none' } as const;

export function recordsClocks(openHouse: OpenHouse): void {
  const corrected = ({ edge, now }: RecordsScene, bootedAt: number | null, bootId = BOOT): IncomingEvent =>
    edge.say('clock.corrected', { at: now, bootId, bootedAt, offsetMs: 1, source: 'ntp', waiting: [] });

  test('frames from before the clock was set are put right in whatever order that is heard, and keep what was said', async (context) => {
    const random = seeded(11);
    for (let round = 0; round < 6; round += 1) {
      const scene = await openRecordsScene(openHouse, context);
      const { records, edge, timelapse, cameraId, now } = scene;
      const wrong = 1_000_000;
      const early = edge.captured(timelapse.id, cameraId, wrong, { ...untrusted, monotonicMs: 5000 });
      const other = edge.captured(timelapse.id, cameraId, wrong + MINUTE, {
        ...untrusted,
        bootId: 'boot-0000' as never,
      });
      const first = corrected(scene, now - 99 * MINUTE);
      const sure = edge.captured(timelapse.id, cameraId, now, { monotonicMs: 6000 });
      const second = corrected(scene, now - 10_000);
      const events = [early, other, first, sure, second].sort(() => random() - 0.5);
      for (const batch of [events.slice(0, 2), events.slice(2, 3), events.slice(3), events])
        await records.recordEvents(batch);
      const { items } = await records.frames({ timelapseId: timelapse.id, order: 'oldest', limit: 9 });
      expect(items).toMatchObject([
        { dueAt: wrong, takenAt: now - 5000, takenAtSaid: wrong + 40, clock: 'untrusted', clockSource: 'none' },
        { dueAt: wrong + MINUTE, takenAt: wrong + MINUTE + 40, takenAtSaid: null },
        { dueAt: now, takenAt: now + 40, takenAtSaid: null, clock: 'synchronised', clockSource: null },
      ]);
    }
  });

  test('a picture by hand is filed where it was really taken', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, cameraId, now } = scene;
    const taken = edge.taken(cameraId, 77_000);
    Object.assign((taken.event.body as { frame: object }).frame, { ...untrusted, monotonicMs: 2000.4 });
    await records.recordEvents([taken]);
    await records.recordEvents([corrected(scene, null), corrected(scene, now - 60_000)]);
    const { items } = await records.frames({ from: now - MINUTE, to: now, order: 'newest', limit: 9 });
    expect(items).toMatchObject([{ takenAt: now - 58_000, takenAtSaid: 77_000, dueAt: null }]);
  });

  test('a timelapse that a wrong clock keeps waiting is shown once, with a way out; that of another agent is not', async (context) => {
    const { records, edge, timelapse, now, agent } = await openRecordsScene(openHouse, context);
    const waiting = [{ timelapseId: timelapse.id, until: now + 7 * MINUTE }];
    const say = () => edge.say('clock.corrected', { at: now, bootId: BOOT, bootedAt: null, offsetMs: -5, waiting });
    await records.recordEvents([say(), say()]);
    expect((await records.faults({ limit: 9 })).items).toMatchObject([
      { agentId: agent.id, code: 'timelapse.waits-for-clock', reason: expect.stringContaining('start a new one') },
    ]);
  });

  test('schedules that follow the sun hold the place of their site, and move with it', async (context) => {
    const { records, site, agent, cameraId, timelapse } = await openRecordsScene(openHouse, context);
    await records.moveTimelapse(timelapse.id, 'completed');
    const sunWindows = [
      { from: { event: 'dawn', offsetMinutes: 0 }, to: { event: 'dusk', offsetMinutes: 0 } },
    ] as const;
    const { id } = await records.startTimelapse({
      cameraId,
      name: 'Light',
      schedule: { ...timelapse.schedule, sunWindows: [...sunWindows], endsAfterDays: 2 },
    });
    const kept = async () => (await records.timelapse(id))?.schedule;
    expect(await kept()).toMatchObject({ location: { latitude: 48.2, longitude: 16.4 }, endsAt: expect.any(Number) });
    const version = (await records.agent(agent.id))?.settingsVersion ?? 0;
    await records.changeSite(site.id, { latitude: 60 });
    expect(await kept()).toMatchObject({ location: { latitude: 60, longitude: 16.4 } });
    expect((await records.settingsOf(agent.id))?.version).toBe(version + 1);
    await expect(records.changeSite(site.id, { longitude: null })).rejects.toMatchObject({ code: 'site.in-use' });
    await records.moveTimelapse(id, 'completed');
    await records.changeSite(site.id, { longitude: null });
    expect(await kept()).toMatchObject({ location: { latitude: 60, longitude: 16.4 } });
    await expect(
      records.startTimelapse({
        cameraId,
        name: 'Light',
        schedule: { ...timelapse.schedule, sunWindows: [...sunWindows] },
      }),
    ).rejects.toMatchObject({ code: 'request.place-needed' });
  });

  test('the size of recent frames is their mean', async (context) => {
    const { records, edge, timelapse, cameraId, now } = await openRecordsScene(openHouse, context);
    expect(await records.recentFrameSize(cameraId, 2)).toBeNull();
    const sizes = [9_000_000, 1000, 2000];
    await records.recordEvents(
      sizes.map((sizeBytes, index) => edge.captured(timelapse.id, cameraId, now + index * MINUTE, { sizeBytes })),
    );
    expect(await records.recentFrameSize(cameraId, 2)).toEqual({ frames: 2, meanBytes: 1500 });
  });
}
