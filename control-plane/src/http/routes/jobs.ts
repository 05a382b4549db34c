import { jobId, jobView, pageOf } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { type Api, noContent, pageQuery, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';

const tags = ['jobs'];

export function jobRoutes(app: Api, { records }: { records: HttpRecords }, done: () => void): void {
  app.route({
    method: 'GET',
    url: '/api/jobs',
    config: { access: 'viewer', site: 'house' },
    schema: {
      tags,
      summary: 'Work that the control plane owes or has done',
      querystring: pageQuery.extend({ state: jobView.shape.state.optional() }),
      response: { 200: pageOf(jobView), ...problems },
    },
    handler: (request) => records.jobs(request.query),
  });

  app.route({
    method: 'POST',
    url: '/api/jobs/:id/retry',
    config: { access: 'operator', site: 'house' },
    schema: {
      tags,
      summary: 'Try a dead job again',
      params: z.object({ id: jobId }),
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (!(await records.retryJob(request.params.id))) throw notDead();
      return reply.code(204).send(null);
    },
  });
  done();
}

const notDead = () =>
  new Failure({
    code: 'job.not-dead',
    message: 'There is no dead job with this id, so there is nothing to try again.',
    hint: 'Load the list again: it may have been tried already.',
    retry: 'never',
  });
