import { pageOf, siteId, siteInput, siteView } from '@slowlight/protocol';
import { z } from 'zod';
import type { RequestAccess } from '../access.ts';
import { type Api, pageQuery, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found, given } from '../given.ts';

const tags = ['sites'];
const params = z.object({ id: siteId });
/** Only what is given changes; without the defaults of a new site. */
const siteChange = z.strictObject({
  name: siteInput.shape.name.optional(),
  timeZone: siteInput.shape.timeZone.optional(),
  latitude: siteInput.shape.latitude.unwrap().optional(),
  longitude: siteInput.shape.longitude.unwrap().optional(),
});

export function siteRoutes(
  app: Api,
  { records, access }: { records: HttpRecords; access: RequestAccess },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/sites',
    config: { access: 'viewer', site: 'seen' },
    schema: { tags, summary: 'Sites', querystring: pageQuery, response: { 200: pageOf(siteView), ...problems } },
    handler: (request) => records.sites({ ...request.query, sites: access.sitesSeen(request) }),
  });

  app.route({
    method: 'POST',
    url: '/api/sites',
    config: { access: 'admin', site: 'house' },
    schema: { tags, summary: 'Make a site', body: siteInput, response: { 201: siteView, ...problems } },
    handler: async (request, reply) => reply.code(201).send(await records.createSite(request.body)),
  });

  app.route({
    method: 'GET',
    url: '/api/sites/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'A site', params, response: { 200: siteView, ...problems } },
    handler: async (request) => found('site', await records.site(request.params.id)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/sites/:id',
    config: { access: 'admin' },
    schema: { tags, summary: 'Change a site', params, body: siteChange, response: { 200: siteView, ...problems } },
    handler: async (request) => found('site', await records.changeSite(request.params.id, given(request.body))),
  });
  done();
}
