/** What the pages of timelapses, films and overlays ask for. */
import type {
  AssetView,
  CalendarView,
  FilmChapters,
  FilmStrip,
  FilmStripInput,
  FrameView,
  OverlayTemplateId,
  OverlayTemplateView,
  TimelapseId,
  TimelapseOverlayView,
  VideoId,
  VideoInput,
  VideoPreview,
  VideoView,
} from '@slowlight/protocol';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { keys, type PageOf } from './queries.ts';
import { isServerFault, request, withQuery } from './request.ts';

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
      queryFn: ({ signal }) => request<CalendarView>(withQuery(`/api/timelapses/${id}/calendar`, bounds), { signal }),
      staleTime: 60_000,
    }),
  /** In the order in which they were due. */
  frames: ({ timelapseId, from, to, show }: CampaignFrames) =>
    infiniteQueryOptions({
      queryKey: [...placeKeys.framesOf(timelapseId), { from, to, show }],
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) =>
        request<PageOf<FrameView>>(
          withQuery('/api/frames', {
            timelapseId,
            from,
            to,
            flagged: show === 'flagged' ? true : null,
            excluded: show === 'excluded' ? true : null,
            order: 'oldest',
            limit: CAMPAIGN_FRAMES_A_PAGE,
            after: pageParam,
          }),
          { signal },
        ),
      getNextPageParam: (page) => page.next,
    }),
  /** The first frames of a day, for a foretaste. */
  dayFrames: ({ timelapseId, from, to }: Omit<CampaignFrames, 'show'>) =>
    queryOptions({
      queryKey: [...placeKeys.framesOf(timelapseId), 'day', from],
      queryFn: ({ signal }) =>
        request<PageOf<FrameView>>(withQuery('/api/frames', { timelapseId, from, to, order: 'oldest', limit: MOST }), {
          signal,
        }),
      staleTime: 60_000,
    }),
  /** Some of a timelapse's frames, evenly out of all that a film would show, the newest last. */
  someFrames: (id: TimelapseId, count: number) =>
    queryOptions({
      queryKey: [...placeKeys.strip, 'some', id, count],
      queryFn: async ({ signal }) => {
        const ask = (at: number) =>
          request<FilmStrip>('/api/videos/preview/frames', {
            method: 'POST',
            body: { timelapseId: id, flagged: true, at, count: 1 },
            signal,
          });
        const strips = await Promise.all(Array.from({ length: count }, (_, index) => ask(index / (count - 1))));
        const all = strips.flatMap(({ frames }) => frames);
        return all.filter((frame, index) => all.findIndex((one) => one.id === frame.id) === index);
      },
      staleTime: 300_000,
    }),
  video: (id: VideoId) =>
    queryOptions({
      queryKey: placeKeys.video(id),
      queryFn: ({ signal }) => request<VideoView>(`/api/videos/${id}`, { signal }),
    }),
  filmPreview: (input: VideoInput) =>
    queryOptions({
      queryKey: ['film-preview', input],
      queryFn: ({ signal }) => request<VideoPreview>('/api/videos/preview', { method: 'POST', body: input, signal }),
      staleTime: 10_000,
      retry: false,
    }),
  strip: (input: FilmStripInput) =>
    queryOptions({
      queryKey: [...placeKeys.strip, input],
      queryFn: ({ signal }) =>
        request<FilmStrip>('/api/videos/preview/frames', { method: 'POST', body: input, signal }),
      staleTime: 30_000,
      retry: false,
    }),
  chapters: (video: VideoView) =>
    queryOptions({
      queryKey: ['film-chapters', video.id, video.finishedAt],
      queryFn: ({ signal }) => request<FilmChapters>(`/api/videos/${video.id}/chapters`, { signal }),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** null: it shows none. */
  overlayOf: (id: TimelapseId) =>
    queryOptions({
      queryKey: placeKeys.overlayOf(id),
      queryFn: async ({ signal }) => {
        try {
          return await request<TimelapseOverlayView>(`/api/timelapses/${id}/overlay`, { signal });
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
      const { builtIn, items } = await request<PageOf<OverlayTemplateView> & { builtIn: OverlayTemplateView[] }>(
        withQuery('/api/overlay-templates', { limit: MOST }),
        { signal },
      );
      return [...builtIn, ...items];
    },
  }),
  template: (id: OverlayTemplateId, version?: number) =>
    queryOptions({
      queryKey: [...placeKeys.templates, id, version ?? 'newest'],
      queryFn: ({ signal }) =>
        request<OverlayTemplateView>(withQuery(`/api/overlay-templates/${id}`, { version }), { signal }),
    }),
  assets: queryOptions({
    queryKey: placeKeys.assets,
    queryFn: ({ signal }) => request<PageOf<AssetView>>(withQuery('/api/assets', { limit: MOST }), { signal }),
    select: (answer) => answer.items,
  }),
};

export const assetPictureOf = (id: AssetView['id']) => `/api/assets/${id}/picture`;
export const posterOf = (video: VideoView) => `/api/videos/${video.id}/poster?at=${video.finishedAt ?? 0}`;
export const manifestOf = (id: VideoId) => `/api/videos/${id}/manifest`;
export const streamOf = (id: VideoId) => `/api/videos/${id}/hls/index.m3u8`;
