// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** What is removed by age */
export const getRetention = (asked: Asked = {}): Promise<Out<typeof p.retentionSettings>> =>
  call('GET', '/api/retention', asked);

/** Say what is removed by age; it begins within the hour. Look at the preview first */
export const putRetention = (asked: { body: In<typeof p.retentionSettings> } & Asked): Promise<Out<typeof p.retentionSettings>> =>
  call('PUT', '/api/retention', asked);

/** What would go now with these settings; nothing changes */
export const postRetentionPreview = (asked: { body: In<typeof p.retentionSettings> } & Asked): Promise<Out<typeof p.retentionPreview>> =>
  call('POST', '/api/retention/preview', asked);

/** Compare the records with the object store, both ways; without repair nothing changes */
export const postStocktake = (asked: { body: { repair?: boolean | undefined } } & Asked): Promise<Out<typeof p.stocktakeReport>> =>
  call('POST', '/api/stocktake', asked);

/** How the comparison of records and object store goes, or what the last one found; null: there was none */
export const getStocktake = (asked: Asked = {}): Promise<Out<typeof p.stocktakeReport> | null> =>
  call('GET', '/api/stocktake', asked);
