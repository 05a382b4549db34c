/** What `discover` says: who answers in this network, and, with a login, which streams each has. */
import type { Clock } from '@slowlight/protocol/kit';
import { askPassword, type Terminal } from './cli/ask-password.ts';
import type { AgentConfig } from './config.ts';
import { type Found, findCameras } from './find-cameras.ts';

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
  const login = user === null || password === null ? null : { username: user, password };
  const wish = { forMs: seconds * 1000, login, describe: login !== null };
  const found = await findCameras(wish, { clock, networks: config.capture.networks }, signal);
  world.say(found.length === 0 ? NOBODY : found.map(sayFound).join(''), found);
  return found.length > 0 ? 0 : 1;
}

const NOBODY =
  'no camera has answered. ONVIF may be switched off in its settings, or it is in another network: test-camera with its address works all the same.\n';

function sayFound({ address, name, hardware, streams, problem }: Found): string {
  const lines = [`${address.padEnd(16)} ${name ?? 'without a name'}${hardware === null ? '' : ` (${hardware})`}`];
  if (problem !== null) lines.push(`    ${problem.message}`);
  for (const { name: stream, codec, widthPx, heightPx, streamUrl, snapshotUrl } of streams ?? []) {
    const size = widthPx === null || heightPx === null ? '' : `, ${widthPx} × ${heightPx}`;
    lines.push(`    ${stream}${codec === null ? '' : ` ${codec}`}${size}`);
    for (const url of [streamUrl, snapshotUrl]) if (url !== null) lines.push(`      ${url}`);
  }
  return `${lines.join('\n')}\n`;
}
