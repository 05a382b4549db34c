/** What is found at a broker that nobody says any more, and how it is taken away. Pure. */
import { ORIGIN } from './discovery.ts';
import { type DeviceDiscovery, deviceDiscovery, type Platform } from './discovery-schema.ts';

/**
 * The message that comes before one which no longer holds some components: they are named by their platform alone, so that
 * Home Assistant takes them away. null: none is missing.
 * @param before as the broker keeps it, whoever wrote it
 */
export function farewellTo(before: unknown, now: DeviceDiscovery): DeviceDiscovery | null {
  const gone: Record<string, { platform: Platform }> = {};
  const known = componentsOf(before);
  for (const [key, platform] of known) if (!(key in now.components)) gone[key] = { platform: platform as Platform };
  if (Object.keys(gone).length === 0) return null;
  const said = deviceDiscovery.safeParse({ ...now, components: { ...now.components, ...gone } });
  return said.success ? said.data : null;
}

/** Whether a kept configuration says that Slowlight made it. */
export function isOurs(config: unknown): boolean {
  if (typeof config !== 'object' || config === null || !('origin' in config)) return false;
  const { origin } = config;
  return typeof origin === 'object' && origin !== null && 'name' in origin && origin.name === ORIGIN;
}

function componentsOf(config: unknown): [key: string, platform: string][] {
  if (typeof config !== 'object' || config === null || !('components' in config)) return [];
  const { components } = config;
  if (typeof components !== 'object' || components === null) return [];
  return Object.entries(components as Record<string, unknown>).flatMap(([key, one]): [string, string][] =>
    typeof one === 'object' && one !== null && 'platform' in one && typeof one.platform === 'string'
      ? [[key, one.platform]]
      : [],
  );
}

/** What a kept message of ours says of itself; null: it is not ours, or not JSON. */
export function readKept(payload: Uint8Array): Record<string, unknown> | null {
  if (payload.length > MOST_KEPT_BYTES) return null;
  try {
    const read: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
/** Longer is no state and no configuration of ours. */
const MOST_KEPT_BYTES = 64 * 1024;
