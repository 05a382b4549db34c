/** What those who look on ask for. */
import type { CameraId, FrameId, MomentsView, WallItem, WallView } from '@slowlight/protocol';
import { queryOptions } from '@tanstack/react-query';
import { request, withQuery } from './request.ts';

export const watchKeys = {
  wall: ['wall'] as const,
  momentsOf: (camera: CameraId) => ['moments', camera] as const,
};

export const watchQueries = {
  /** What the cards of the wall say beside the cameras themselves, by camera. */
  wall: queryOptions({
    queryKey: watchKeys.wall,
    queryFn: async ({ signal }): Promise<Record<CameraId, WallItem>> => {
      const { items } = await request<WallView>('/api/wall', { signal });
      return Object.fromEntries(items.map((item) => [item.cameraId, item]));
    },
    refetchInterval: 60_000,
  }),
  moments: (camera: CameraId, bounds: { from: number; to: number }, most = 3000) =>
    queryOptions({
      queryKey: [...watchKeys.momentsOf(camera), bounds, most],
      queryFn: ({ signal }) =>
        request<MomentsView>(withQuery(`/api/cameras/${camera}/moments`, { ...bounds, most }), { signal }),
      staleTime: 30_000,
    }),
};

export const sheetOf = (camera: CameraId, ids: readonly FrameId[]) =>
  `/api/cameras/${camera}/sheet?frames=${ids.join(',')}`;
