// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Sites */
export const getSites = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.siteView>)[]; next: string | null }> =>
  call('GET', '/api/sites', asked);

/** Make a site */
export const postSites = (asked: { body: In<typeof p.siteInput> } & Asked): Promise<Out<typeof p.siteView>> =>
  call('POST', '/api/sites', asked);

/** A site */
export const getSitesById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.siteView>> =>
  call('GET', `/api/sites/${encodeURIComponent(id)}`, asked);

/** Change a site */
export const patchSitesById = ({ id, ...asked }: { id: string; body: { name?: string | undefined; timeZone?: string | undefined; latitude?: number | null | undefined; longitude?: number | null | undefined } } & Asked): Promise<Out<typeof p.siteView>> =>
  call('PATCH', `/api/sites/${encodeURIComponent(id)}`, asked);
