// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Planned slots against outcomes; without from and to: today in the time zone of the schedule, up to now; `from=0`: all. By hour or by day where that is asked for */
export const getTimelapsesByIdCoverage = ({ id, ...asked }: { id: string; query?: { from?: number | null | undefined; to?: number | null | undefined; by?: "hour" | "day" | null | undefined } } & Asked): Promise<Out<typeof p.coverageView>> =>
  call('GET', `/api/timelapses/${encodeURIComponent(id)}/coverage`, asked);

/** Each day on the wall of the schedule’s time zone: what was planned and what became of it; all days unless from and to are given */
export const getTimelapsesByIdCalendar = ({ id, ...asked }: { id: string; query?: { from?: number | null | undefined; to?: number | null | undefined } } & Asked): Promise<Out<typeof p.calendarView>> =>
  call('GET', `/api/timelapses/${encodeURIComponent(id)}/calendar`, asked);

/** What somebody should know before it is too late: nothing planned for 7 days, coverage below a share */
export const getTimelapsesByIdOutlook = ({ id, ...asked }: { id: string; query?: { below?: number | null | undefined } } & Asked): Promise<Out<typeof p.outlookView>> =>
  call('GET', `/api/timelapses/${encodeURIComponent(id)}/outlook`, asked);

/** Give up slots that nobody has reported; a report that comes after all still counts */
export const postTimelapsesByIdLost = ({ id, ...asked }: { id: string; body: In<typeof p.lostInput> } & Asked): Promise<void> =>
  call('POST', `/api/timelapses/${encodeURIComponent(id)}/lost`, asked);

/** Planned slots against outcomes of all timelapses of a camera; without from and to: the last 24 hours */
export const getCamerasByIdCoverage = ({ id, ...asked }: { id: string; query?: { from?: number | null | undefined; to?: number | null | undefined } } & Asked): Promise<Out<typeof p.cameraCoverageView>> =>
  call('GET', `/api/cameras/${encodeURIComponent(id)}/coverage`, asked);
