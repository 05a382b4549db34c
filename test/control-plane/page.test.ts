import path from 'node:path';
import { readConfig } from '@slowlight/control-plane/src/config.ts';
import { createControlPlane } from '@slowlight/control-plane/src/control-plane.ts';
import { agentSettings, cloudStatus, siteView, topics, weatherHourOf } from '@slowlight/protocol';
import { createClosing, systemClock } from '@slowlight/protocol/kit';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createEdge } from '../rig/edge.ts';
import { openFolder } from '../rig/folder.ts';
import { openMqttAgent } from '../rig/mqtt-agent.ts';
import { until } from '../rig/until.ts';
import { openWeatherServer, temperatureAt } from '../rig/weather-server.ts';

const PASSWORD = 'a-password-for-tests';

async function openControlPlane(folder: string, settings: Record<string, string> = {}) {
  const environment = {
    SLOWLIGHT_DATA_DIR: path.join(folder, 'data'),
    SLOWLIGHT_HTTP_PORT: '0',
    SLOWLIGHT_BROKER_PORT: '0',
    SLOWLIGHT_ADMIN_PASSWORD: PASSWORD,
    SLOWLIGHT_WEATHER: 'off',
    ...settings,
  };
  const closing = createClosing();
  onTestFinished(closing.close);
  const log = pino({ level: 'silent' });
  const plane = await createControlPlane(readConfig(environment, folder), { clock: systemClock, log });
  closing.push('the control plane', plane.close);
  const stop = new AbortController();
  const running = plane.run(stop.signal);
  closing.push('what runs', () => {
    stop.abort();
    return running;
  });
  const login = await fetch(`${plane.address}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'admin', password: PASSWORD }),
  });
  const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape and compare them
  const ask = async (method: string, at: string, body?: unknown): Promise<any> => {
    const reply = await fetch(`${plane.address}${at}`, {
      method,
      headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return reply.status === 204 ? null : reply.json();
  };
  return { plane, ask, close: closing.close };
}

it('an agent that was made a moment ago comes in, hears that somebody listens, and gets each change of its settings; after a restart it gets them again', async () => {
  const folder = await openFolder();
  const first = await openControlPlane(folder);
  const site = await first.ask('POST', '/api/sites', { name: 'Garden', timeZone: 'Europe/Vienna' });
  const { agent, secret } = await first.ask('POST', '/api/agents', { siteId: site.id, name: 'Shed' });

  const login = { username: agent.id, password: secret };
  const listen = async (brokerUrl: string) => {
    const opened = await until('the agent is let in', async () => {
      const tried = openMqttAgent(brokerUrl, login);
      await until('an answer', () => tried.state() !== 'waiting');
      return tried.state() === 'in' && tried;
    });
    await opened.client.subscribeAsync([topics.cloudStatus, topics.agentSettings(agent.id)], { qos: 1 });
    const settings = () =>
      opened.heard
        .filter(({ topic }) => topic.endsWith('/settings'))
        .map(({ text }) => agentSettings.parse(JSON.parse(text)));
    const statuses = () =>
      opened.heard
        .filter(({ topic }) => topic === topics.cloudStatus)
        .map(({ text }) => cloudStatus.parse(JSON.parse(text)).body.status);
    return { ...opened, settings, statuses };
  };
  const heard = await listen(first.plane.brokerUrl);
  await until('somebody listens', () => heard.statuses().at(-1) === 'listening');
  await until('the first settings', () => heard.settings().at(-1)?.cameras.length === 0);

  const camera = await first.ask('POST', '/api/cameras', {
    agentId: agent.id,
    name: 'Roses',
    source: { kind: 'test' },
  });
  await until('the camera', () => heard.settings().at(-1)?.cameras[0]?.id === camera.id);
  await first.ask('PATCH', `/api/cameras/${camera.id}`, { name: 'Tulips' });
  await until('its new name', () => heard.settings().at(-1)?.cameras[0]?.name === 'Tulips');
  const versions = heard.settings().map(({ version }) => version);
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));

  await first.close();
  await until('nobody listens', () => heard.statuses().at(-1) === 'away');

  const second = await openControlPlane(folder);
  const again = await listen(second.plane.brokerUrl);
  await until('the settings are retained again', () => again.settings().at(-1)?.cameras[0]?.name === 'Tulips');
});

it('a timelapse whose end has come is completed by itself', async () => {
  const { ask } = await openControlPlane(await openFolder());
  const site = await ask('POST', '/api/sites', { name: 'Garden', timeZone: 'UTC' });
  const { agent } = await ask('POST', '/api/agents', { siteId: site.id, name: 'Shed' });
  const camera = await ask('POST', '/api/cameras', { agentId: agent.id, name: 'Roses', source: { kind: 'test' } });
  const schedule = { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'UTC', endsAt: Date.now() + 1500 };
  const timelapse = await ask('POST', '/api/timelapses', { cameraId: camera.id, name: 'Bloom', schedule });
  expect(timelapse.state).toBe('running');
  await until(
    'it is completed',
    async () => (await ask('GET', `/api/timelapses/${timelapse.id}`)).state === 'completed',
    20_000,
  );
});

it('a frame of a site with a place gets the weather from the server that is set, and people read it', async () => {
  const server = await openWeatherServer();
  const { plane, ask } = await openControlPlane(await openFolder(), { SLOWLIGHT_WEATHER: server.url });
  const place = { latitude: 48.2, longitude: 16.4 };
  const site = await ask('POST', '/api/sites', { name: 'Garden', timeZone: 'UTC', ...place });
  expect(site.weather).toBeNull();
  const { agent, secret } = await ask('POST', '/api/agents', { siteId: site.id, name: 'Shed' });
  const camera = await ask('POST', '/api/cameras', { agentId: agent.id, name: 'Roses', source: { kind: 'test' } });
  const client = await until('the agent is let in', async () => {
    const tried = openMqttAgent(plane.brokerUrl, { username: agent.id, password: secret });
    await until('an answer', () => tried.state() !== 'waiting');
    return tried.state() === 'in' && tried.client;
  });
  const hour = weatherHourOf(Date.now());
  const { event } = createEdge(agent.id, Date.now()).taken(camera.id, hour);
  const temperatureCelsius = temperatureAt(hour);
  await client.publishAsync(topics.agentEvents(agent.id), JSON.stringify(event), { qos: 1 });
  const frame = await until('the frame has its weather', async () => {
    const [found] = (await ask('GET', `/api/frames?cameraId=${camera.id}`)).items;
    return found?.weather && found;
  });
  expect(frame.weather).toMatchObject({ temperatureCelsius, conditions: 61 });
  const read = siteView.parse(await ask('GET', `/api/sites/${site.id}`));
  expect(read.weather).toMatchObject({ hour, facts: { temperatureCelsius } });
});
