import { newCameraId, overlayLayout, timelapseOverlayInput, type WeatherFacts } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { createEdge, frameOf } from '../rig/edge.ts';
import { aCamera, openRecordsScene, type RecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const rain = (temperatureCelsius: number): WeatherFacts => ({
  temperatureCelsius,
  conditions: 61,
  windMs: 3.25,
  windDirectionDegrees: 225,
  cloudPercent: 90,
});

const weatherOf = async ({ records }: RecordsScene, event: Parameters<typeof frameOf>[0]) =>
  (await records.frame(frameOf(event)))?.weather;
const updates = async ({ records }: RecordsScene) =>
  (await records.feedAfter(0, 1000)).flatMap(({ event }) => (event.type === 'weather.updated' ? [event.body] : []));

export function recordsWeather(openHouse: OpenHouse): void {
  test('a frame has the reading of its hour: at once where it is known, later where it comes late', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, site, now } = scene;
    const early = edge.captured(timelapse.id, cameraId, now);
    const last = edge.captured(timelapse.id, cameraId, now + HOUR - MINUTE);
    const next = edge.captured(timelapse.id, cameraId, now + HOUR);
    await records.recordEvents([early, last, next]);
    expect(await weatherOf(scene, early)).toBeNull();
    expect((await records.site(site.id))?.weather).toBeNull();

    await records.weatherRead(site.id, [{ hour: now, facts: rain(4.5) }]);
    expect(await weatherOf(scene, early)).toEqual(rain(4.5));
    expect(await weatherOf(scene, last)).toEqual(rain(4.5));
    expect(await weatherOf(scene, next)).toBeNull();
    const after = edge.captured(timelapse.id, cameraId, now + 5 * MINUTE);
    await records.recordEvents([after]);
    expect(await weatherOf(scene, after)).toEqual(rain(4.5));
    const facts = await records.overlayFacts([frameOf(after), frameOf(next)]);
    expect([after, next].map((event) => facts.get(frameOf(event))?.weather)).toEqual([rain(4.5), null]);
    expect(await updates(scene)).toEqual([{ siteId: site.id, hour: now, frames: 2 }]);

    // What is known stays, whatever somebody says of it later.
    await records.weatherRead(site.id, [{ hour: now, facts: rain(30) }]);
    expect(await weatherOf(scene, early)).toEqual(rain(4.5));
    expect((await records.site(site.id))?.weather).toEqual({ hour: now, facts: rain(4.5) });
    expect((await records.sites({ limit: 5 })).items[0]?.weather).toEqual({ hour: now, facts: rain(4.5) });
  });

  test('each site has its own weather', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, site, now } = scene;
    const other = await records.createSite({ name: 'Pass', timeZone: 'UTC', latitude: 46.5, longitude: 10.4 });
    const agent = await records.createAgent({ siteId: other.id, name: 'Pi 2', secretHash: 'b'.repeat(64) });
    const there = newCameraId();
    await records.createCamera(there, agent.id, aCamera);
    const here = edge.captured(timelapse.id, cameraId, now);
    const away = createEdge(agent.id, now).taken(there, now + MINUTE);
    await records.recordEvents([here, away]);
    const claimed = [await records.claimWeather(), await records.claimWeather(), await records.claimWeather()];
    expect(claimed.flatMap((one) => one?.siteId ?? []).sort()).toEqual([site.id, other.id].sort());
    await records.weatherRead(other.id, [{ hour: now, facts: rain(-9) }]);
    expect([await weatherOf(scene, here), await weatherOf(scene, away)]).toEqual([null, rain(-9)]);
    await records.weatherRead(site.id, [{ hour: now, facts: rain(15) }]);
    expect([await weatherOf(scene, here), await weatherOf(scene, away)]).toEqual([rain(15), rain(-9)]);
  });

  test('a site is asked for when it has a place and frames, and then not before the next hour', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, site, now, clock } = scene;
    expect(await records.claimWeather()).toBeNull();
    await records.changeSite(site.id, { latitude: null, longitude: null });
    const frames = [0, 1, -30].map((hours) => edge.captured(timelapse.id, cameraId, now + hours * HOUR));
    await records.recordEvents(frames);
    expect(await records.claimWeather()).toBeNull();
    await records.changeSite(site.id, { latitude: 48.2, longitude: 16.4 });
    const place = { siteId: site.id, latitude: 48.2, longitude: 16.4 };
    expect(await records.claimWeather()).toEqual({ ...place, hours: [now, now - 30 * HOUR] });
    expect(await records.claimWeather()).toBeNull();
    await records.weatherRead(site.id, [
      { hour: now, facts: rain(1) },
      { hour: now - 30 * HOUR, facts: null },
    ]);
    await records.recordEvents([edge.captured(timelapse.id, cameraId, now - 50 * HOUR)]);
    await clock.advance(59 * MINUTE);
    expect(await records.claimWeather()).toBeNull();
    await clock.advance(MINUTE);
    const hours = [now + HOUR, now - 30 * HOUR, now - 50 * HOUR];
    expect(await records.claimWeather()).toEqual({ ...place, hours });
    expect(await records.claimWeather()).toBeNull();

    // What failed is asked for again after the pause, and not before.
    await records.weatherFailed(site.id, 5 * MINUTE);
    await clock.advance(4 * MINUTE);
    expect(await records.claimWeather()).toBeNull();
    await clock.advance(MINUTE);
    expect(await records.claimWeather()).toMatchObject({ hours });
  });

  test('a site with frames of late is asked for before its next frame comes, and one that has fallen silent is not', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, site, now, clock } = scene;
    const frame = edge.captured(timelapse.id, cameraId, now);
    await records.recordEvents([frame]);
    await records.pictureStored(frameOf(frame));
    await records.weatherRead(site.id, [{ hour: now, facts: rain(1) }]);
    await clock.advance(HOUR);
    expect(await records.claimWeather()).toMatchObject({ hours: [now + HOUR] });
    await records.weatherRead(site.id, [{ hour: now + HOUR, facts: rain(2) }]);
    const next = edge.captured(timelapse.id, cameraId, now + HOUR);
    await records.recordEvents([next]);
    expect(await weatherOf(scene, next)).toEqual(rain(2));
    await clock.advance(2 * HOUR);
    expect(await records.claimWeather()).toBeNull();
  });

  test('an hour of which nobody knows anything is wanted for a week, and then no more', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, site, now, clock } = scene;
    await records.recordEvents([0, -8 * 24].map((hours) => edge.captured(timelapse.id, cameraId, now + hours * HOUR)));
    const asked = await records.claimWeather();
    expect(asked?.hours).toEqual([now, now - 8 * 24 * HOUR]);
    await records.weatherRead(
      site.id,
      (asked?.hours ?? []).map((hour) => ({ hour, facts: null })),
    );
    await clock.advance(HOUR);
    expect((await records.claimWeather())?.hours).toEqual([now]);
    expect(await updates(scene)).toEqual([]);
  });

  test('what a clock says that nobody trusts has no weather; taken by hand and put right, a frame has that of its moment', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, site, now } = scene;
    const unsure = { clock: 'untrusted', clockSource: 'none' } as const;
    const wrong = Date.UTC(1970, 0, 1, 5);
    const slot = edge.captured(timelapse.id, cameraId, wrong, unsure);
    const hand = edge.taken(cameraId, wrong);
    Object.assign((hand.event.body as { frame: object }).frame, { ...unsure, monotonicMs: 2000 });
    await records.recordEvents([slot, hand]);
    expect(await records.claimWeather()).toBeNull();
    await records.weatherRead(site.id, [{ hour: now - HOUR, facts: rain(7) }]);
    const corrected = { at: now, bootId: 'boot-0001', bootedAt: now - MINUTE, offsetMs: 1, source: 'ntp', waiting: [] };
    await records.recordEvents([edge.say('clock.corrected', corrected)]);
    expect(await weatherOf(scene, slot)).toBeNull();
    expect(await weatherOf(scene, hand)).toEqual(rain(7));
  });

  test('sidecars that show the weather are drawn again, together and once, when it is told late; others are not', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, edge, timelapse, cameraId, site, now, clock } = scene;
    const frames = [-60, 1, 2].map((minute) => edge.captured(timelapse.id, cameraId, now + minute * MINUTE));
    const ids = frames.map(frameOf);
    const drawn = ids.map((frameId) => ({ frameId, state: 'ready', reason: null }) as const);
    const show = async (text: string) => {
      const layout = overlayLayout.parse({ elements: [{ kind: 'text', id: 'text', anchor: 'top', text }] });
      const template = await records.createOverlayTemplate({ name: text, layout });
      const input = timelapseOverlayInput.parse({ templateId: template.id, sidecars: true });
      const { revision = 0 } = (await records.setTimelapseOverlay(timelapse.id, input)) ?? {};
      expect(await records.sidecarsMade(timelapse.id, revision, drawn)).toBe(true);
    };
    const states = () => Promise.all(ids.map(async (id) => (await records.sidecar(id))?.state));
    const late = async () =>
      (await records.jobs({ limit: 99 })).items.filter(({ subject }) => subject.includes('.late'));
    await records.recordEvents(frames);
    await records.picturesStored(ids);

    await show('{time}');
    await records.weatherRead(site.id, [{ hour: now - HOUR, facts: rain(1) }]);
    expect(await updates(scene)).toMatchObject([{ frames: 1 }]);
    expect([await states(), await late()]).toEqual([['ready', 'ready', 'ready'], []]);
    await show('{temperature}');
    await clock.advance(5000);
    await records.weatherRead(site.id, [{ hour: now, facts: rain(1) }]);
    expect(await states()).toEqual(['ready', 'pending', 'pending']);
    expect(await late()).toMatchObject([{ kind: 'overlay-remake', subject: expect.stringContaining(timelapse.id) }]);
    await records.weatherRead(site.id, [{ hour: now, facts: rain(2) }]);
    expect(await late()).toHaveLength(1);
  });
}
