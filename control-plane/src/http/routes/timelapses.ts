import {
  cameraId,
  coverageView,
  instant,
  pageOf,
  type Schedule,
  schedulePreview,
  schedulePreviewInput,
  timelapseChange,
  timelapseId,
  timelapseInput,
  timelapseView,
} from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { type Api, pageQuery, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found, given } from '../given.ts';
import { wrongFields } from '../problems.ts';
import { previewOf, startOfDay, tooShort } from '../schedules.ts';

const tags = ['timelapses'];
const params = z.object({ id: timelapseId });
const LONGEST_COVERAGE_MS = 400 * 86_400_000;

export function timelapseRoutes(
  app: Api,
  deps: { records: HttpRecords; clock: Clock; minIntervalMs: number },
  done: () => void,
): void {
  const { records, clock, minIntervalMs } = deps;

  function wantSlowEnough(schedule: Schedule): void {
    const fault = tooShort(schedule, minIntervalMs, clock.now());
    if (fault !== null) throw wrongFields([fault]);
  }

  app.route({
    method: 'GET',
    url: '/api/timelapses',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'Timelapses',
      querystring: pageQuery.extend({ cameraId: cameraId.optional() }),
      response: { 200: pageOf(timelapseView), ...problems },
    },
    handler: (request) => records.timelapses(request.query),
  });

  app.route({
    method: 'POST',
    url: '/api/timelapses',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Start a timelapse',
      body: timelapseInput,
      response: { 201: timelapseView, ...problems },
    },
    async handler(request, reply) {
      wantSlowEnough(request.body.schedule);
      wantFuture(request.body.schedule, clock.now());
      return reply.code(201).send(await records.startTimelapse(request.body));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/timelapses/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'A timelapse', params, response: { 200: timelapseView, ...problems } },
    handler: async (request) => found('timelapse', await records.timelapse(request.params.id)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/timelapses/:id',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Change a timelapse; only what is given changes, from when the agent has it',
      params,
      body: timelapseChange,
      response: { 200: timelapseView, ...problems },
    },
    async handler(request) {
      const { schedule } = request.body;
      if (schedule !== undefined) {
        wantSlowEnough(schedule);
        wantFuture(schedule, clock.now());
      }
      return found('timelapse', await records.changeTimelapse(request.params.id, given(request.body)));
    },
  });

  for (const [verb, to, summary] of [
    ['pause', 'paused', 'Pause: no slots are planned until it is resumed'],
    ['resume', 'running', 'Resume a paused timelapse'],
    ['complete', 'completed', 'Complete for ever; its frames and videos stay'],
  ] as const)
    app.route({
      method: 'POST',
      url: `/api/timelapses/:id/${verb}`,
      config: { access: 'operator' },
      schema: { tags, summary, params, response: { 200: timelapseView, ...problems } },
      handler: async (request) => found('timelapse', await records.moveTimelapse(request.params.id, to)),
    });

  app.route({
    method: 'GET',
    url: '/api/timelapses/:id/coverage',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'Planned slots against outcomes; without from and to: today in the time zone of the schedule, up to now',
      params,
      querystring: z.strictObject({
        from: z.coerce.number().pipe(instant).optional(),
        to: z.coerce.number().pipe(instant).optional(),
      }),
      response: { 200: coverageView, ...problems },
    },
    async handler(request) {
      const timelapse = found('timelapse', await records.timelapse(request.params.id));
      const to = request.query.to ?? clock.now();
      const from = request.query.from ?? startOfDay(timelapse.schedule.timeZone, Math.min(to, clock.now()));
      if (from > to) throw wrongFields([{ path: 'from', problem: 'must not be later than to' }]);
      if (to - from > LONGEST_COVERAGE_MS)
        throw wrongFields([{ path: 'from', problem: 'must be at most 400 days before to' }]);
      return records.coverage(timelapse.id, from, to);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/schedules/preview',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'The next 20 slots that a schedule would plan if it started now',
      body: schedulePreviewInput,
      response: { 200: schedulePreview, ...problems },
    },
    async handler(request) {
      wantSlowEnough(request.body.schedule);
      return previewOf(request.body.schedule, clock.now());
    },
  });
  done();
}

function wantFuture(schedule: Schedule, now: number): void {
  if (schedule.endsAt !== null && schedule.endsAt <= now)
    throw wrongFields([{ path: 'schedule.endsAt', problem: 'is already past' }]);
}
