/**
 * What Home Assistant is told that there is: a device for the house, each agent and each camera, with its entities. Each
 * message is checked against our own reading of the rules before it leaves. Pure.
 */
import type { HouseId } from '@slowlight/protocol';
import { type Component, type DeviceDiscovery, deviceDiscovery } from './discovery-schema.ts';
import type { AgentLook, CameraLook } from './states.ts';
import type { HomeTopics } from './topics.ts';

export const ORIGIN = 'Slowlight';
const MAKER = 'Slowlight';
/** Longest interval of a schedule, s. */
const LONGEST_S = 604_800;

export interface DiscoveryFacts {
  topics: HomeTopics;
  house: HouseId;
  version: string;
  /** Where people look; null: nobody has said it. */
  publicUrl: string | null;
  /** The shortest interval that is taken, s. */
  shortestS: number;
}

type Without<Whole, Keys extends string> = Whole extends unknown ? Omit<Whole, Keys> : never;
type Entity = Without<Extract<Component, { unique_id: string }>, 'unique_id' | 'default_entity_id' | 'availability'>;

export function houseDiscovery(facts: DiscoveryFacts): DeviceDiscovery {
  const { topics, house } = facts;
  return whole(facts, {
    id: house,
    name: 'Slowlight',
    model: 'Control plane',
    version: facts.version,
    path: '/',
    // It tells that the control plane is away, so it must not be away itself then.
    always: {
      connected: {
        platform: 'binary_sensor',
        name: 'Connected',
        device_class: 'connectivity',
        entity_category: 'diagnostic',
        state_topic: topics.status,
        value_template: "{{ 'ON' if value == 'online' else 'OFF' }}",
        payload_on: 'ON',
        payload_off: 'OFF',
      },
    },
    entities: {},
  });
}

export function agentDiscovery({ agent, site }: AgentLook, facts: DiscoveryFacts): DeviceDiscovery {
  const state_topic = facts.topics.agentState(agent.id);
  const diagnostic = { state_topic, entity_category: 'diagnostic' } as const;
  return whole(facts, {
    id: agent.id,
    name: agent.name,
    model: 'Agent',
    version: agent.version,
    area: site?.name,
    via: facts.house,
    path: '/system',
    always: { online: { ...ONLINE, state_topic } },
    entities: {
      disk_free: {
        ...diagnostic,
        platform: 'sensor',
        name: 'Disk free',
        device_class: 'data_size',
        state_class: 'measurement',
        unit_of_measurement: 'GB',
        suggested_display_precision: 1,
        value_template: '{{ value_json.disk_free }}',
      },
      temperature: {
        ...diagnostic,
        platform: 'sensor',
        name: 'Temperature',
        device_class: 'temperature',
        state_class: 'measurement',
        unit_of_measurement: '°C',
        value_template: '{{ value_json.temperature }}',
      },
      backlog: { ...diagnostic, ...BACKLOG },
      version: {
        ...diagnostic,
        platform: 'update',
        name: 'Version',
        title: 'Slowlight agent',
        device_class: 'firmware',
        value_template:
          "{{ {'installed_version': value_json.version, 'latest_version': value_json.latest_version} | to_json }}",
      },
    },
  });
}

/** @param withPicture whether its newest picture is published too */
export function cameraDiscovery(
  { camera, agent, site }: CameraLook,
  withPicture: boolean,
  facts: DiscoveryFacts,
): DeviceDiscovery {
  const { topics } = facts;
  const { state: state_topic, picture } = topics.camera(camera.id);
  const measured = { platform: 'sensor', state_topic, state_class: 'measurement' } as const;
  const image: Record<string, Entity> = withPicture
    ? {
        newest: { platform: 'image', name: 'Newest frame', image_topic: picture, content_type: 'image/jpeg' },
      }
    : {};
  return whole(facts, {
    id: camera.id,
    name: camera.name,
    model: 'Camera',
    version: undefined,
    area: site?.name,
    via: agent.id,
    path: `/cameras/${camera.id}`,
    always: { online: { ...ONLINE, state_topic } },
    entities: {
      ...image,
      capture: {
        platform: 'button',
        name: 'Capture now',
        icon: 'mdi:camera',
        command_topic: topics.command(camera.id, 'capture'),
        payload_press: 'PRESS',
      },
      render: {
        platform: 'button',
        name: 'Make film',
        icon: 'mdi:movie-open-plus',
        command_topic: topics.command(camera.id, 'render'),
        payload_press: 'PRESS',
      },
      paused: {
        platform: 'switch',
        name: 'Paused',
        icon: 'mdi:pause',
        state_topic,
        value_template: '{{ value_json.paused }}',
        command_topic: topics.command(camera.id, 'paused'),
        payload_on: 'ON',
        payload_off: 'OFF',
        state_on: 'ON',
        state_off: 'OFF',
        optimistic: false,
      },
      interval: {
        platform: 'number',
        name: 'Interval',
        icon: 'mdi:timer-outline',
        entity_category: 'config',
        state_topic,
        value_template: '{{ value_json.interval }}',
        command_topic: topics.command(camera.id, 'interval'),
        min: facts.shortestS,
        max: LONGEST_S,
        step: 1,
        mode: 'box',
        unit_of_measurement: 's',
        device_class: 'duration',
        optimistic: false,
      },
      problem: {
        platform: 'binary_sensor',
        name: 'Problem',
        device_class: 'problem',
        state_topic,
        value_template: '{{ value_json.problem }}',
        payload_on: 'ON',
        payload_off: 'OFF',
        json_attributes_topic: state_topic,
        json_attributes_template: "{{ {'text': value_json.problem_text} | to_json }}",
      },
      backlog: { ...measured, ...BACKLOG, entity_category: 'diagnostic' },
      quality: { ...measured, name: 'Quality', icon: 'mdi:star', value_template: '{{ value_json.quality }}' },
      coverage: {
        ...measured,
        name: 'Coverage',
        icon: 'mdi:chart-donut',
        unit_of_measurement: '%',
        suggested_display_precision: 1,
        value_template: '{{ value_json.coverage }}',
      },
      last_capture: {
        platform: 'sensor',
        name: 'Last capture',
        device_class: 'timestamp',
        state_topic,
        value_template: '{{ value_json.last_capture }}',
      },
    },
  });
}

const ONLINE = {
  platform: 'binary_sensor',
  name: 'Online',
  device_class: 'connectivity',
  entity_category: 'diagnostic',
  value_template: '{{ value_json.online }}',
  payload_on: 'ON',
  payload_off: 'OFF',
} as const;
const BACKLOG = {
  platform: 'sensor',
  name: 'Backlog',
  icon: 'mdi:tray-full',
  state_class: 'measurement',
  value_template: '{{ value_json.backlog }}',
} as const;

interface Parts {
  id: string;
  name: string;
  model: string;
  version: string | null | undefined;
  area?: string | undefined;
  via?: string;
  path: string;
  /** Shown as they are also while the control plane is away. */
  always: Record<string, Entity>;
  entities: Record<string, Entity>;
}

function whole(facts: DiscoveryFacts, parts: Parts): DeviceDiscovery {
  const { topics, publicUrl } = facts;
  // `stopped` and `offline` are both away.
  const there = [
    {
      topic: topics.status,
      payload_available: 'online',
      payload_not_available: 'offline',
      value_template: "{{ 'online' if value == 'online' else 'offline' }}",
    },
  ];
  const slug = slugOf(parts.name) || slugOf(parts.id);
  const named = (key: string, entity: Entity, availability: typeof there) => [
    key,
    {
      ...entity,
      unique_id: `${topics.node(parts.id)}_${key}`,
      default_entity_id: `${entity.platform}.${slug}_${key}`,
      availability,
    },
  ];
  return deviceDiscovery.parse({
    device: {
      identifiers: [topics.node(parts.id)],
      name: parts.name,
      manufacturer: MAKER,
      model: parts.model,
      serial_number: parts.id,
      ...(parts.version != null && { sw_version: parts.version }),
      ...(parts.area !== undefined && { suggested_area: parts.area }),
      ...(parts.via !== undefined && { via_device: topics.node(parts.via) }),
      ...(publicUrl !== null && { configuration_url: `${publicUrl}${parts.path}` }),
    },
    origin: { name: ORIGIN, sw_version: facts.version },
    components: Object.fromEntries([
      ...Object.entries(parts.always).map(([key, entity]) => named(key, entity, [])),
      ...Object.entries(parts.entities).map(([key, entity]) => named(key, entity, there)),
    ]),
    qos: 1,
  });
}

function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60);
}
