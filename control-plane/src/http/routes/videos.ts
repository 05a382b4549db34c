import { pageOf, timelapseId, type VideoView, videoId, videoInput, videoKey, videoView } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { type Api, noContent, pageQuery, problems } from '../api.ts';
import { readRange } from '../byte-range.ts';
import type { HttpRecords, ServerDeps } from '../deps.ts';
import { fileName } from '../file-name.ts';
import { found } from '../given.ts';

const tags = ['videos'];
const params = z.object({ id: videoId });

export function videoRoutes(
  app: Api,
  { records, objects }: { records: HttpRecords; objects: ServerDeps['objects'] },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/videos',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'Videos',
      querystring: pageQuery.extend({ timelapseId: timelapseId.optional() }),
      response: { 200: pageOf(videoView), ...problems },
    },
    handler: (request) => records.videos(request.query),
  });

  app.route({
    method: 'POST',
    url: '/api/videos',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Make a video of a timelapse',
      body: videoInput,
      response: { 201: videoView, ...problems },
    },
    handler: async (request, reply) => reply.code(201).send(await records.createVideo(request.body)),
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
    method: 'DELETE',
    url: '/api/videos/:id',
    config: { access: 'operator' },
    schema: { tags, summary: 'Delete a video and its file', params, response: { 204: noContent, ...problems } },
    async handler(request, reply) {
      const video = found('video', await records.video(request.params.id));
      if (video.state === 'queued' || video.state === 'rendering') throw notFinished();
      // The file first: if power goes between the two, deleting again finishes it, and no file is left that nobody knows.
      await objects.remove(videoKey(video.id));
      await records.deleteVideo(video.id);
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: ['GET', 'HEAD'],
    url: '/api/videos/:id/file',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'The film (MP4); answers range requests',
      params,
      querystring: z.strictObject({ download: z.enum(['0', '1']).default('0') }),
    },
    async handler(request, reply) {
      const video = found('video', await records.video(request.params.id));
      const stored = video.state === 'ready' ? await objects.stat(videoKey(video.id)) : null;
      if (stored === null) throw noFile(video);
      const { sizeBytes } = stored;
      const etag = `"${video.id}-${video.finishedAt ?? 0}"`;
      reply.headers({
        'content-type': 'video/mp4',
        'accept-ranges': 'bytes',
        'cache-control': 'private, no-cache',
        etag,
        'content-disposition': `${request.query.download === '1' ? 'attachment' : 'inline'}; ${fileName(video.name, 'mp4')}`,
      });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      // A client that resumes an older film gets the whole new one.
      const resumes = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
      const answer = readRange(resumes ? request.headers.range : undefined, sizeBytes);
      if (answer.kind === 'outside') {
        reply.header('content-range', `bytes */${sizeBytes}`);
        throw outsideFile(sizeBytes);
      }
      const range = answer.kind === 'part' ? answer.range : { first: 0, last: sizeBytes - 1 };
      reply.header('content-length', range.last - range.first + 1);
      if (answer.kind === 'part')
        reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${sizeBytes}`);
      if (request.method === 'HEAD') return reply.send();
      return reply.send(await objects.read(videoKey(video.id), answer.kind === 'part' ? range : undefined));
    },
  });
  done();
}

const noFile = (video: VideoView) =>
  new Failure({
    code: 'video.file-not-here',
    message:
      video.state === 'ready' ? 'The file of this video is not in the object store.' : `This video is ${video.state}.`,
    hint:
      video.state === 'ready' || video.state === 'failed' || video.state === 'cancelled'
        ? 'Delete the video and make it again.'
        : 'Wait until it is ready.',
    retry: 'later',
  });
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
const outsideFile = (sizeBytes: number) =>
  new Failure({
    code: 'video.out-of-range',
    message: `The file has ${sizeBytes} bytes; what was asked for lies behind its end.`,
    hint: 'Ask for a range inside the file.',
    retry: 'never',
  });
