import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createRateLimit, readCommand } from '@slowlight/control-plane/src/home-automation/commands.ts';
import {
  agentDiscovery,
  cameraDiscovery,
  houseDiscovery,
} from '@slowlight/control-plane/src/home-automation/discovery.ts';
import { deviceDiscovery } from '@slowlight/control-plane/src/home-automation/discovery-schema.ts';
import { farewellTo, isOurs, readKept } from '@slowlight/control-plane/src/home-automation/left-over.ts';
import { linkFailure } from '@slowlight/control-plane/src/home-automation/link-failure.ts';
import { marksOf } from '@slowlight/control-plane/src/home-automation/marks.ts';
import {
  agentState,
  type CameraLook,
  cameraState,
  houseState,
  siteState,
  timelapseState,
} from '@slowlight/control-plane/src/home-automation/states.ts';
import { homeTopics } from '@slowlight/control-plane/src/home-automation/topics.ts';
import { type CameraId, type FeedEvent, type HouseId, newCameraId } from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';
import { homeLook } from '../../rig/home-look.ts';

const house = 'hse-0000111122223333' as HouseId;
const topics = homeTopics({ topicRoot: 'slowlight', discoveryPrefix: 'homeassistant', houseId: house });
const facts = { topics, house, version: '0.2.0', publicUrl: 'https://slowlight.example.org', shortestS: 5 };
const look = homeLook();
const camera = look.camera.id;
const golden = path.resolve(import.meta.dirname, '../../../protocol/golden/home');
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(golden, name), 'utf8'));

const said = {
  'discovery.house.json': houseDiscovery(facts),
  'discovery.agent.json': agentDiscovery(look, facts),
  'discovery.camera.json': cameraDiscovery(look, false, facts),
  'discovery.camera.picture.json': cameraDiscovery(look, true, facts),
  'state.house.json': houseState(house, { version: '0.2.0', url: facts.publicUrl, topicRoot: 'slowlight' }),
  'state.agent.json': agentState(look, { house, ownVersion: '0.2.0' }),
  'state.camera.json': cameraState(look, { house, withPicture: true }),
  'state.site.json': siteState(look.site, house),
  'state.timelapse.json': timelapseState(look.timelapse, house),
};
const discoveries = Object.keys(said).filter((name) => name.startsWith('discovery'));

describe('what houses are told', () => {
  test.each(Object.keys(said))('%s is said as it was shipped', (name) => {
    expect(JSON.parse(JSON.stringify(said[name as keyof typeof said]))).toEqual(read(name));
  });

  test('the shipped examples have never been edited, and each is made still', () => {
    const names = readdirSync(golden).filter((name) => name.endsWith('.json'));
    const sum = (name: string) =>
      createHash('sha256')
        .update(readFileSync(path.join(golden, name)))
        .digest('hex');
    const sums = readFileSync(path.join(golden, 'SHA256SUMS'), 'utf8').trim().split('\n');
    expect(names.map((name) => `${sum(name)}  ${name}`).sort()).toEqual(sums.sort());
    expect(names.sort()).toEqual(Object.keys(said).sort());
  });

  test.each(discoveries)('%s passes the strict schema, and no key that Home Assistant would drop does', (name) => {
    const whole = read(name) as { device: object; components: Record<string, object> };
    expect(deviceDiscovery.safeParse(whole).success).toBe(true);
    const [key = ''] = Object.keys(whole.components);
    for (const wrong of [
      { ...whole, surprise: 1 },
      { ...whole, device: { ...whole.device, surprise: 1 } },
      { ...whole, origin: { sw_version: '1' } },
      { ...whole, device: { name: 'nobody' } },
      { ...whole, components: { ...whole.components, [key]: { ...whole.components[key], object_id: 'x' } } },
      { ...whole, components: { ...whole.components, twice: whole.components[key] ?? {} } },
      { ...whole, components: { ...whole.components, [`a ${key}`]: whole.components[key] ?? {} } },
    ])
      expect(deviceDiscovery.safeParse(wrong).success).toBe(false);
  });

  test('whether something is connected is never away with us; everything else is', () => {
    for (const device of [said['discovery.house.json'], said['discovery.agent.json'], said['discovery.camera.json']]) {
      expect(device.availability).toBeUndefined();
      for (const [key, component] of Object.entries(device.components)) {
        const isConnectivity = key === 'online' || key === 'connected';
        expect([key, 'availability' in component && component.availability?.length]).toEqual([
          key,
          isConnectivity ? 0 : 1,
        ]);
      }
    }
  });

  test('an entity’s id names its domain and its camera, whatever the camera is called', () => {
    const named = (name: string) => {
      const { quality } = cameraDiscovery({ ...look, camera: { ...look.camera, name } }, false, facts).components;
      return quality !== undefined && 'default_entity_id' in quality ? quality.default_entity_id : null;
    };
    expect(named('Große Brücke  #2')).toBe('sensor.grosse_brucke_2_quality');
    expect(named('カメラ')).toBe(`sensor.${camera.replace('-', '_')}_quality`);
    expect(named(`${'x'.repeat(119)}!`)).toBe(`sensor.${'x'.repeat(60)}_quality`);
  });

  test('nothing is said as true or false, which templates would write as True and False', () => {
    for (const [name, content] of Object.entries(said))
      if (name.startsWith('state')) expect([name, /true|false/.test(JSON.stringify(content))]).toEqual([name, false]);
  });
});

describe('the state of a camera', () => {
  const state = (change: Partial<CameraLook>) => cameraState({ ...look, ...change }, { house, withPicture: false });
  const withCamera = (change: object) => state({ camera: { ...look.camera, ...change } });
  test.each([
    ['all is well', {}, { online: 'ON', problem: 'OFF', problem_text: null }],
    ['the agent is away', { agent: { ...look.agent, state: 'offline' as const } }, { online: 'OFF', problem: 'ON' }],
    ['no timelapse', { timelapse: null }, { paused: null, interval: null, problem: 'OFF' }],
    ['nothing taken yet', { newest: null }, { quality: null, last_capture: null }],
    ['nothing planned', { covered: null }, { coverage: null }],
    ['most was taken', { covered: 0.98765 }, { coverage: 98.8 }],
  ])('%s', (_, change, expected) => {
    expect(state(change)).toMatchObject(expected);
  });

  test('a camera that fails says why; one that is switched off is no problem; one that nobody knows is unknown', () => {
    const hint = 'Look whether it has power.';
    expect(withCamera({ health: 'offline', healthHint: hint })).toMatchObject({ online: 'OFF', problem_text: hint });
    expect(withCamera({ health: 'degraded', healthHint: hint })).toMatchObject({ online: 'ON', problem: 'ON' });
    expect(withCamera({ enabled: false, health: 'offline' })).toMatchObject({ enabled: 'OFF', problem: 'OFF' });
    expect(withCamera({ health: 'unknown' })).toMatchObject({ online: null, problem: 'OFF' });
  });

  test('a cron expression has no interval', () => {
    const schedule = { ...look.timelapse.schedule, rhythm: { kind: 'cron' as const, expression: '0 * * * *' } };
    expect(state({ timelapse: { ...look.timelapse, schedule } }).interval).toBeNull();
  });

  test.each([
    ['0.1.0', '0.2.0', '0.2.0'],
    ['0.10.0', '0.9.9', '0.10.0'],
    ['0.2.0-rc.1', '0.2.0', '0.2.0'],
    ['0.2.0', '0.2.0', '0.2.0'],
  ])('an agent %s beside a control plane %s could be %s', (version, ownVersion, latest) => {
    const agent = { ...look.agent, version };
    expect(agentState({ ...look, agent }, { house, ownVersion }).latest_version).toBe(latest);
  });
});

describe('topics', () => {
  test('of commands are read back, and nothing else is a command', () => {
    expect(topics.readCommand(topics.command(camera, 'paused'))).toEqual({ camera, name: 'paused' });
    for (const topic of [
      'slowlight/cameras/x/paused/set',
      `slowlight/cameras/${camera}/delete/set`,
      `slowlight/cameras/${camera}/paused/set/set`,
      `slowlight/cameras/${camera}/paused`,
      `other/slowlight/cameras/${camera}/paused/set`,
      `slowlight/cameras/${camera}/__proto__/set`,
    ])
      expect([topic, topics.readCommand(topic)]).toEqual([topic, null]);
  });

  test('of configurations are ours only with our own house in them', () => {
    expect(topics.readConfig(topics.config(topics.node(camera)))).toBe(topics.node(camera));
    expect(topics.readConfig(topics.config(topics.node(house)))).toBe(`slowlight_${house}`);
    for (const node of ['slowlight_hse-9999999999999999', `slowlight_${house}x_cam`, 'zigbee2mqtt', ''])
      expect(topics.readConfig(`homeassistant/device/${node}/config`)).toBeNull();
  });
});

describe('commands', () => {
  test.each([
    ['interval', '300', { everyMs: 300_000 }],
    ['interval', '7.5', { everyMs: 7500 }],
    ['interval', '604800', { everyMs: 604_800_000 }],
    ['paused', 'ON', { paused: true }],
    ['paused', ' OFF\n', { paused: false }],
    ['capture', 'PRESS', {}],
  ] as const)('%s %s is understood', (name, payload, expected) => {
    expect(readCommand({ camera, name }, payload)).toEqual({ name, camera, ...expected });
  });

  test.each([
    ['interval', ''],
    ['interval', '0'],
    ['interval', '604801'],
    ['interval', 'NaN'],
    ['interval', '0x10'],
    ['interval', '5,5'],
    ['paused', 'true'],
    ['capture', 'ON'],
    ['render', 'P'.repeat(40)],
  ] as const)('%s "%s" is refused in words', (name, payload) => {
    expect(readCommand({ camera, name }, payload)).toMatch(/^must be /);
  });

  test('come as often as people press, and no more', () => {
    let now = 0;
    const may = createRateLimit({ monotonicMs: () => now });
    const press = (name: 'capture' | 'render', id: CameraId = camera) => may(name, id);
    const burst = Array.from({ length: 8 }, () => press('capture'));
    expect(burst).toEqual([true, true, true, true, true, false, false, false]);
    expect([press('render'), press('render'), press('render')]).toEqual([true, true, false]);
    expect(press('capture', newCameraId())).toBe(true);
    now += 2000;
    expect([press('capture'), press('capture')]).toEqual([true, false]);
    now += 60_000;
    expect([press('render'), press('render')]).toEqual([true, false]);
  });
});

describe('what is left over', () => {
  test('a component that is gone is named by its platform alone, before it is left out', () => {
    const [before, now] = [said['discovery.camera.picture.json'], said['discovery.camera.json']];
    expect(farewellTo(before, now)?.components.newest).toEqual({ platform: 'image' });
    expect(farewellTo(now, before)).toBeNull();
    for (const nothing of [null, undefined, 'x', {}, { components: 3 }]) expect(farewellTo(nothing, now)).toBeNull();
  });

  test('is ours only when it says so', () => {
    expect(isOurs(said['discovery.house.json'])).toBe(true);
    for (const other of [null, [], {}, { origin: 'Slowlight' }, { origin: { name: 'Zigbee2MQTT' } }])
      expect(isOurs(other)).toBe(false);
  });

  test.each(['', 'x', '[]', 'null', '3', `{"a":"${'x'.repeat(70_000)}"}`])(
    'what is no JSON object is not read',
    (text) => {
      expect(readKept(Buffer.from(text))).toBeNull();
    },
  );
});

describe('marks', () => {
  const marks = (event: unknown) => marksOf(event as FeedEvent);
  test('an event makes out of date what it is about', () => {
    const ids = { cameraId: camera, timelapseId: look.timelapse.id };
    const both = [
      { kind: 'camera', id: camera },
      { kind: 'timelapse', id: look.timelapse.id },
    ];
    expect(marks({ type: 'frame.captured', body: { ...ids, frameId: 'f', at: 1 } })).toEqual(both);
    expect(marks({ type: 'timelapse.paused', body: ids })).toEqual(both);
    expect(marks({ type: 'agent.offline', body: { agentId: look.agent.id } })).toEqual([
      { kind: 'agent', id: look.agent.id },
    ]);
    expect(marks({ type: 'agent.reported', body: { agentId: look.agent.id } })).toEqual([
      { kind: 'device', id: look.agent.id },
    ]);
    expect(marks({ type: 'site.changed', body: { siteId: look.site.id, change: 'changed' } })).toEqual([
      { kind: 'everything' },
    ]);
    expect(marks({ type: 'settings.changed', body: { agentId: look.agent.id, version: 2 } })).toEqual([]);
    expect(marks({ type: 'fault.found', body: { agentId: look.agent.id, code: 'x', reason: 'y' } })).toEqual([]);
  });
});

describe('what is wrong with a connection', () => {
  test.each([
    [4, 'home.login-refused'],
    [0x86, 'home.login-refused'],
    [1, 'home.wrong-version'],
    [0x84, 'home.wrong-version'],
    [0x8e, 'home.taken-over'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'home.certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'home.certificate'],
    ['CERT_HAS_EXPIRED', 'home.certificate'],
    ['ECONNREFUSED', 'home.unreachable'],
    [null, 'home.unreachable'],
  ])('%s is told as %s', (code, expected) => {
    expect(linkFailure('mqtt://a', code === null ? null : Object.assign(new Error('x'), { code })).code).toBe(expected);
  });
});
