/** Work on many frames at once: made again, or looked for and repaired. */
import { type BulkId, type BulkView, bulkId, bulkInput, bulkView, pageOf, timelapseId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { type Api, pageQuery, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found } from '../given.ts';
import { notFound } from '../problems.ts';

const tags = ['jobs'];
const params = z.object({ id: bulkId });
const ofTimelapse = z.object({ id: timelapseId });

export function bulkRoutes(app: Api, { records }: { records: HttpRecords }, done: () => void): void {
  app.route({
    method: 'GET',
    url: '/api/bulk-jobs',
    config: { access: 'viewer', site: 'house' },
    schema: {
      tags,
      summary: 'Work on many frames, newest first',
      querystring: pageQuery,
      response: { 200: pageOf(bulkView), ...problems },
    },
    handler: (request) => records.bulks(request.query),
  });

  app.route({
    method: 'POST',
    url: '/api/bulk-jobs',
    config: { access: 'operator', site: { body: { timelapseId: 'timelapse', siteId: 'site' } } },
    schema: {
      tags,
      summary: 'Make thumbnails or overlays of many frames again, or look for those that are not there',
      body: bulkInput,
      response: { 202: bulkView, ...problems },
    },
    handler: async (request, reply) => reply.code(202).send(await records.createBulk(request.body)),
  });

  app.route({
    method: 'GET',
    url: '/api/bulk-jobs/:id',
    config: { access: 'viewer', site: 'house' },
    schema: { tags, summary: 'How far it is', params, response: { 200: bulkView, ...problems } },
    handler: async (request) => found('bulk-job', await records.bulk(request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/api/timelapses/:id/bulk-jobs',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'Work on many frames of a timelapse, newest first',
      params: ofTimelapse,
      querystring: pageQuery,
      response: { 200: pageOf(bulkView), ...problems },
    },
    async handler({ params: { id }, query }) {
      found('timelapse', await records.timelapse(id));
      return records.bulks({ ...query, timelapseId: id });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/timelapses/:id/bulk-jobs/:bulk/cancel',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Stop work on many frames of a timelapse, within 2 s; what was made stays',
      params: ofTimelapse.extend({ bulk: bulkId }),
      response: { 200: bulkView, ...problems },
    },
    async handler({ params: { id, bulk } }) {
      const known = found('bulk-job', await records.bulk(bulk));
      if (known.timelapseId !== id) throw notFound('bulk-job');
      return cancel(bulk);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/bulk-jobs/:id/cancel',
    config: { access: 'operator', site: 'house' },
    schema: {
      tags,
      summary: 'Stop it, within 2 s; what was made stays',
      params,
      response: { 200: bulkView, ...problems },
    },
    async handler(request) {
      const { id } = request.params;
      found('bulk-job', await records.bulk(id));
      return cancel(id);
    },
  });

  async function cancel(id: BulkId): Promise<BulkView> {
    if (!(await records.cancelBulk(id))) throw alreadyEnded();
    return found('bulk-job', await records.bulk(id));
  }
  done();
}

const alreadyEnded = () =>
  new Failure({
    code: 'bulk-job.finished',
    message: 'This work has ended already, so there is nothing to stop.',
    hint: 'Look at it again.',
    retry: 'never',
  });
