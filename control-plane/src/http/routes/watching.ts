import { cameraId, momentsQuery, momentsView, sheetQuery, type WallItem, wallView } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { z } from 'zod';
import type { RequestAccess } from '../access.ts';
import { type Api, problems } from '../api.ts';
import type { DrawSheet, HttpRecords } from '../deps.ts';
import { found } from '../given.ts';
import { wrongFields } from '../problems.ts';
import { startOfDay } from '../schedules.ts';

const params = z.object({ id: cameraId });
/** The same ids are the same pictures for ever. */
const FOR_EVER = 'private, max-age=31536000, immutable';
/** Some thumbnails are not made yet. */
const FOR_NOW = 'private, max-age=10';

interface Deps {
  records: HttpRecords;
  drawSheet: DrawSheet;
  clock: Clock;
  access: RequestAccess;
}

/** What those who look on ask for: everything on the wall in one answer, a day as columns, many pictures in one. */
export function watchingRoutes(app: Api, { records, drawSheet, clock, access }: Deps, done: () => void): void {
  app.route({
    method: 'GET',
    url: '/api/wall',
    config: { access: 'viewer', site: 'seen' },
    schema: {
      tags: ['cameras'],
      summary:
        'What the wall shows of every camera: the verdict of its newest picture, its timelapse and its coverage today',
      response: { 200: wallView, ...problems },
    },
    async handler(request) {
      const items: WallItem[] = [];
      for (const item of await records.wall(access.sitesSeen(request)))
        items.push({ ...item, today: await today(item.timelapse) });
      return { items };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/cameras/:id/moments',
    config: { access: 'viewer' },
    schema: {
      tags: ['cameras'],
      summary:
        'The frames of a stretch of time as columns, oldest first; thinned out evenly where there are more than `most`',
      params,
      querystring: momentsQuery,
      response: { 200: momentsView, ...problems },
    },
    async handler(request) {
      const { from, to } = request.query;
      if (from >= to) throw wrongFields([{ path: 'to', problem: 'must be later than from' }]);
      found('camera', await records.camera(request.params.id));
      return records.moments(request.params.id, request.query);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/cameras/:id/sheet',
    config: { access: 'viewer' },
    schema: {
      tags: ['cameras'],
      summary: 'Small pictures of up to 64 frames in one JPEG, in rows of 8, in the order of the ids',
      params,
      querystring: sheetQuery,
    },
    async handler(request, reply) {
      const { frames: ids } = request.query;
      const known = await records.sheetFrames(request.params.id, ids);
      if (known.size === 0) found('frame', null);
      const left = new AbortController();
      reply.raw.once('close', () => left.abort());
      const { jpeg, whole } = await drawSheet(
        ids.map((id) => known.get(id) ?? null),
        left.signal,
      );
      return reply
        .type('image/jpeg')
        .header('cache-control', whole ? FOR_EVER : FOR_NOW)
        .send(jpeg);
    },
  });

  async function today(timelapse: WallItem['timelapse']): Promise<WallItem['today']> {
    if (timelapse === null) return null;
    const to = clock.now();
    const from = startOfDay(timelapse.schedule.timeZone, to);
    const { planned, outcomes, covered } = await records.coverage(timelapse.id, from, to);
    return { from, to, planned, outcomes, covered };
  }
  done();
}
