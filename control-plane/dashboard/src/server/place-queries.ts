/** What the pages of timelapses, films and overlays ask for. */
import type {
  AnimationType,
  AssetView,
  FilmStripInput,
  OverlayTemplateId,
  TimelapseId,
  VideoId,
  VideoInput,
  VideoView,
} from '@slowlight/protocol';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { getTimelapsesByIdCalendar } from './api/coverage.ts';
import { getFrames } from './api/frames.ts';
import { getAssets, getOverlayTemplates, getOverlayTemplatesById, getTimelapsesByIdOverlay } from './api/overlays.ts';
import { getVideosById, getVideosByIdChapters, postVideosPreview, postVideosPreviewFrames } from './api/videos.ts';
import { keys } from './queries.ts';
import { isServerFault } from './request.ts';

export const placeKeys = {
  calendar: (id: TimelapseId) => [...keys.coverage(id), 'calendar'] as const,
  framesOf: (id: TimelapseId) => ['timelapse-frames', id] as const,
  strip: ['film-strip'] as const,
  overlayOf: (id: TimelapseId) => ['timelapse-overlay', id] as const,
  templates: ['overlay-templates'] as const,
  assets: ['overlay-assets'] as const,
  video: (id: VideoId) => ['video', id] as const,
};

export interface CampaignFrames {
  timelapseId: TimelapseId;
  from: number;
  to: number;
  show: 'all' | 'flagged' | 'excluded';
}
export const CAMPAIGN_FRAMES_A_PAGE = 120;
const MOST = 500;

export const placeQueries = {
  calendar: (id: TimelapseId, bounds: { from: number; to: number }) =>
    queryOptions({
      queryKey: [...placeKeys.calendar(id), bounds],
      queryFn: ({ signal }) => getTimelapsesByIdCalendar({ id, query: bounds, signal }),
      staleTime: 60_000,
    }),
  /** In the order in which they were due. */
  frames: ({ timelapseId, from, to, show }: CampaignFrames) =>
    infiniteQueryOptions({
      queryKey: [...placeKeys.framesOf(timelapseId), { from, to, show }],
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) =>
        getFrames({
          query: {
            timelapseId,
            from,
            to,
            flagged: show === 'flagged' ? true : null,
            excluded: show === 'excluded' ? true : null,
            order: 'oldest',
            limit: CAMPAIGN_FRAMES_A_PAGE,
            after: pageParam,
          },
          signal,
        }),
      getNextPageParam: (page) => page.next,
    }),
  /** The first frames of a day, for a foretaste. */
  dayFrames: ({ timelapseId, from, to }: Omit<CampaignFrames, 'show'>) =>
    queryOptions({
      queryKey: [...placeKeys.framesOf(timelapseId), 'day', from],
      queryFn: ({ signal }) => getFrames({ query: { timelapseId, from, to, order: 'oldest', limit: MOST }, signal }),
      staleTime: 60_000,
    }),
  /** Some of a timelapse's frames, evenly out of all that a film would show, the newest last. */
  someFrames: (id: TimelapseId, count: number) =>
    queryOptions({
      queryKey: [...placeKeys.strip, 'some', id, count],
      queryFn: async ({ signal }) => {
        const ask = (at: number) =>
          postVideosPreviewFrames({ body: { timelapseId: id, flagged: true, at, count: 1 }, signal });
        const strips = await Promise.all(Array.from({ length: count }, (_, index) => ask(index / (count - 1))));
        const all = strips.flatMap(({ frames }) => frames);
        return all.filter((frame, index) => all.findIndex((one) => one.id === frame.id) === index);
      },
      staleTime: 300_000,
    }),
  video: (id: VideoId) =>
    queryOptions({
      queryKey: placeKeys.video(id),
      queryFn: ({ signal }) => getVideosById({ id, signal }),
    }),
  filmPreview: (input: VideoInput) =>
    queryOptions({
      queryKey: ['film-preview', input],
      queryFn: ({ signal }) => postVideosPreview({ body: input, signal }),
      staleTime: 10_000,
      retry: false,
    }),
  strip: (input: FilmStripInput) =>
    queryOptions({
      queryKey: [...placeKeys.strip, input],
      queryFn: ({ signal }) => postVideosPreviewFrames({ body: input, signal }),
      staleTime: 30_000,
      retry: false,
    }),
  chapters: (video: VideoView) =>
    queryOptions({
      queryKey: ['film-chapters', video.id, video.finishedAt],
      queryFn: ({ signal }) => getVideosByIdChapters({ id: video.id, signal }),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** null: it shows none. */
  overlayOf: (id: TimelapseId) =>
    queryOptions({
      queryKey: placeKeys.overlayOf(id),
      queryFn: async ({ signal }) => {
        try {
          return await getTimelapsesByIdOverlay({ id, signal });
        } catch (thrown) {
          if (isServerFault(thrown) && thrown.code === 'overlay.not-found') return null;
          throw thrown;
        }
      },
    }),
  /** The ones that come along first, then the own ones. */
  templates: queryOptions({
    queryKey: placeKeys.templates,
    queryFn: async ({ signal }) => {
      const { builtIn, items } = await getOverlayTemplates({ query: { limit: MOST }, signal });
      return [...builtIn, ...items];
    },
  }),
  template: (id: OverlayTemplateId, version?: number) =>
    queryOptions({
      queryKey: [...placeKeys.templates, id, version ?? 'newest'],
      queryFn: ({ signal }) => getOverlayTemplatesById({ id, query: { version }, signal }),
    }),
  assets: queryOptions({
    queryKey: placeKeys.assets,
    queryFn: ({ signal }) => getAssets({ query: { limit: MOST }, signal }),
    select: (answer) => answer.items,
  }),
};

export const assetPictureOf = (id: AssetView['id']) => `/api/assets/${id}/picture`;
export const posterOf = (video: VideoView) => `/api/videos/${video.id}/poster?at=${video.finishedAt ?? 0}`;
export const animationOf = (id: VideoId, type: AnimationType) => `/api/videos/${id}/animation/${type}`;
export const manifestOf = (id: VideoId) => `/api/videos/${id}/manifest`;
export const streamOf = (id: VideoId) => `/api/videos/${id}/hls/index.m3u8`;
