/**
 * What somebody at the broker of a house sees: every message as it comes, what is kept, and the entities that follow from the
 * discovery messages by Home Assistant's rules, each message checked against our own strict schema.
 */
import {
  type DeviceDiscovery,
  deviceDiscovery,
} from '@slowlight/control-plane/src/home-automation/discovery-schema.ts';
import mqtt from 'mqtt';
import { onTestFinished } from 'vitest';
import type { HouseBroker } from './house-broker.ts';
import { until } from './until.ts';

export interface HeardMessage {
  topic: string;
  payload: Buffer;
  kept: boolean;
}

export interface HouseClient {
  heard: HeardMessage[];
  /** As the broker would give it to somebody who came now, as far as this client has heard; empty messages are gone. */
  kept: Map<string, Buffer>;
  /** Devices by the node of their topic. */
  devices(): Map<string, DeviceDiscovery>;
  /** `node/key` of all entities, in order. @throws Error where two have the same unique_id */
  entities(): string[];
  json<Content = Record<string, unknown>>(topic: string): Content | null;
  publish(topic: string, payload: string, retain?: boolean): Promise<void>;
  close(): Promise<void>;
}

export async function openHouseClient(broker: HouseBroker, prefix = 'homeassistant'): Promise<HouseClient> {
  const client = mqtt.connect(broker.url, {
    username: broker.username,
    password: broker.password,
    protocolVersion: 5,
    reconnectPeriod: 100,
    ...(broker.certificate !== null && { ca: broker.certificate.cert }),
  });
  const heard: HeardMessage[] = [];
  const kept = new Map<string, Buffer>();
  client.on('error', () => {});
  client.on('message', (topic, payload, packet) => {
    heard.push({ topic, payload, kept: packet.retain });
    // Retained as published: also what comes live says whether it is kept.
    if (!packet.retain) return;
    if (payload.length === 0) kept.delete(topic);
    else kept.set(topic, payload);
  });
  client.on('connect', () => {
    kept.clear();
    client.subscribe('#', { qos: 1, rap: true });
  });
  const close = async () => {
    await client.endAsync(true);
  };
  onTestFinished(close);
  await until('the client of the house is connected', () => client.connected);
  const devices = () => {
    const found = new Map<string, DeviceDiscovery>();
    for (const [topic, payload] of kept) {
      const node = new RegExp(`^${prefix}/device/([a-zA-Z0-9_-]+)/config$`).exec(topic)?.[1];
      if (node !== undefined) found.set(node, deviceDiscovery.parse(JSON.parse(payload.toString('utf8'))));
    }
    return found;
  };
  return {
    heard,
    kept,
    devices,
    entities() {
      const ids = new Set<string>();
      const entities: string[] = [];
      for (const [node, { components }] of devices())
        for (const [key, component] of Object.entries(components)) {
          if (!('unique_id' in component)) continue;
          if (ids.has(component.unique_id)) throw new Error(`twice: ${component.unique_id}`);
          ids.add(component.unique_id);
          entities.push(`${node}/${key}`);
        }
      return entities.sort();
    },
    json<Content>(topic: string) {
      const payload = kept.get(topic);
      return payload === undefined ? null : (JSON.parse(payload.toString('utf8')) as Content);
    },
    async publish(topic, payload, retain = false) {
      await client.publishAsync(topic, payload, { qos: 1, retain });
    },
    close,
  };
}
