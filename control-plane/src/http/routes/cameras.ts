import {
  agentId,
  type CameraView,
  cameraChange,
  cameraId,
  cameraInput,
  cameraView,
  newCameraId,
  pageOf,
  siteId,
} from '@slowlight/protocol';
import { z } from 'zod';
import type { RequestAccess } from '../access.ts';
import { type Api, noContent, pageQuery, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';
import { found, given } from '../given.ts';
import { notFound } from '../problems.ts';
import { sealFor, wantLoginWhole } from '../seal-password.ts';

const tags = ['cameras'];
const params = z.object({ id: cameraId });

export function cameraRoutes(
  app: Api,
  { records, access }: { records: HttpRecords; access: RequestAccess },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/cameras',
    config: { access: 'viewer', site: 'seen' },
    schema: {
      tags,
      summary: 'Cameras',
      querystring: pageQuery.extend({ siteId: siteId.optional(), agentId: agentId.optional() }),
      response: { 200: pageOf(cameraView), ...problems },
    },
    handler: (request) => records.cameras({ ...request.query, sites: access.sitesSeen(request) }),
  });

  app.route({
    method: 'POST',
    url: '/api/cameras',
    config: { access: 'admin', site: { body: { agentId: 'agent' } } },
    schema: {
      tags,
      summary: 'Make a camera; its password is sealed to its agent and never shown again',
      body: cameraInput,
      response: { 201: cameraView, ...problems },
    },
    async handler(request, reply) {
      const { agentId: agent, password, ...settings } = request.body;
      wantLoginWhole(settings.username, password !== null);
      found('agent', await records.agent(agent));
      const id = newCameraId();
      const sealedPassword = password === null ? null : await sealFor(records, { agent, context: id, password });
      return reply.code(201).send(await records.createCamera(id, agent, { ...settings, sealedPassword }));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/cameras/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'A camera', params, response: { 200: cameraView, ...problems } },
    handler: async (request) => found('camera', await records.camera(request.params.id)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/cameras/:id',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Change a camera; only what is given changes',
      params,
      body: cameraChange,
      response: { 200: cameraView, ...problems },
    },
    async handler(request) {
      const before = found('camera', await records.camera(request.params.id));
      const { password, ...change } = request.body;
      const username = change.username === undefined ? before.username : change.username;
      wantLoginWhole(username, password === undefined ? before.hasPassword : password !== null);
      const sealed = await sealChange(before, password);
      return found('camera', await records.changeCamera(before.id, { ...given(change), ...sealed }));
    },
  });

  async function sealChange(camera: CameraView, password: string | null | undefined) {
    if (password === undefined) return {};
    if (password === null) return { sealedPassword: null };
    return { sealedPassword: await sealFor(records, { agent: camera.agentId, context: camera.id, password }) };
  }

  app.route({
    method: 'DELETE',
    url: '/api/cameras/:id',
    config: { access: 'admin' },
    schema: { tags, summary: 'Delete a camera; its frames stay', params, response: { 204: noContent, ...problems } },
    async handler(request, reply) {
      if (!(await records.deleteCamera(request.params.id))) throw notFound('camera');
      return reply.code(204).send(null);
    },
  });
  done();
}
