/** What the pages ask for: one query per thing, with its key, so that the feed knows what to bring up to date. */
import type {
  CameraId,
  CommandId,
  FrameId,
  FrameView,
  JobView,
  ScheduleInput,
  TimelapseId,
  VideoView,
} from '@slowlight/protocol';
import {
  type InfiniteData,
  infiniteQueryOptions,
  queryOptions,
  type UseInfiniteQueryResult,
} from '@tanstack/react-query';
import { getAgents } from './api/agents.ts';
import { getCameras, getCamerasById } from './api/cameras.ts';
import { getCommandsById } from './api/commands.ts';
import { getTimelapsesByIdCoverage } from './api/coverage.ts';
import { getFrames, getFramesById } from './api/frames.ts';
import { getJobs } from './api/jobs.ts';
import { getSession } from './api/session.ts';
import { getSites } from './api/sites.ts';
import { getFaults, getSystem } from './api/system.ts';
import { getTimelapses, getTimelapsesById, postSchedulesPreview } from './api/timelapses.ts';
import { getTokens } from './api/tokens.ts';
import { getVideos } from './api/videos.ts';
import { learnServerTime, stopwatch } from './clock.ts';

export interface PageOf<Item> {
  items: Item[];
  next: string | null;
}
export type FrameListQuery = UseInfiniteQueryResult<InfiniteData<PageOf<FrameView>, unknown>>;
export interface FrameFilter {
  cameraId: CameraId;
  /** Inclusive, ms. */
  from: number;
  /** Exclusive, ms. */
  to: number;
  flagged: boolean;
}

const LIST_LIMIT = 200;
export const FRAMES_A_PAGE = 96;

/** Every page of a list that is short by nature (cameras, agents, sites), at most 20 of them. */
async function wholeList<Item>(
  ask: (page: { limit: number; after: string | null }) => Promise<PageOf<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | null = null;
  for (let page = 0; page < 20; page += 1) {
    const answer: PageOf<Item> = await ask({ limit: LIST_LIMIT, after });
    items.push(...answer.items);
    if (answer.next === null) break;
    after = answer.next;
  }
  return items;
}

export const keys = {
  session: ['session'] as const,
  system: ['system'] as const,
  sites: ['sites'] as const,
  agents: ['agents'] as const,
  cameras: ['cameras'] as const,
  camera: (id: CameraId) => ['cameras', id] as const,
  timelapses: ['timelapses'] as const,
  timelapse: (id: TimelapseId) => ['timelapses', id] as const,
  coverage: (id: TimelapseId) => ['coverage', id] as const,
  frames: ['frames'] as const,
  framesOf: (camera: CameraId) => ['frames', camera] as const,
  frame: (id: FrameId) => ['frame', id] as const,
  videos: ['videos'] as const,
  videosOf: (id: TimelapseId) => ['videos', id] as const,
  faults: ['faults'] as const,
  jobs: ['jobs'] as const,
  tokens: ['tokens'] as const,
  command: (id: CommandId) => ['command', id] as const,
};

export const queries = {
  /** Who is logged in; fails with 401 when nobody is. */
  session: queryOptions({
    queryKey: keys.session,
    queryFn: ({ signal }) => getSession({ signal }),
    staleTime: 60_000,
  }),
  system: queryOptions({
    queryKey: keys.system,
    queryFn: async ({ signal }) => {
      const took = stopwatch();
      const system = await getSystem({ signal });
      learnServerTime(system.serverTime, took());
      return system;
    },
    refetchInterval: 60_000,
  }),
  sites: queryOptions({
    queryKey: keys.sites,
    queryFn: ({ signal }) => wholeList((page) => getSites({ query: page, signal })),
  }),
  agents: queryOptions({
    queryKey: keys.agents,
    queryFn: ({ signal }) => wholeList((page) => getAgents({ query: page, signal })),
  }),
  cameras: queryOptions({
    queryKey: [...keys.cameras, 'all'],
    queryFn: ({ signal }) => wholeList((page) => getCameras({ query: page, signal })),
  }),
  camera: (id: CameraId) =>
    queryOptions({
      queryKey: keys.camera(id),
      queryFn: ({ signal }) => getCamerasById({ id, signal }),
    }),
  timelapse: (id: TimelapseId) =>
    queryOptions({
      queryKey: keys.timelapse(id),
      queryFn: ({ signal }) => getTimelapsesById({ id, signal }),
    }),
  timelapsesOf: (camera: CameraId) =>
    queryOptions({
      queryKey: [...keys.timelapses, 'of', camera],
      queryFn: ({ signal }) => wholeList((page) => getTimelapses({ query: { ...page, cameraId: camera }, signal })),
    }),
  /** Without bounds: today in the schedule's time zone, up to now. */
  coverage: (id: TimelapseId, bounds: { from: number; to: number } | null, keepMs = 0) =>
    queryOptions({
      queryKey: [...keys.coverage(id), bounds],
      queryFn: ({ signal }) => getTimelapsesByIdCoverage({ id, query: { ...bounds }, signal }),
      staleTime: keepMs,
      refetchInterval: keepMs > 0 ? false : 60_000,
    }),
  /** By hour or by day, those that have slots. The timelapse is null while the query is off. */
  coverageParts: (id: TimelapseId | null, bounds: { from: number; to: number }, by: 'hour' | 'day') =>
    queryOptions({
      queryKey: [...keys.coverage(id ?? ('' as TimelapseId)), bounds, by],
      queryFn: async ({ signal }) => {
        const query = { ...bounds, by };
        return (await getTimelapsesByIdCoverage({ id: id ?? '', query, signal })).parts ?? [];
      },
      staleTime: 60_000,
    }),
  /** Newest first. */
  frames: (filter: FrameFilter) =>
    infiniteQueryOptions({
      queryKey: [...keys.framesOf(filter.cameraId), filter],
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) => {
        const { flagged, ...rest } = filter;
        const query = { ...rest, flagged: flagged ? true : null, order: 'newest' as const, limit: FRAMES_A_PAGE };
        return getFrames({ query: { ...query, after: pageParam }, signal });
      },
      getNextPageParam: (page) => page.next,
    }),
  frame: (id: FrameId) =>
    queryOptions({
      queryKey: keys.frame(id),
      queryFn: ({ signal }) => getFramesById({ id, signal }),
      staleTime: 30_000,
    }),
  videosOf: (id: TimelapseId) =>
    queryOptions({
      queryKey: keys.videosOf(id),
      queryFn: ({ signal }) => wholeList((page) => getVideos({ query: { ...page, timelapseId: id }, signal })),
    }),
  faults: infiniteQueryOptions({
    queryKey: keys.faults,
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) => getFaults({ query: { limit: 20, after: pageParam }, signal }),
    getNextPageParam: (page) => page.next,
  }),
  jobs: (state: JobView['state']) =>
    queryOptions({
      queryKey: [...keys.jobs, state],
      queryFn: ({ signal }) => getJobs({ query: { state, limit: 50 }, signal }),
      refetchInterval: 15_000,
    }),
  tokens: queryOptions({
    queryKey: keys.tokens,
    queryFn: ({ signal }) => getTokens({ signal }),
    select: (answer) => answer.items,
  }),
  command: (id: CommandId) =>
    queryOptions({
      queryKey: keys.command(id),
      queryFn: ({ signal }) => getCommandsById({ id, signal }),
      refetchInterval: ({ state }) => (state.data === undefined || state.data.state === 'sent' ? 1000 : false),
    }),
  preview: (schedule: ScheduleInput, about: { cameraId: CameraId } | { timelapseId: TimelapseId }) =>
    queryOptions({
      queryKey: ['preview', schedule, about],
      queryFn: ({ signal }) => postSchedulesPreview({ body: { schedule, ...about }, signal }),
      staleTime: 5000,
      retry: false,
    }),
};

export const pictureOf = (id: FrameId) => `/api/frames/${id}/picture`;
export const thumbnailOf = (id: FrameId, size: 'small' | 'large') => `/api/frames/${id}/thumbnail?size=${size}`;
export const filmOf = (id: VideoView['id']) => `/api/videos/${id}/file`;
