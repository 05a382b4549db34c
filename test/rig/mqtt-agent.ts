import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';

export interface MqttAgent {
  client: MqttClient;
  /** What it has heard, in order. */
  heard: { topic: string; text: string; retain: boolean }[];
  /** Whether the broker let it in, and whether it has been closed since. */
  state(): 'waiting' | 'in' | 'refused' | 'closed';
}

/** A plain MQTT client that never reconnects; it goes with the test. */
export function openMqttAgent(
  url: string,
  login: { username: string; password: string },
  options: IClientOptions = {},
): MqttAgent {
  const client = mqtt.connect(url, {
    protocolVersion: 4,
    reconnectPeriod: 0,
    clean: true,
    clientId: login.username,
    ...login,
    ...options,
  });
  const heard: MqttAgent['heard'] = [];
  let state: ReturnType<MqttAgent['state']> = 'waiting';
  client.on('connect', () => {
    state = 'in';
  });
  client.on('error', () => {
    if (state === 'waiting') state = 'refused';
  });
  client.on('close', () => {
    state = state === 'waiting' || state === 'refused' ? 'refused' : 'closed';
  });
  client.on('message', (topic, payload, packet) => {
    heard.push({ topic, text: payload.toString('utf8'), retain: packet.retain });
  });
  onTestFinished(async () => {
    await client.endAsync(true);
  });
  return { client, heard, state: () => state };
}
