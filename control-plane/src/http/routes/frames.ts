import { faultView, frameId, frameQuery, frameView, pageOf } from '@slowlight/protocol';
import { z } from 'zod';
import type { RequestAccess } from '../access.ts';
import { type Api, pageQuery, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found } from '../given.ts';

export function frameRoutes(
  app: Api,
  { records, access }: { records: HttpRecords; access: RequestAccess },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/frames',
    config: { access: 'viewer', site: 'seen' },
    schema: {
      tags: ['frames'],
      summary: 'Frames, newest first if nothing else is asked',
      querystring: frameQuery,
      response: { 200: pageOf(frameView), ...problems },
    },
    handler: (request) => records.frames({ ...request.query, sites: access.sitesSeen(request) }),
  });

  app.route({
    method: 'GET',
    url: '/api/frames/:id',
    config: { access: 'viewer' },
    schema: {
      tags: ['frames'],
      summary: 'A frame',
      params: z.object({ id: frameId }),
      response: { 200: frameView, ...problems },
    },
    handler: async (request) => found('frame', await records.frame(request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/api/faults',
    config: { access: 'viewer', site: 'seen' },
    schema: {
      tags: ['system'],
      summary: 'What could not be read, recorded or verified, newest first',
      querystring: pageQuery,
      response: { 200: pageOf(faultView), ...problems },
    },
    handler: (request) => records.faults({ ...request.query, sites: access.sitesSeen(request) }),
  });
  done();
}
