/** The page's chapter on finding cameras: who answers in this network, and, with a login, which streams each has. */
import type { Clock } from '@slowlight/protocol/kit';
import { discoverCameras } from './capture/discover.ts';
import { createNetworks } from './capture/networks.ts';
import type { OnvifStream } from './capture/onvif/describe-camera.ts';
import type { FoundCamera } from './capture/onvif/probe-match.ts';
import { ownAddresses } from './capture/own-addresses.ts';
import { askPassword, type Terminal } from './cli/ask-password.ts';
import type { AgentConfig } from './config.ts';

type Found = FoundCamera & { streams: OnvifStream[] | null; problem: string | null };

const DESCRIBE_MS = 10_000;
const LONGEST_MS = 5 * 60_000;

/** Exit code 1: none has answered. */
export async function discover(
  { user, seconds }: { user: string | null; seconds: number },
  config: AgentConfig,
  world: Terminal & { clock: Clock; say: (words: string, json: unknown) => void },
): Promise<number> {
  const { clock } = world;
  const signal = AbortSignal.timeout(LONGEST_MS);
  const password = user === null ? null : await askPassword(`Password of ${user}: `, world);
  const cameras = await discoverCameras({ clock, timeoutMs: seconds * 1000 }, signal);
  const login = user === null || password === null ? null : { username: user, password };
  const found: Found[] = await Promise.all(
    cameras.map(async (camera) => ({ ...camera, ...(await streamsOf(camera, login, { config, clock, signal })) })),
  );
  world.say(found.length === 0 ? NOBODY : found.map(sayFound).join(''), found);
  return found.length > 0 ? 0 : 1;
}

const NOBODY =
  'no camera has answered. ONVIF may be switched off in its settings, or it is in another network: test-camera with its address works all the same.\n';

async function streamsOf(
  { xaddrs }: FoundCamera,
  login: { username: string; password: string } | null,
  { config, clock, signal }: { config: AgentConfig; clock: Clock; signal: AbortSignal },
): Promise<Pick<Found, 'streams' | 'problem'>> {
  const url = xaddrs.find((address) => address.startsWith('http://'));
  if (login === null || url === undefined) return { streams: null, problem: null };
  try {
    const { describeCamera } = await import('./capture/onvif/describe-camera.ts');
    const networks = createNetworks(config.capture.networks, ownAddresses);
    return {
      streams: await describeCamera({ clock, url, login, networks, timeoutMs: DESCRIBE_MS }, signal),
      problem: null,
    };
  } catch (cause) {
    return { streams: null, problem: cause instanceof Error ? cause.message : String(cause) };
  }
}

function sayFound({ address, name, hardware, streams, problem }: Found): string {
  const lines = [`${address.padEnd(16)} ${name ?? 'without a name'}${hardware === null ? '' : ` (${hardware})`}`];
  if (problem !== null) lines.push(`    ${problem}`);
  for (const { name: stream, codec, widthPx, heightPx, streamUrl, snapshotUrl } of streams ?? []) {
    const size = widthPx === null || heightPx === null ? '' : `, ${widthPx} × ${heightPx}`;
    lines.push(`    ${stream}${codec === null ? '' : ` ${codec}`}${size}`);
    for (const url of [streamUrl, snapshotUrl]) if (url !== null) lines.push(`      ${url}`);
  }
  return `${lines.join('\n')}\n`;
}
