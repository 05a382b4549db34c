/** What those who look on ask for. */
import type { CameraId, FrameId, WallItem } from '@slowlight/protocol';
import { queryOptions } from '@tanstack/react-query';
import { getCamerasByIdMoments, getWall } from './api/cameras.ts';

export const watchKeys = {
  wall: ['wall'] as const,
  momentsOf: (camera: CameraId) => ['moments', camera] as const,
};

export const watchQueries = {
  /** What the cards of the wall say beside the cameras themselves, by camera. */
  wall: queryOptions({
    queryKey: watchKeys.wall,
    queryFn: async ({ signal }): Promise<Record<CameraId, WallItem>> => {
      const { items } = await getWall({ signal });
      return Object.fromEntries(items.map((item) => [item.cameraId, item]));
    },
    refetchInterval: 60_000,
  }),
  moments: (camera: CameraId, bounds: { from: number; to: number }, most = 3000) =>
    queryOptions({
      queryKey: [...watchKeys.momentsOf(camera), bounds, most],
      queryFn: ({ signal }) => getCamerasByIdMoments({ id: camera, query: { ...bounds, most }, signal }),
      staleTime: 30_000,
    }),
};

export const sheetOf = (camera: CameraId, ids: readonly FrameId[]) =>
  `/api/cameras/${camera}/sheet?frames=${ids.join(',')}`;
