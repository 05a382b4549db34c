import { Readable } from 'node:stream';
import {
  agentId,
  agentView,
  calendarView,
  cameraCoverageView,
  cameraId,
  coverageView,
  instant,
  lostInput,
  outlookView,
  timelapseId,
} from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { type Api, noContent, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { fileName } from '../file-name.ts';
import { found } from '../given.ts';
import { wrongFields } from '../problems.ts';
import { startOfDay } from '../schedules.ts';
import { slotsAsCsv, slotsAsJson } from '../slot-export.ts';

const tags = ['coverage'];
const params = z.object({ id: timelapseId });
const between = {
  /** Inclusive, ms. */
  from: z.coerce.number().pipe(instant).optional(),
  /** Exclusive, ms. */
  to: z.coerce.number().pipe(instant).optional(),
};
const DAY_MS = 86_400_000;

/** The ledger: what was planned, and what became of it. */
export function coverageRoutes(
  app: Api,
  { records, clock }: { records: HttpRecords; clock: Clock },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/timelapses/:id/coverage',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary:
        'Planned slots against outcomes; without from and to: today in the time zone of the schedule, up to now; `from=0`: all. By hour or by day where that is asked for',
      params,
      querystring: z.strictObject({ ...between, by: z.enum(['hour', 'day']).optional() }),
      response: { 200: coverageView, ...problems },
    },
    async handler(request) {
      const timelapse = found('timelapse', await records.timelapse(request.params.id));
      const to = request.query.to ?? clock.now();
      const from = request.query.from ?? startOfDay(timelapse.schedule.timeZone, Math.min(to, clock.now()));
      return records.coverage(timelapse.id, ...inOrder(from, to), request.query.by);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/timelapses/:id/calendar',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary:
        'Each day on the wall of the schedule’s time zone: what was planned and what became of it; all days unless from and to are given',
      params,
      querystring: z.strictObject(between),
      response: { 200: calendarView, ...problems },
    },
    async handler(request) {
      const timelapse = found('timelapse', await records.timelapse(request.params.id));
      const { from = 0, to = clock.now() + 1 } = request.query;
      const { parts = [] } = await records.coverage(timelapse.id, ...inOrder(from, to), 'day');
      return { timelapseId: timelapse.id, timeZone: timelapse.schedule.timeZone, days: parts };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/timelapses/:id/outlook',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'What somebody should know before it is too late: nothing planned for 7 days, coverage below a share',
      params,
      querystring: z.strictObject({ below: z.coerce.number().min(0).max(1).default(0.95) }),
      response: { 200: outlookView, ...problems },
    },
    handler: (request) => records.outlook(request.params.id, request.query.below),
  });

  app.route({
    method: 'GET',
    url: '/api/timelapses/:id/slots',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'Every slot that was due with what became of it, as a file (text/csv or application/json)',
      params,
      querystring: z.strictObject({ ...between, format: z.enum(['csv', 'json']).default('csv') }),
    },
    async handler(request, reply) {
      const timelapse = found('timelapse', await records.timelapse(request.params.id));
      const { from = 0, to = clock.now() + 1, format } = request.query;
      const slots = records.slotOutcomes(timelapse.id, ...inOrder(from, to));
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/json; charset=utf-8')
        .header('content-disposition', `attachment; ${fileName(`${timelapse.name} slots`, format)}`)
        .send(Readable.from(format === 'csv' ? slotsAsCsv(slots) : slotsAsJson(slots)));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/timelapses/:id/lost',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Give up slots that nobody has reported; a report that comes after all still counts',
      params,
      body: lostInput,
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (request.body.until > clock.now())
        throw wrongFields([{ path: 'until', problem: 'must not be in the future: what is not due cannot be lost' }]);
      await records.giveUpSlots(request.params.id, request.body);
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/cameras/:id/coverage',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'Planned slots against outcomes of all timelapses of a camera; without from and to: the last 24 hours',
      params: z.object({ id: cameraId }),
      querystring: z.strictObject(between),
      response: { 200: cameraCoverageView, ...problems },
    },
    handler(request) {
      const { to = clock.now() + 1, from = Math.max(0, to - DAY_MS) } = request.query;
      return records.cameraCoverage(request.params.id, ...inOrder(from, to));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/agents/:id/retire',
    config: { access: 'admin' },
    schema: {
      tags: ['agents'],
      summary:
        'The agent will never come back: it may not log in any more, its timelapses are completed, and what it has not reported is lost. There is no way back',
      params: z.object({ id: agentId }),
      response: { 200: agentView, ...problems },
    },
    handler: async (request) => found('agent', await records.retireAgent(request.params.id)),
  });
  done();
}

function inOrder(from: number, to: number): [from: number, to: number] {
  if (from > to) throw wrongFields([{ path: 'from', problem: 'must not be later than to' }]);
  return [from, to];
}
