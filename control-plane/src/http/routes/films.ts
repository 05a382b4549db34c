/** What a video is made of, for whoever looks at it: the film, its poster, its pieces as a stream, its manifest. */
import { animationType, type VideoView, videoId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Api, problems } from '../api.ts';
import type { HttpRecords, ServerDeps } from '../deps.ts';
import { fileName } from '../file-name.ts';
import { filmManifest, readManifest } from '../film-manifest.ts';
import { found } from '../given.ts';
import { patchedInit, patchedMedia, readLayout, writePlaylist } from '../hls.ts';
import { chooseRange } from '../send-range.ts';
import type { ViewDoor } from '../view-door.ts';

const tags = ['videos'];
const params = z.object({ id: videoId });
const PLAYLIST = 'application/vnd.apple.mpegurl';
/** Segments never change under their names. */
const FOR_EVER = 'private, max-age=31536000, immutable';

export function filmRoutes(
  app: Api,
  deps: { records: HttpRecords; objects: ServerDeps['objects']; door: ViewDoor },
  done: () => void,
): void {
  const { records, objects, door } = deps;
  const { config, guard } = door;
  const url = (rest: string) => `${door.base}/:id/${rest}`;

  /** A segment is the same in every film; whoever sees only some films gets it only as a part of one of them. */
  async function segmentOf(request: FastifyRequest, id: z.infer<typeof videoId>, address: string) {
    const segment = await records.segment(address);
    if (segment === null) throw noSegment();
    if (!door.seesAll(request) && !(await records.shownSegments(id)).some((one) => one.address === address))
      throw noSegment();
    return segment;
  }

  /** The film as it can be looked at now. @throws Failure `video.not-found` | `video.file-not-here` */
  async function filmOf(id: z.infer<typeof videoId>) {
    const video = found('video', await records.video(id));
    const { key, ...beside } = found('video', await records.videoObjects(id));
    if (key === null) throw noFile(video);
    return { video, key, ...beside };
  }

  app.route({
    method: ['GET', 'HEAD'],
    url: url('file'),
    config,
    onRequest: guard,
    schema: {
      tags,
      summary: 'The film (MP4); answers range requests',
      params,
      querystring: z.strictObject({ download: z.enum(['0', '1']).default('0') }),
    },
    async handler(request, reply) {
      const { video, key } = await filmOf(request.params.id);
      const stored = await objects.stat(key);
      if (stored === null) throw noFile(video);
      const { sizeBytes } = stored;
      const etag = `"${video.id}-${video.finishedAt ?? 0}"`;
      reply.headers({
        'content-type': 'video/mp4',
        'cache-control': 'private, no-cache',
        etag,
        'content-disposition': `${request.query.download === '1' ? 'attachment' : 'inline'}; ${fileName(video.name, 'mp4')}`,
      });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      const range = chooseRange(request, reply, { sizeBytes, etag, code: 'video.out-of-range' });
      if (request.method === 'HEAD') return reply.send();
      return reply.send(await objects.read(key, range));
    },
  });

  app.route({
    method: 'GET',
    url: url('poster'),
    config,
    onRequest: guard,
    schema: { tags, summary: 'A still of the film (JPEG)', params },
    async handler(request, reply) {
      const { video, posterKey } = await filmOf(request.params.id);
      const stored = posterKey === null ? null : await objects.stat(posterKey);
      if (posterKey === null || stored === null) throw noFile(video);
      const etag = `"${video.id}-${video.finishedAt ?? 0}"`;
      reply.headers({ 'content-type': 'image/jpeg', 'cache-control': 'private, no-cache', etag });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.header('content-length', stored.sizeBytes).send(await objects.read(posterKey));
    },
  });

  app.route({
    method: 'GET',
    url: url('animation/:type'),
    config,
    onRequest: guard,
    schema: {
      tags,
      summary: 'The animated preview of the film (GIF or WebP)',
      params: params.extend({ type: animationType }),
      querystring: z.strictObject({ download: z.enum(['0', '1']).default('0') }),
    },
    async handler(request, reply) {
      const { type } = request.params;
      const { video, [`${type}Key` as const]: key } = await filmOf(request.params.id);
      const stored = key === null ? null : await objects.stat(key);
      if (key === null || stored === null) throw noAnimation();
      // Its key is another one whenever it is made.
      const etag = `"${key.replace(/^.*\//, '')}"`;
      const kind = request.query.download === '1' ? 'attachment' : 'inline';
      reply.headers({
        'content-type': `image/${type}`,
        'cache-control': 'private, no-cache',
        etag,
        'content-disposition': `${kind}; ${fileName(video.name, type)}`,
      });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.header('content-length', stored.sizeBytes).send(await objects.read(key));
    },
  });

  app.route({
    method: 'GET',
    url: url('hls/index.m3u8'),
    config,
    onRequest: guard,
    schema: { tags, summary: 'The film as a stream (HLS playlist)', params },
    async handler(request, reply) {
      const { video } = await filmOf(request.params.id);
      const pieces = (await records.shownSegments(video.id)).flatMap(({ address, framesShown, object }) =>
        object === null ? [] : [{ address, frames: framesShown, layout: readLayout(object.layout) }],
      );
      if (pieces.length === 0) throw noFile(video);
      reply.headers({ 'content-type': PLAYLIST, 'cache-control': 'private, no-cache' });
      return reply.send(writePlaylist(pieces, video.fps));
    },
  });

  const piece = z.object({ id: videoId, address: z.string().regex(/^[0-9a-f]{64}$/, 'is not a segment') });
  app.route({
    method: 'GET',
    url: url('hls/:address/init.mp4'),
    config,
    onRequest: guard,
    schema: {
      tags,
      summary: 'What a player needs before a segment of the stream',
      params: piece,
      querystring: z.strictObject({ scale: z.coerce.number().int().min(1).max(1_000_000) }),
    },
    async handler(request, reply) {
      const segment = await segmentOf(request, request.params.id, request.params.address);
      const layout = readLayout(segment.layout);
      const bytes = await objects.read(segment.key, { first: 0, last: layout.initBytes - 1 });
      reply.headers({ 'content-type': 'video/mp4', 'cache-control': FOR_EVER, 'content-length': layout.initBytes });
      return reply.send(patchedInit(bytes, { layout, timescale: request.query.scale }));
    },
  });

  app.route({
    method: 'GET',
    url: url('hls/:address/media.m4s'),
    config,
    onRequest: guard,
    schema: {
      tags,
      summary: 'A segment of the stream',
      params: piece,
      querystring: z.strictObject({ at: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
    },
    async handler(request, reply) {
      const segment = await segmentOf(request, request.params.id, request.params.address);
      const layout = readLayout(segment.layout);
      const { mediaFrom: first, mediaUntil } = layout;
      const bytes = await objects.read(segment.key, { first, last: mediaUntil - 1 });
      reply.headers({ 'content-type': 'video/iso.segment', 'cache-control': FOR_EVER });
      reply.header('content-length', mediaUntil - first);
      return reply.send(patchedMedia(bytes, { layout, decodeTime: request.query.at }));
    },
  });
  done();
}

/** Of whoever is known here; what a film was made of is nobody else's business. */
export function filmManifestRoutes(app: Api, { records }: { records: HttpRecords }, done: () => void): void {
  app.route({
    method: 'GET',
    url: '/api/videos/:id/manifest',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'What the video was made of: frames with their checksums, settings, versions',
      params,
      response: { 200: filmManifest, ...problems },
    },
    async handler(request, reply) {
      const manifest = readManifest(found('video', await records.videoManifest(request.params.id)));
      const name = fileName(manifest.video.name, 'json');
      return reply.header('content-disposition', `attachment; ${name}`).send(manifest);
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
const noAnimation = () =>
  new Failure({
    code: 'video.animation-not-here',
    message: 'There is no animated preview of this video.',
    hint: 'Ask for one, and wait until it is made.',
    retry: 'later',
  });
const noSegment = () =>
  new Failure({
    code: 'segment.not-found',
    message: 'This piece of the stream is not there any more.',
    hint: 'Load the playlist again: the film has been made anew.',
    retry: 'never',
  });
