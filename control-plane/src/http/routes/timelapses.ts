import {
  type CameraId,
  cameraId,
  type Place,
  pageOf,
  resolveSchedule,
  type Schedule,
  type ScheduleInput,
  schedulePreview,
  schedulePreviewInput,
  timelapseChange,
  timelapseId,
  timelapseInput,
  timelapseView,
} from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { z } from 'zod';
import type { RequestAccess } from '../access.ts';
import { type Api, pageQuery, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found, given } from '../given.ts';
import { previewOf } from '../preview.ts';
import { wrongFields } from '../problems.ts';
import { neverPlans, tooShort } from '../schedules.ts';

const tags = ['timelapses'];
const params = z.object({ id: timelapseId });
/** How many of a camera's newest frames say how large its frames are. */
const RECENT_FRAMES = 200;

export function timelapseRoutes(
  app: Api,
  deps: { records: HttpRecords; access: RequestAccess; clock: Clock; minIntervalMs: number },
  done: () => void,
): void {
  const { records, access, clock, minIntervalMs } = deps;

  /** Null where nobody has said where the camera's site lies. */
  async function placeOf(camera: CameraId | null): Promise<Place | null> {
    const siteId = camera === null ? null : (await records.camera(camera))?.siteId;
    const site = siteId == null ? null : await records.site(siteId);
    return site?.latitude == null || site.longitude === null
      ? null
      : { latitude: site.latitude, longitude: site.longitude };
  }

  /**
   * What it would become. Judged here, so that each fault is told by its field; the records resolve it anew.
   * @throws Failure `request.invalid`
   */
  async function judged(input: ScheduleInput, camera: CameraId | null, startedAt: number): Promise<Schedule> {
    const fault = tooShort(input, minIntervalMs, clock.now());
    if (fault !== null) throw wrongFields([fault]);
    const resolved = resolveSchedule(input, { place: await placeOf(camera), startedAt });
    if (resolved.kind === 'resolved') return resolved.schedule;
    const problem = 'needs to know where the site lies: give the site its latitude and longitude first';
    throw wrongFields([{ path: 'schedule.sunWindows', problem }]);
  }

  async function wanted(input: ScheduleInput, camera: CameraId, startedAt: number): Promise<void> {
    const schedule = await judged(input, camera, startedAt);
    const now = clock.now();
    if (schedule.endsAt !== null && schedule.endsAt <= now)
      throw wrongFields([
        {
          path: `schedule.${input.endsAfterDays === undefined ? 'endsAt' : 'endsAfterDays'}`,
          problem: 'is already past',
        },
      ]);
    const never = neverPlans(schedule, now);
    if (never !== null) throw wrongFields([never]);
  }

  app.route({
    method: 'GET',
    url: '/api/timelapses',
    config: { access: 'viewer', site: 'seen' },
    schema: {
      tags,
      summary: 'Timelapses',
      querystring: pageQuery.extend({ cameraId: cameraId.optional() }),
      response: { 200: pageOf(timelapseView), ...problems },
    },
    handler: (request) => records.timelapses({ ...request.query, sites: access.sitesSeen(request) }),
  });

  app.route({
    method: 'POST',
    url: '/api/timelapses',
    config: { access: 'operator', site: { body: { cameraId: 'camera' } } },
    schema: {
      tags,
      summary: 'Start a timelapse',
      body: timelapseInput,
      response: { 201: timelapseView, ...problems },
    },
    async handler(request, reply) {
      const { schedule, cameraId: camera } = request.body;
      await wanted(schedule, camera, clock.now());
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
        const before = found('timelapse', await records.timelapse(request.params.id));
        await wanted(schedule, before.cameraId, before.startedAt);
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
    method: 'POST',
    url: '/api/schedules/preview',
    config: { access: 'viewer', audit: 'nothing', site: { body: { timelapseId: 'timelapse', cameraId: 'camera' } } },
    schema: {
      tags,
      summary:
        'What a schedule would plan if a timelapse started on it now, or went on with it: slots, bytes, length of film',
      body: schedulePreviewInput,
      response: { 200: schedulePreview, ...problems },
    },
    async handler(request) {
      const { schedule, fps } = request.body;
      const id = request.body.timelapseId;
      const timelapse = id === undefined ? null : found('timelapse', await records.timelapse(id));
      const camera = timelapse?.cameraId ?? request.body.cameraId ?? null;
      const now = clock.now();
      return previewOf(await judged(schedule, camera, timelapse?.startedAt ?? now), {
        now,
        firstAtOnce: timelapse === null,
        fps,
        place: await placeOf(camera),
        frameSize: camera === null ? null : await records.recentFrameSize(camera, RECENT_FRAMES),
      });
    },
  });
  done();
}
