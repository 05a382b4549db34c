// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import { type Asked, call } from '../call.ts';

/** The process answers */
export const getHealthLive = (asked: Asked = {}): Promise<{ live: true }> =>
  call('GET', '/health/live', asked);

/** Every part can do its work; says which one cannot */
export const getHealthReady = (asked: Asked = {}): Promise<{ ready: boolean; parts: ({ part: string; ready: boolean; detail: string })[] }> =>
  call('GET', '/health/ready', asked);
