/** What people do to timelapses, films and overlays, each as one request. */
import type {
  AssetView,
  ExclusionInput,
  FrameId,
  OverlayChanges,
  OverlayLayout,
  OverlayTemplateChange,
  OverlayTemplateId,
  OverlayTemplateInput,
  TimelapseId,
  TimelapseOverlayInput,
  VideoChange,
  VideoId,
  VideoInput,
} from '@slowlight/protocol';
import { postTimelapsesByIdExclusions } from './api/frames.ts';
import {
  deleteAssetsById,
  deleteOverlayTemplatesById,
  deleteTimelapsesByIdOverlay,
  patchOverlayTemplatesById,
  postOverlayTemplates,
  postOverlayTemplatesByIdDuplicate,
  putTimelapsesByIdOverlay,
} from './api/overlays.ts';
import { patchVideosById, postVideosByIdAnimation } from './api/videos.ts';
import { requestDrawing, sendFile, withQuery } from './request.ts';

export const placeActions = {
  exclude: ({ id, ...body }: ExclusionInput & { id: TimelapseId }) => postTimelapsesByIdExclusions({ id, body }),
  changeVideo: ({ id, change }: { id: VideoId; change: VideoChange }) => patchVideosById({ id, body: change }),
  animateVideo: (id: VideoId) => postVideosByIdAnimation({ id }),
  createTemplate: (body: OverlayTemplateInput) => postOverlayTemplates({ body }),
  changeTemplate: ({ id, change }: { id: OverlayTemplateId; change: OverlayTemplateChange }) =>
    patchOverlayTemplatesById({ id, body: change }),
  duplicateTemplate: (id: OverlayTemplateId) => postOverlayTemplatesByIdDuplicate({ id, body: {} }),
  deleteTemplate: (id: OverlayTemplateId) => deleteOverlayTemplatesById({ id }),
  showOverlay: ({ id, overlay }: { id: TimelapseId; overlay: TimelapseOverlayInput }) =>
    putTimelapsesByIdOverlay({ id, body: overlay }),
  hideOverlay: (id: TimelapseId) => deleteTimelapsesByIdOverlay({ id }),
  uploadAsset: (file: File) => sendFile<AssetView>(withQuery('/api/assets', { name: file.name.slice(0, 120) }), file),
  deleteAsset: (id: AssetView['id']) => deleteAssetsById({ id }),
};

/** Where an element lies in a drawing, as shares of its width and height. */
export interface DrawnBox {
  id: string;
  left: number;
  top: number;
  width: number;
  height: number;
}
export interface DrawnOverlay {
  picture: Blob;
  widthPx: number;
  heightPx: number;
  boxes: DrawnBox[];
}

/** What the server would draw as the title of such a film. @throws ServerFault */
export const drawTitle = async (input: VideoInput, signal: AbortSignal): Promise<Blob> =>
  (await requestDrawing('/api/videos/preview/title', { body: input, signal })).picture;

/** A layout that may not be saved yet, or a template with a timelapse's changes; on a frame, or on a drawn landscape. */
export type DrawingWish = { frameId: FrameId | null; timeZone: string } & (
  | { layout: OverlayLayout }
  | { templateId: OverlayTemplateId; version?: number; changes: OverlayChanges }
);

/** What the server's renderer makes of a layout on a frame (null: on a drawn landscape). @throws ServerFault */
export async function drawOverlay(wish: DrawingWish, signal: AbortSignal): Promise<DrawnOverlay> {
  const { picture, about } = await requestDrawing('/api/overlay-previews', { body: wish, signal });
  const [widthPx = 1, heightPx = 1, ...boxes] = JSON.parse(about) as [
    number,
    number,
    ...[string, number, number, number, number][],
  ];
  return {
    picture,
    widthPx,
    heightPx,
    boxes: boxes.map(([id, left, top, width, height]) => ({
      id,
      left: left / widthPx,
      top: top / heightPx,
      width: width / widthPx,
      height: height / heightPx,
    })),
  };
}
