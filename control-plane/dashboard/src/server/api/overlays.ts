// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Templates at their newest version: the ones that come along first, then the own ones, oldest first */
export const getOverlayTemplates = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.overlayTemplateView>)[]; next: string | null; builtIn: (Out<typeof p.overlayTemplateView>)[] }> =>
  call('GET', '/api/overlay-templates', asked);

/** Make a template */
export const postOverlayTemplates = (asked: { body: In<typeof p.overlayTemplateInput> } & Asked): Promise<Out<typeof p.overlayTemplateView>> =>
  call('POST', '/api/overlay-templates', asked);

/** A template, at its newest version or at another one */
export const getOverlayTemplatesById = ({ id, ...asked }: { id: string; query?: { version?: number | null | undefined } } & Asked): Promise<Out<typeof p.overlayTemplateView>> =>
  call('GET', `/api/overlay-templates/${encodeURIComponent(id)}`, asked);

/** Change a template; another layout is a new version, and what shows the newest one is made again */
export const patchOverlayTemplatesById = ({ id, ...asked }: { id: string; body: In<typeof p.overlayTemplateChange> } & Asked): Promise<Out<typeof p.overlayTemplateView>> =>
  call('PATCH', `/api/overlay-templates/${encodeURIComponent(id)}`, asked);

/** Delete a template that no timelapse shows; its versions stay readable */
export const deleteOverlayTemplatesById = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/overlay-templates/${encodeURIComponent(id)}`, asked);

/** Make a template of one’s own from another */
export const postOverlayTemplatesByIdDuplicate = ({ id, ...asked }: { id: string; body: { name?: string | undefined } } & Asked): Promise<Out<typeof p.overlayTemplateView>> =>
  call('POST', `/api/overlay-templates/${encodeURIComponent(id)}/duplicate`, asked);

/** What a timelapse shows over its frames, and how far its sidecars are */
export const getTimelapsesByIdOverlay = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.timelapseOverlayView>> =>
  call('GET', `/api/timelapses/${encodeURIComponent(id)}/overlay`, asked);

/** Let a timelapse show a template, with changes of its own */
export const putTimelapsesByIdOverlay = ({ id, ...asked }: { id: string; body: In<typeof p.timelapseOverlayInput> } & Asked): Promise<Out<typeof p.timelapseOverlayView>> =>
  call('PUT', `/api/timelapses/${encodeURIComponent(id)}/overlay`, asked);

/** Let a timelapse show nothing over its frames */
export const deleteTimelapsesByIdOverlay = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/timelapses/${encodeURIComponent(id)}/overlay`, asked);

/** How far the sidecar of a frame is, and why it is not as it should be */
export const getFramesByIdOverlay = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.sidecarView>> =>
  call('GET', `/api/frames/${encodeURIComponent(id)}/overlay`, asked);

/** Pictures for overlays, oldest first */
export const getAssets = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.assetView>)[]; next: string | null }> =>
  call('GET', '/api/assets', asked);

/** A picture for overlays */
export const getAssetsById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.assetView>> =>
  call('GET', `/api/assets/${encodeURIComponent(id)}`, asked);

/** Delete a picture that nothing shows now; old versions of templates then leave it out */
export const deleteAssetsById = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/assets/${encodeURIComponent(id)}`, asked);
