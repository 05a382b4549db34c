import { pageOf, timelapseId, videoChange, videoId, videoInput, videoPreview, videoView } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import type { RequestAccess } from '../access.ts';
import { type Api, noContent, pageQuery, problems } from '../api.ts';
import type { HttpRecords, ServerDeps } from '../deps.ts';
import { found, given } from '../given.ts';

const tags = ['videos'];
const params = z.object({ id: videoId });

export function videoRoutes(
  app: Api,
  { records, access, objects }: { records: HttpRecords; access: RequestAccess; objects: ServerDeps['objects'] },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/videos',
    config: { access: 'viewer', site: 'seen' },
    schema: {
      tags,
      summary: 'Videos',
      querystring: pageQuery.extend({ timelapseId: timelapseId.optional() }),
      response: { 200: pageOf(videoView), ...problems },
    },
    handler: (request) => records.videos({ ...request.query, sites: access.sitesSeen(request) }),
  });

  app.route({
    method: 'POST',
    url: '/api/videos',
    config: { access: 'operator', site: { body: { timelapseId: 'timelapse' } } },
    schema: {
      tags,
      summary: 'Make a video of a timelapse',
      body: videoInput,
      response: { 201: videoView, ...problems },
    },
    handler: async (request, reply) => reply.code(201).send(await records.createVideo(request.body)),
  });

  app.route({
    method: 'POST',
    url: '/api/videos/preview',
    config: { access: 'viewer', audit: 'nothing', site: { body: { timelapseId: 'timelapse' } } },
    schema: {
      tags,
      summary: 'How many frames, how fast and how long a video would be',
      body: videoInput,
      response: { 200: videoPreview, ...problems },
    },
    handler: (request) => records.previewVideo(request.body),
  });

  app.route({
    method: 'PATCH',
    url: '/api/videos/:id',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Change the name, speed, length or title of a video, without encoding its pictures again',
      params,
      body: videoChange,
      response: { 200: videoView, ...problems },
    },
    handler: async (request) => found('video', await records.changeVideo(request.params.id, given(request.body))),
  });

  app.route({
    method: 'GET',
    url: '/api/videos/:id',
    config: { access: 'viewer' },
    schema: { tags, summary: 'A video', params, response: { 200: videoView, ...problems } },
    handler: async (request) => found('video', await records.video(request.params.id)),
  });

  app.route({
    method: 'POST',
    url: '/api/videos/:id/cancel',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Stop making a video, within 2 s; no file is left',
      params,
      response: { 200: videoView, ...problems },
    },
    async handler(request) {
      const { id } = request.params;
      found('video', await records.video(id));
      if (!(await records.cancelVideo(id))) throw alreadyFinished();
      return found('video', await records.video(id));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/videos/:id/animation',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Make an animated preview of a video (GIF and WebP), or make it again',
      params,
      response: { 202: videoView, ...problems },
    },
    handler: async (request, reply) =>
      reply.code(202).send(found('video', await records.animateVideo(request.params.id))),
  });

  app.route({
    method: 'DELETE',
    url: '/api/videos/:id',
    config: { access: 'operator' },
    schema: { tags, summary: 'Delete a video and its file', params, response: { 204: noContent, ...problems } },
    async handler(request, reply) {
      const video = found('video', await records.video(request.params.id));
      if (video.state === 'queued' || video.state === 'rendering') throw notFinished();
      // The file first: if power goes between the two, deleting again finishes it, and no file is left that nobody knows.
      const made = found('video', await records.videoObjects(video.id));
      for (const object of Object.values(made)) if (object !== null) await objects.remove(object);
      await records.deleteVideo(video.id);
      return reply.code(204).send(null);
    },
  });

  done();
}

const alreadyFinished = () =>
  new Failure({
    code: 'video.finished',
    message: 'This video is not being made any more, so there is nothing to stop.',
    hint: 'Delete it if you do not want it.',
    retry: 'never',
  });
const notFinished = () =>
  new Failure({
    code: 'video.not-finished',
    message: 'This video is still being made.',
    hint: 'Cancel it first, then delete it.',
    retry: 'later',
  });
