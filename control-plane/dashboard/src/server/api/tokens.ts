// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** API tokens */
export const getTokens = (asked: Asked = {}): Promise<{ items: (Out<typeof p.tokenView>)[]; next: null }> =>
  call('GET', '/api/tokens', asked);

/** Make an API token; its secret is shown in this answer and never again */
export const postTokens = (asked: { body: In<typeof p.tokenInput> } & Asked): Promise<Out<typeof p.tokenCreated>> =>
  call('POST', '/api/tokens', asked);

/** Delete an API token; it opens nothing any more */
export const deleteTokensById = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/tokens/${encodeURIComponent(id)}`, asked);
