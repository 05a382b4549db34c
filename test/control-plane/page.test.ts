import path from 'node:path';
import { agentSettings, cloudStatus, siteView, topics, weatherHourOf } from '@slowlight/protocol';
import { expect, it } from 'vitest';
import { createEdge } from '../rig/edge.ts';
import { openFolder } from '../rig/folder.ts';
import { openMqttAgent } from '../rig/mqtt-agent.ts';
import { until } from '../rig/until.ts';
import { openWeatherServer, temperatureAt } from '../rig/weather-server.ts';
import { openWholePlane } from '../rig/whole-plane.ts';

async function openControlPlane(folder: string, settings: Record<string, string> = {}) {
  const opened = await openWholePlane(folder, { SLOWLIGHT_DATA_DIR: path.join(folder, 'data'), ...settings });
  const ask = async (method: string, at: string, body?: unknown) => (await opened.ask(method, at, body)).body;
  return { ...opened, ask };
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
