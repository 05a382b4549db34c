/** Reads of the records what is said to houses. What is dear to count is counted at most once in a while. */
import {
  type AgentId,
  type CameraId,
  type FrameId,
  type SiteId,
  type TimelapseId,
  type TimelapseView,
  thumbnailKey,
} from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { ObjectStore } from '../frame.ts';
import type { Page, PageRequest, Records } from '../ports.ts';
import type { AgentLook, CameraLook } from './states.ts';

export type LookRecords = Pick<
  Records,
  | 'sites'
  | 'site'
  | 'agents'
  | 'agent'
  | 'cameras'
  | 'camera'
  | 'timelapses'
  | 'timelapse'
  | 'frames'
  | 'cameraCoverage'
  | 'waitingPictures'
>;

const DAY_MS = 86_400_000;
const COVERAGE_FOR_MS = 60_000;
const WAITING_FOR_MS = 5000;
const PAGE = 200;
/** A retained picture is read by everybody who connects: small is enough. */
export const MOST_PICTURE_BYTES = 200 * 1024;

export interface Look {
  camera(id: CameraId): Promise<CameraLook | null>;
  agent(id: AgentId): Promise<AgentLook | null>;
  site: LookRecords['site'];
  timelapse: LookRecords['timelapse'];
  camerasOf(agent: AgentId): Promise<CameraId[]>;
  /** Of all that is there now: timelapses that run or are paused, no agent that will never come back. */
  everything(): Promise<{ sites: SiteId[]; agents: AgentId[]; cameras: CameraId[]; timelapses: TimelapseId[] }>;
  /** A thumbnail, 200 KiB at most; null: there is none. */
  picture(frame: FrameId): Promise<Buffer | null>;
}

export function createLook({
  records,
  objects,
  clock,
}: {
  records: LookRecords;
  objects: Pick<ObjectStore, 'read' | 'stat'>;
  clock: Clock;
}): Look {
  const remember = <Key, Value>(forMs: number, read: (key: Key) => Promise<Value>) => {
    const known = new Map<Key, { until: number; value: Promise<Value> }>();
    return (key: Key): Promise<Value> => {
      const now = clock.monotonicMs();
      const found = known.get(key);
      if (found !== undefined && found.until > now) return found.value;
      if (known.size > 5000) known.clear();
      const value = read(key);
      known.set(key, { until: now + forMs, value });
      value.catch(() => known.delete(key));
      return value;
    };
  };
  const covered = remember(COVERAGE_FOR_MS, async (id: CameraId) => {
    const now = clock.now();
    return (await records.cameraCoverage(id, now - DAY_MS, now)).covered;
  });
  const waiting = remember(WAITING_FOR_MS, (id: AgentId) => records.waitingPictures(id));

  async function thumbnail(frame: FrameId, size: 'large' | 'small'): Promise<Buffer | null> {
    const key = thumbnailKey(frame, size);
    try {
      const found = await objects.stat(key);
      if (found === null || found.sizeBytes > MOST_PICTURE_BYTES) return null;
      const pieces: Uint8Array[] = [];
      for await (const piece of await objects.read(key)) pieces.push(piece);
      return Buffer.concat(pieces);
    } catch (thrown) {
      // Removed meanwhile, or the store is away: the next picture comes.
      if (thrown instanceof Failure && thrown.code.startsWith('object.')) return null;
      throw thrown;
    }
  }

  return {
    async camera(id) {
      const camera = await records.camera(id);
      const agent = camera === null ? null : await records.agent(camera.agentId);
      if (camera === null || agent === null || agent.retiredAt !== null) return null;
      const [site, timelapse, newest, coverage, backlogs] = await Promise.all([
        records.site(camera.siteId),
        camera.timelapseId === null ? null : records.timelapse(camera.timelapseId),
        records.frames({ cameraId: id, order: 'newest', limit: 1 }),
        covered(id),
        waiting(agent.id),
      ]);
      return {
        camera,
        agent,
        site,
        timelapse,
        newest: newest.items[0] ?? null,
        covered: coverage,
        waiting: backlogs.get(id) ?? 0,
      };
    },
    async agent(id) {
      const agent = await records.agent(id);
      return agent === null || agent.retiredAt !== null ? null : { agent, site: await records.site(agent.siteId) };
    },
    site: records.site,
    timelapse: records.timelapse,
    camerasOf: async (agentId) =>
      (await whole((page) => records.cameras({ ...page, agentId }))).map((camera) => camera.id),
    async everything() {
      const [sites, agents, cameras] = [
        await whole(records.sites),
        (await whole(records.agents)).filter((agent) => agent.retiredAt === null).map((agent) => agent.id),
        await whole(records.cameras),
      ];
      const there = new Set(agents);
      const shown = cameras.filter((camera) => there.has(camera.agentId));
      return {
        sites: sites.map((site) => site.id),
        agents,
        cameras: shown.map((camera) => camera.id),
        timelapses: shown.flatMap((camera) => (camera.timelapseId === null ? [] : [camera.timelapseId])),
      };
    },
    picture: async (frame) => (await thumbnail(frame, 'large')) ?? thumbnail(frame, 'small'),
  };
}

/** Whether a timelapse has a topic of its own: it runs or may run again. */
export const isActive = (timelapse: TimelapseView): boolean => timelapse.state !== 'completed';

async function whole<Item>(read: (page: PageRequest) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await read({ after, limit: PAGE });
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return items;
}
