/** Work on many frames at once: made again, or looked for and repaired. */
import { bulkId, bulkInput, bulkView, pageOf } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { type Api, pageQuery, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found } from '../given.ts';

const tags = ['jobs'];
const params = z.object({ id: bulkId });

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
      if (!(await records.cancelBulk(id))) throw alreadyEnded();
      return found('bulk-job', await records.bulk(id));
    },
  });
  done();
}

const alreadyEnded = () =>
  new Failure({
    code: 'bulk-job.finished',
    message: 'This work has ended already, so there is nothing to stop.',
    hint: 'Look at it again.',
    retry: 'never',
  });
