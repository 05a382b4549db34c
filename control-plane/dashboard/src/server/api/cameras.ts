// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Cameras */
export const getCameras = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined; siteId?: string | null | undefined; agentId?: string | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.cameraView>)[]; next: string | null }> =>
  call('GET', '/api/cameras', asked);

/** Make a camera; its password is sealed to its agent and never shown again */
export const postCameras = (asked: { body: In<typeof p.cameraInput> } & Asked): Promise<Out<typeof p.cameraView>> =>
  call('POST', '/api/cameras', asked);

/** A camera */
export const getCamerasById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.cameraView>> =>
  call('GET', `/api/cameras/${encodeURIComponent(id)}`, asked);

/** Change a camera; only what is given changes */
export const patchCamerasById = ({ id, ...asked }: { id: string; body: In<typeof p.cameraChange> } & Asked): Promise<Out<typeof p.cameraView>> =>
  call('PATCH', `/api/cameras/${encodeURIComponent(id)}`, asked);

/** Delete a camera; its frames stay */
export const deleteCamerasById = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/cameras/${encodeURIComponent(id)}`, asked);

/** What the wall shows of every camera: the verdict of its newest picture, its timelapse and its coverage today */
export const getWall = (asked: Asked = {}): Promise<Out<typeof p.wallView>> =>
  call('GET', '/api/wall', asked);

/** The frames of a stretch of time as columns, oldest first; thinned out evenly where there are more than `most` */
export const getCamerasByIdMoments = ({ id, ...asked }: { id: string; query: { from: number; to: number; most?: number | null | undefined } } & Asked): Promise<Out<typeof p.momentsView>> =>
  call('GET', `/api/cameras/${encodeURIComponent(id)}/moments`, asked);
