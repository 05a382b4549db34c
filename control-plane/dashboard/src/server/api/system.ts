// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** What could not be read, recorded or verified, newest first */
export const getFaults = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.faultView>)[]; next: string | null }> =>
  call('GET', '/api/faults', asked);

/** How much is stored, by what it is, and how much each agent takes a day */
export const getStorage = (asked: Asked = {}): Promise<Out<typeof p.storageView>> =>
  call('GET', '/api/storage', asked);

/** The control plane itself */
export const getSystem = (asked: Asked = {}): Promise<Out<typeof p.systemView>> =>
  call('GET', '/api/system', asked);

/** The newest lines of the control plane’s own log, newest first, as far as this process keeps them in memory */
export const getLogs = (asked: { query?: { level?: In<typeof p.logLevel> | null | undefined; text?: string | null | undefined; after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.logLine>)[]; next: string | null }> =>
  call('GET', '/api/logs', asked);
