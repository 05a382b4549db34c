/**
 * The page's chapter on finding cameras: who answers in this device's networks, and which streams each has. What answers is
 * believed for nothing: only what lies where cameras may be is listed, asked at the address that it answered from, in bounds.
 */
import type { DiscoveredCamera } from '@slowlight/protocol';
import { type Clock, toFailure } from '@slowlight/protocol/kit';
import { discoverCameras } from './capture/discover.ts';
import type { Login } from './capture/login.ts';
import { createNetworks } from './capture/networks.ts';
import type { OnvifStream } from './capture/onvif/describe-camera.ts';
import type { FoundCamera } from './capture/onvif/probe-match.ts';
import { ownAddresses } from './capture/own-addresses.ts';

export type Found = FoundCamera & {
  /** null: it was not asked, or did not say. */
  streams: OnvifStream[] | null;
  problem: { code: string; message: string } | null;
};
export interface FindWish {
  forMs: number;
  login: Login | null;
  /** Whether each is asked for its streams. */
  describe: boolean;
}
export interface FindWorld {
  clock: Clock;
  /** Where cameras may be, as `createNetworks` reads it. */
  networks: readonly string[];
  /** Where to ask, as `discoverCameras` has it. */
  where?: { group: { address: string; port: number }; from: readonly string[] };
}

const DESCRIBE_MS = 6000;
const MOST_DESCRIBED = 32;
const AT_ONCE = 4;

/** @throws the signal's reason when it aborts while cameras are asked */
export async function findCameras(wish: FindWish, world: FindWorld, signal: AbortSignal): Promise<Found[]> {
  const { clock } = world;
  const networks = createNetworks(world.networks, ownAddresses);
  const answered = await discoverCameras({ clock, timeoutMs: wish.forMs, ...world.where }, signal);
  const found: Found[] = answered
    .filter(({ address }) => networks.allow(address))
    .map((camera) => ({ ...camera, streams: null, problem: null }));
  if (!wish.describe) return found;
  const waiting = found.slice(0, MOST_DESCRIBED);
  const { describeCamera } = await import('./capture/onvif/describe-camera.ts');
  const askNext = async (): Promise<void> => {
    for (let camera = waiting.shift(); camera !== undefined; camera = waiting.shift()) {
      const url = serviceOf(camera);
      if (url === null) continue;
      try {
        const asked = { clock, url, login: wish.login, networks, timeoutMs: DESCRIBE_MS };
        camera.streams = await describeCamera(asked, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        const { code, message } = toFailure(thrown);
        camera.problem = { code, message };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askNext));
  return found;
}

/** Nobody is sent elsewhere by an answer: only the address that it came from is asked. */
function serviceOf({ xaddrs, address }: FoundCamera): string | null {
  return xaddrs.find((one) => one.startsWith('http://') && URL.parse(one)?.hostname === address) ?? null;
}

const MOST_CAMERAS = 64;
const MOST_STREAMS = 8;
const MOST_URL = 500;
/** Of the whole list, characters of JSON: it travels in one event. */
const MOST_CHARACTERS = 60_000;

/** `more`: not all of them are in it. A type of its own shape, as an answer is. */
export type FoundList = { cameras: DiscoveredCamera[]; more: boolean };

/** As it is told to whoever asked. Pure. */
export function tellFound(found: readonly Found[]): FoundList {
  const cameras: DiscoveredCamera[] = [];
  let left = MOST_CHARACTERS;
  for (const { address, name, hardware, streams, problem } of found.slice(0, MOST_CAMERAS)) {
    const told: DiscoveredCamera = {
      address,
      name,
      hardware,
      streams: streams === null ? null : streams.slice(0, MOST_STREAMS).map(tellStream),
      code: problem?.code ?? null,
    };
    left -= JSON.stringify(told).length;
    if (left < 0) break;
    cameras.push(told);
  }
  return { cameras, more: cameras.length < found.length };
}

function tellStream({ name, codec, widthPx, heightPx, streamUrl, snapshotUrl }: OnvifStream) {
  const short = (url: string | null) => (url !== null && url.length <= MOST_URL ? url : null);
  return { name, codec, widthPx, heightPx, streamUrl: short(streamUrl), snapshotUrl: short(snapshotUrl) };
}
