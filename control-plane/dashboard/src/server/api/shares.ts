// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Links for strangers, newest first */
export const getShares = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined; timelapseId?: string | null | undefined; videoId?: string | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.shareView>)[]; next: string | null }> =>
  call('GET', '/api/shares', asked);

/** Make a link to one timelapse or one video; it is shown in this answer and never again */
export const postShares = (asked: { body: In<typeof p.shareInput> } & Asked): Promise<Out<typeof p.shareCreated>> =>
  call('POST', '/api/shares', asked);

/** Change what a link shows and until when */
export const patchSharesById = ({ id, ...asked }: { id: string; body: In<typeof p.shareChange> } & Asked): Promise<Out<typeof p.shareView>> =>
  call('PATCH', `/api/shares/${encodeURIComponent(id)}`, asked);

/** Withdraw a link; from now on it shows nothing. It stays in the list */
export const deleteSharesById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.shareView>> =>
  call('DELETE', `/api/shares/${encodeURIComponent(id)}`, asked);

/** What a link shows */
export const getShareByToken = ({ token, ...asked }: { token: string } & Asked): Promise<Out<typeof p.sharedView>> =>
  call('GET', `/api/share/${encodeURIComponent(token)}`, asked);

/** The pictures that a link shows */
export const getShareByTokenFrames = ({ token, ...asked }: { token: string; query?: { from?: number | null | undefined; to?: number | null | undefined; order?: "newest" | "oldest" | null | undefined; after?: string | null | undefined; limit?: number | null | undefined } } & Asked): Promise<{ items: (Out<typeof p.sharedFrame>)[]; next: string | null }> =>
  call('GET', `/api/share/${encodeURIComponent(token)}/frames`, asked);
