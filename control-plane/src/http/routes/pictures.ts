import {
  type FrameId,
  type FrameView,
  frameId,
  frameQuery,
  type ThumbnailSize,
  thumbnailKey,
  timelapseId,
} from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { FramePicture } from '../../frame.ts';
import type { Api } from '../api.ts';
import type { HttpRecords, ServerDeps } from '../deps.ts';
import { fileName } from '../file-name.ts';
import { zipFrames } from '../frame-zip.ts';
import { found } from '../given.ts';
import { chooseRange } from '../send-range.ts';
import type { ViewDoor } from '../view-door.ts';

const tags = ['frames'];
const params = z.object({ id: frameId });
/** A picture never changes under its id. */
const FOR_EVER = 'private, max-age=31536000, immutable';
/** Shown for want of something better: ask again next time. */
const FOR_NOW = 'private, no-cache';

interface Choice {
  key: string;
  type: string;
  etag: string;
  keep: typeof FOR_EVER | typeof FOR_NOW;
}

/** The bytes of pictures and thumbnails. */
export function pictureRoutes(
  app: Api,
  { records, objects, door }: { records: HttpRecords; objects: ServerDeps['objects']; door: ViewDoor },
  done: () => void,
): void {
  const { config, guard } = door;
  app.route({
    method: 'GET',
    url: `${door.base}/:id/picture`,
    config,
    onRequest: guard,
    schema: {
      tags,
      summary: 'The picture as it was taken; answers range requests',
      params,
      querystring: z.strictObject({ download: z.enum(['0', '1']).default('0') }),
    },
    async handler(request, reply) {
      const { frame, picture } = await look(request.params.id);
      const whole = wholePicture(picture, FOR_EVER);
      const { etag, key, type } = whole;
      if (request.headers['if-none-match'] === etag) return reply.code(304).header('etag', etag).send();
      const range = chooseRange(request, reply, { sizeBytes: picture.sizeBytes, etag, code: 'frame.out-of-range' });
      const body = await objects.read(key, range).catch(unlessAbsent);
      if (body === null) {
        reply.removeHeader('content-range');
        throw notHere(frame);
      }
      const how = request.query.download === '1' ? 'attachment' : 'inline';
      const disposition = `${how}; ${fileName(frame.id, type === 'image/webp' ? 'webp' : 'jpg')}`;
      return reply
        .headers({ etag, 'cache-control': FOR_EVER, 'content-type': type, 'content-disposition': disposition })
        .send(body);
    },
  });

  app.route({
    method: 'GET',
    url: `${door.base}/:id/thumbnail`,
    config,
    onRequest: guard,
    schema: {
      tags,
      summary:
        'A small picture (200 × 150 or 800 × 600 at most); the other size or the whole picture where it is not made yet',
      params,
      querystring: z.strictObject({ size: z.enum(['small', 'large']).default('small') }),
    },
    async handler(request, reply) {
      const { frame, picture } = await look(request.params.id);
      return send(request, reply, thumbnailChoices(frame, picture, request.query.size), frame);
    },
  });

  async function look(id: FrameId): Promise<{ frame: FrameView; picture: FramePicture }> {
    const frame = found('frame', await records.frame(id));
    const picture = found('frame', await records.framePicture(id));
    if (frame.picture !== 'stored') throw notHere(frame);
    return { frame, picture };
  }

  /** Sends the first of the choices that is in the store. */
  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    choices: readonly Choice[],
    frame: FrameView,
  ): Promise<FastifyReply> {
    for (const { key, type, etag, keep } of choices) {
      if (request.headers['if-none-match'] === etag) return reply.code(304).header('etag', etag).send();
      const body = await objects.read(key).catch(unlessAbsent);
      if (body !== null)
        return reply
          .headers({ etag, 'cache-control': keep, 'content-type': type, 'content-disposition': 'inline' })
          .send(body);
    }
    throw notHere(frame);
  }
  done();
}

/** The pictures of a whole timelapse at once. */
export function zipRoutes(
  app: Api,
  { records, objects }: { records: HttpRecords; objects: ServerDeps['objects'] },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/timelapses/:id/frames.zip',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'The pictures of a timelapse in the order of their slots as a zip, with what each of them is',
      params: z.object({ id: timelapseId }),
      querystring: frameQuery.pick({ from: true, to: true, flagged: true }),
    },
    async handler(request, reply) {
      const timelapse = found('timelapse', await records.timelapse(request.params.id));
      const { frames, framePicture } = records;
      const read = (key: string) => objects.read(key).catch(unlessAbsent);
      return reply
        .type('application/zip')
        .header('content-disposition', `attachment; ${fileName(timelapse.name, 'zip')}`)
        .send(zipFrames({ frames, framePicture, read }, timelapse, request.query));
    },
  });
  done();
}

/** Pure: what to try, best first. Only the size that was asked for may be kept for ever. */
function thumbnailChoices(frame: FrameView, picture: FramePicture, size: ThumbnailSize): Choice[] {
  const whole = wholePicture(picture, FOR_NOW);
  if (frame.thumbnail !== 'ready') return [whole];
  const thumbnail = (of: ThumbnailSize, keep: Choice['keep']): Choice => ({
    key: thumbnailKey(frame.id, of),
    type: 'image/jpeg',
    etag: `"${frame.sha256}-${of}"`,
    keep,
  });
  return [thumbnail(size, FOR_EVER), thumbnail(size === 'small' ? 'large' : 'small', FOR_NOW), whole];
}

function wholePicture({ key, type, sha256 }: FramePicture, keep: Choice['keep']): Choice {
  return { key, type, etag: `"${sha256}"`, keep };
}

function unlessAbsent(thrown: unknown): null {
  if (thrown instanceof Failure && thrown.code === 'object.not-found') return null;
  throw thrown;
}

const WHERE: Record<FrameView['picture'], string> = {
  'at-edge': 'The picture is still with its agent and will be uploaded as soon as the link allows.',
  claimed: 'The picture has been uploaded and is being verified.',
  missing: 'The picture was in the object store and is not there any more.',
  evicted: 'The picture had to leave the agent before it could be uploaded, because its card was full or damaged.',
  stored: 'The picture is recorded, but the object store does not have it.',
};
const notHere = (frame: FrameView) =>
  new Failure({
    code: 'frame.picture-not-here',
    message: WHERE[frame.picture],
    hint:
      frame.picture === 'stored' || frame.picture === 'missing'
        ? 'Look whether somebody has deleted files of the object store; restore them from a backup.'
        : frame.picture === 'evicted'
          ? 'Nothing can bring it back. Give the agent a larger card or a better link.'
          : 'Try again in a moment.',
    retry: frame.picture === 'evicted' ? 'never' : 'later',
  });
