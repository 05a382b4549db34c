import { createOpenMeteo } from '@slowlight/control-plane/src/weather/open-meteo.ts';
import { stretchesOf } from '@slowlight/control-plane/src/weather/stretches.ts';
import { createWeather } from '@slowlight/control-plane/src/weather/weather.ts';
import { expect, onTestFinished, test } from 'vitest';
import { frameOf } from '../../rig/edge.ts';
import { createQuietLog } from '../../rig/quiet-log.ts';
import { openRecordsScene } from '../../rig/records-scene.ts';
import { openSqliteHouse } from '../../rig/sqlite-house.ts';
import { until } from '../../rig/until.ts';
import { openWeatherServer, temperatureAt, type WeatherFault } from '../../rig/weather-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const never = new AbortController().signal;

/** The room on real records, asking a server that answers as theirs does. */
async function openWeather() {
  const house = await openSqliteHouse();
  const scene = await openRecordsScene(async () => house, undefined as never);
  const server = await openWeatherServer();
  const { clock, records, edge, timelapse, cameraId } = scene;
  const log = createQuietLog();
  const said = () => log.lines.slice(1);
  const provider = createOpenMeteo({ clock }, { forecastUrl: server.url, archiveUrl: server.url });
  const weather = createWeather({ clock, log, records, provider });
  const stop = new AbortController();
  const start = () => {
    const running = weather.run(stop.signal);
    onTestFinished(() => {
      stop.abort();
      return running;
    });
  };
  const record = async (...ats: number[]) => {
    const events = ats.map((at) => edge.captured(timelapse.id, cameraId, at));
    await records.recordEvents(events);
    return events.map(frameOf);
  };
  const weatherOf = async (id: Awaited<ReturnType<typeof record>>[number] | undefined) =>
    id === undefined ? null : ((await records.frame(id))?.weather ?? null);
  /** Goes on in steps that let the room look, until it is so. */
  const goOn = (what: string, look: () => unknown) =>
    until(what, async () => {
      await clock.advance(1000);
      return look();
    });
  const nextAt = async () => (await house.tables()).weather_rounds?.[0]?.next_at;
  return { ...scene, server, log, said, provider, start, record, weatherOf, nextAt, goOn };
}

test('frames get the weather of their hour, the old ones from the archive, and only a rounded place is told', async () => {
  const { server, start, record, weatherOf, now, site, records, log } = await openWeather();
  await records.changeSite(site.id, { latitude: 48.208176, longitude: -16.373819 });
  const ids = await record(now + 59 * MINUTE, now - 3 * DAY, now - 200 * DAY);
  start();
  expect(log.lines).toMatchObject([{ level: 'info', fields: { provider: new URL(server.url).host } }]);
  const oldest = await until('the oldest has its weather', () => weatherOf(ids[2]));
  expect(oldest).toEqual({
    temperatureCelsius: temperatureAt(now - 200 * DAY),
    conditions: 61,
    windMs: 3.25,
    windDirectionDegrees: 225,
    cloudPercent: 90,
  });
  expect((await weatherOf(ids[1]))?.temperatureCelsius).toBe(temperatureAt(now - 3 * DAY));
  expect(server.asked.map(({ path, query }) => [path, query.start_date, query.end_date])).toEqual([
    ['/v1/forecast', '2026-05-29', '2026-06-01'],
    ['/v1/archive', '2025-11-13', '2025-11-13'],
  ]);
  expect(server.asked[0]?.query).toMatchObject({
    latitude: '48.21',
    longitude: '-16.37',
    wind_speed_unit: 'ms',
    timeformat: 'unixtime',
    timezone: 'GMT',
  });
});

test('a site is asked for once in an hour, however many frames come', async () => {
  const { server, start, record, weatherOf, clock, now, records, goOn } = await openWeather();
  const [first] = await record(now);
  start();
  await until('the weather is known', () => weatherOf(first));
  if (first !== undefined) await records.pictureStored(first);
  for (let minute = 3; minute < 60; minute += 3) {
    await record(now + minute * MINUTE, now - minute * DAY);
    await clock.advance(3 * MINUTE);
  }
  expect(server.asked).toHaveLength(1);
  await clock.advance(3 * MINUTE);
  await goOn('it is asked again', () => server.asked.length > 1);
});

test('a provider that fails, is slow or sends rubbish is left alone for longer and longer, with one warning, and frames go on', async () => {
  const { server, start, record, weatherOf, clock, said, now, nextAt, goOn } = await openWeather();
  const faults: WeatherFault[] = ['broken', 'no-json', 'endless', 'impossible', 'imperial', 'redirects'];
  const ids = await record(now);
  server.fault = 'silent';
  start();
  await until('it is asked', () => server.asked.length === 1);
  await clock.advance(9000);
  expect(said()).toEqual([]);
  expect(await record(now + MINUTE)).toHaveLength(1);
  await clock.advance(1000);
  await until('somebody says so', () => said().length > 0);
  expect(said()[0]).toMatchObject({
    level: 'warn',
    fields: {
      reason: expect.stringContaining('does not answer in time'),
      hint: expect.stringContaining('SLOWLIGHT_WEATHER=off'),
    },
  });
  for (const [index, fault] of faults.entries()) {
    server.fault = fault;
    const asked = index + 2;
    const restMs = MINUTE * 2 ** index;
    await until(`it rests: ${fault}`, async () => (await nextAt()) === clock.now() + restMs);
    await clock.advance(restMs - 2000);
    expect(server.asked, fault).toHaveLength(asked - 1);
    await clock.advance(2000);
    await until(`it is asked again: ${fault}`, () => server.asked.length === asked);
  }
  await until('it rests for an hour', async () => (await nextAt()) === clock.now() + HOUR);
  expect(said()).toHaveLength(1);
  expect(server.asked.some(({ path }) => path === '/elsewhere')).toBe(false);
  server.fault = null;
  await clock.advance(HOUR);
  await goOn('the weather is known', () => weatherOf(ids[0]));
  await until('somebody says so', () => said().length === 2);
  expect(said()[1]).toMatchObject({ level: 'info', sentence: 'the weather is told again' });
});

test.each([
  ['broken', 'weather.unreachable', 'status 503'],
  ['redirects', 'weather.unreachable', 'status 302'],
  ['no-json', 'weather.unreadable', 'no JSON'],
  ['endless', 'weather.unreadable', 'more than 256 KB'],
  ['impossible', 'weather.unreadable', 'temperatureCelsius'],
  ['imperial', 'weather.unreadable', 'wind_speed_10m'],
  ['refuses', 'weather.refused', 'Latitude must be in range'],
] as const)('%s: what the provider did is said in words', async (fault, code, word) => {
  const { server, provider, now } = await openWeather();
  server.fault = fault;
  const asked = provider.read({ latitude: 1, longitude: 2 }, { from: now, until: now }, never);
  await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(word) });
});

test('a place that is refused rests for a day, and the other sites do not', async () => {
  const { server, start, record, weatherOf, clock, said, now, goOn } = await openWeather();
  const ids = await record(now);
  server.fault = 'refuses';
  start();
  await until('it is said', () => said().length === 1);
  server.fault = null;
  clock.setWall(now + DAY - 2 * MINUTE);
  await clock.advance(MINUTE);
  expect(server.asked).toHaveLength(1);
  await clock.advance(2 * MINUTE);
  await goOn('the weather is known', () => weatherOf(ids[0]));
});

test('an hour of which the provider knows nothing yet is asked for again', async () => {
  const { server, start, record, weatherOf, clock, now, goOn } = await openWeather();
  server.knowsUntil = now;
  const ids = await record(now, now - HOUR);
  start();
  await until('the hour before is known', () => weatherOf(ids[1]));
  expect(await weatherOf(ids[0])).toBeNull();
  server.knowsUntil = now + DAY;
  await clock.advance(HOUR + MINUTE);
  await goOn('it is known', () => weatherOf(ids[0]));
});

test('hours are asked for in few stretches, newest first, each as long as the provider takes at once', () => {
  const at = (...hours: number[]) => hours.map((hour) => hour * HOUR);
  const plan = (hours: number[], most = 9) =>
    stretchesOf(at(...hours), { mostHours: 10, most }).map(({ from, until, hours: asked }) => [
      until / HOUR,
      from / HOUR,
      asked.length,
    ]);
  expect(plan([100])).toEqual([[100, 100, 1]]);
  expect(plan([100, 99, 91, 90, 50])).toEqual([
    [100, 91, 3],
    [90, 90, 1],
    [50, 50, 1],
  ]);
  expect(plan([100, 80, 60, 40], 2)).toEqual([
    [100, 100, 1],
    [80, 80, 1],
  ]);
  expect(plan([])).toEqual([]);
});
