// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Videos */
export const getVideos = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined; timelapseId?: string | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.videoView>)[]; next: string | null }> =>
  call('GET', '/api/videos', asked);

/** Make a video of a timelapse */
export const postVideos = (asked: { body: In<typeof p.videoInput> } & Asked): Promise<Out<typeof p.videoView>> =>
  call('POST', '/api/videos', asked);

/** How many frames, how fast and how long a video would be */
export const postVideosPreview = (asked: { body: In<typeof p.videoInput> } & Asked): Promise<Out<typeof p.videoPreview>> =>
  call('POST', '/api/videos/preview', asked);

/** Change the name, speed, length or title of a video, without encoding its pictures again */
export const patchVideosById = ({ id, ...asked }: { id: string; body: In<typeof p.videoChange> } & Asked): Promise<Out<typeof p.videoView>> =>
  call('PATCH', `/api/videos/${encodeURIComponent(id)}`, asked);

/** A video */
export const getVideosById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.videoView>> =>
  call('GET', `/api/videos/${encodeURIComponent(id)}`, asked);

/** Delete a video and its file */
export const deleteVideosById = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/videos/${encodeURIComponent(id)}`, asked);

/** Stop making a video, within 2 s; no file is left */
export const postVideosByIdCancel = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.videoView>> =>
  call('POST', `/api/videos/${encodeURIComponent(id)}/cancel`, asked);

/** Make an animated preview of a video (GIF and WebP), or make it again */
export const postVideosByIdAnimation = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.videoView>> =>
  call('POST', `/api/videos/${encodeURIComponent(id)}/animation`, asked);

/** What the video was made of: frames with their checksums, settings, versions */
export const getVideosByIdManifest = ({ id, ...asked }: { id: string } & Asked): Promise<{ video: Out<typeof p.videoView>; input: Out<typeof p.videoInput>; ffmpeg: string | null; look: Record<string, unknown> | null; title: { lines: (string)[]; seconds: number; ground: { id: string; sha256: string } | null } | null; segments: ({ address: string; frames: number })[]; frames: ({ id: string; sha256: string; sizeBytes: number; gain: number })[]; leftOut: ({ frameId: string; reason: string })[] }> =>
  call('GET', `/api/videos/${encodeURIComponent(id)}/manifest`, asked);

/** Neighbouring frames that a video would show, to be leafed through before it is made */
export const postVideosPreviewFrames = (asked: { body: In<typeof p.filmStripInput> } & Asked): Promise<Out<typeof p.filmStrip>> =>
  call('POST', '/api/videos/preview/frames', asked);

/** The days that a video shows, and where in it each begins */
export const getVideosByIdChapters = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.filmChapters>> =>
  call('GET', `/api/videos/${encodeURIComponent(id)}/chapters`, asked);
