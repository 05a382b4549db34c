// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Frames, newest first if nothing else is asked */
export const getFrames = (asked: { query?: { cameraId?: string | null | undefined; timelapseId?: string | null | undefined; from?: number | null | undefined; to?: number | null | undefined; flagged?: boolean | null | undefined; excluded?: boolean | null | undefined; order?: "newest" | "oldest" | null | undefined; after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.frameView>)[]; next: string | null }> =>
  call('GET', '/api/frames', asked);

/** A frame */
export const getFramesById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.frameView>> =>
  call('GET', `/api/frames/${encodeURIComponent(id)}`, asked);

/** Leave frames out of the films of a timelapse, or show them again; films that are finished stay as they are */
export const postTimelapsesByIdExclusions = ({ id, ...asked }: { id: string; body: In<typeof p.exclusionInput> } & Asked): Promise<Out<typeof p.exclusionDone>> =>
  call('POST', `/api/timelapses/${encodeURIComponent(id)}/exclusions`, asked);
