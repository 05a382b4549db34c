// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Timelapses */
export const getTimelapses = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined; cameraId?: string | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.timelapseView>)[]; next: string | null }> =>
  call('GET', '/api/timelapses', asked);

/** Start a timelapse */
export const postTimelapses = (asked: { body: In<typeof p.timelapseInput> } & Asked): Promise<Out<typeof p.timelapseView>> =>
  call('POST', '/api/timelapses', asked);

/** A timelapse */
export const getTimelapsesById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.timelapseView>> =>
  call('GET', `/api/timelapses/${encodeURIComponent(id)}`, asked);

/** Change a timelapse; only what is given changes, from when the agent has it */
export const patchTimelapsesById = ({ id, ...asked }: { id: string; body: In<typeof p.timelapseChange> } & Asked): Promise<Out<typeof p.timelapseView>> =>
  call('PATCH', `/api/timelapses/${encodeURIComponent(id)}`, asked);

/** Pause: no slots are planned until it is resumed */
export const postTimelapsesByIdPause = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.timelapseView>> =>
  call('POST', `/api/timelapses/${encodeURIComponent(id)}/pause`, asked);

/** Resume a paused timelapse */
export const postTimelapsesByIdResume = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.timelapseView>> =>
  call('POST', `/api/timelapses/${encodeURIComponent(id)}/resume`, asked);

/** Complete for ever; its frames and videos stay */
export const postTimelapsesByIdComplete = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.timelapseView>> =>
  call('POST', `/api/timelapses/${encodeURIComponent(id)}/complete`, asked);

/** What a schedule would plan if a timelapse started on it now, or went on with it: slots, bytes, length of film */
export const postSchedulesPreview = (asked: { body: In<typeof p.schedulePreviewInput> } & Asked): Promise<Out<typeof p.schedulePreview>> =>
  call('POST', '/api/schedules/preview', asked);
