// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Work that the control plane owes or has done */
export const getJobs = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined; state?: "waiting" | "running" | "done" | "dead" | "cancelled" | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.jobView>)[]; next: string | null }> =>
  call('GET', '/api/jobs', asked);

/** Try a dead job again */
export const postJobsByIdRetry = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('POST', `/api/jobs/${encodeURIComponent(id)}/retry`, asked);

/** Work on many frames, newest first */
export const getBulkJobs = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.bulkView>)[]; next: string | null }> =>
  call('GET', '/api/bulk-jobs', asked);

/** Make thumbnails or overlays of many frames again, or look for those that are not there */
export const postBulkJobs = (asked: { body: In<typeof p.bulkInput> } & Asked): Promise<Out<typeof p.bulkView>> =>
  call('POST', '/api/bulk-jobs', asked);

/** How far it is */
export const getBulkJobsById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.bulkView>> =>
  call('GET', `/api/bulk-jobs/${encodeURIComponent(id)}`, asked);

/** Work on many frames of a timelapse, newest first */
export const getTimelapsesByIdBulkJobs = ({ id, ...asked }: { id: string; query?: { after?: string | null | undefined; limit?: number | null | undefined } } & Asked): Promise<{ items: (Out<typeof p.bulkView>)[]; next: string | null }> =>
  call('GET', `/api/timelapses/${encodeURIComponent(id)}/bulk-jobs`, asked);

/** Stop work on many frames of a timelapse, within 2 s; what was made stays */
export const postTimelapsesByIdBulkJobsByBulkCancel = ({ id, bulk, ...asked }: { id: string; bulk: string } & Asked): Promise<Out<typeof p.bulkView>> =>
  call('POST', `/api/timelapses/${encodeURIComponent(id)}/bulk-jobs/${encodeURIComponent(bulk)}/cancel`, asked);

/** Stop it, within 2 s; what was made stays */
export const postBulkJobsByIdCancel = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.bulkView>> =>
  call('POST', `/api/bulk-jobs/${encodeURIComponent(id)}/cancel`, asked);
