import {
  type AssetView,
  assetId,
  assetKey,
  assetView,
  displayName,
  MOST_ASSET_BYTES,
  pageOf,
} from '@slowlight/protocol';
import { z } from 'zod';
import { type Api, noContent, pageQuery, problems } from '../api.ts';
import type { HttpRecords, Overlays, ServerDeps } from '../deps.ts';
import { found } from '../given.ts';
import { notFound } from '../problems.ts';

const tags = ['overlays'];
const params = z.object({ id: assetId });
const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'];
/** An asset never changes under its id. */
const FOR_EVER = 'private, max-age=31536000, immutable';
/** Opened on its own, a drawing may do nothing but be drawn. */
const NOTHING_ELSE = "default-src 'none'; sandbox";

/** Pictures for overlays. */
export function assetRoutes(
  app: Api,
  { records, objects, overlays }: { records: HttpRecords; objects: ServerDeps['objects']; overlays: Overlays },
  done: () => void,
): void {
  app.addContentTypeParser(TYPES, { parseAs: 'buffer', bodyLimit: MOST_ASSET_BYTES }, (_request, body, parsed) =>
    parsed(null, body),
  );

  app.route({
    method: 'GET',
    url: '/api/assets',
    config: { access: 'viewer', site: 'anywhere' },
    schema: {
      tags,
      summary: 'Pictures for overlays, oldest first',
      querystring: pageQuery,
      response: { 200: pageOf(assetView), ...problems },
    },
    handler: (request) => records.assets(request.query),
  });

  app.route({
    method: 'POST',
    url: '/api/assets',
    bodyLimit: MOST_ASSET_BYTES,
    config: { access: 'operator', site: 'house' },
    schema: {
      tags,
      summary: 'Upload a picture for overlays: PNG, JPEG, WebP or SVG as the body, 10 MB at most',
      consumes: TYPES,
      querystring: z.strictObject({ name: displayName }),
      body: z.instanceof(Buffer, { message: 'must be a picture: PNG, JPEG, WebP or SVG' }),
      response: { 201: assetView, ...problems },
    },
    async handler(request, reply) {
      return reply.code(201).send(await overlays.takeAsset({ name: request.query.name, bytes: request.body }));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/assets/:id',
    config: { access: 'viewer', site: 'anywhere' },
    schema: { tags, summary: 'A picture for overlays', params, response: { 200: assetView, ...problems } },
    handler: async (request) => found('asset', await records.asset(request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/api/assets/:id/picture',
    config: { access: 'viewer', site: 'anywhere' },
    schema: { tags, summary: 'The bytes of a picture for overlays', params },
    async handler(request, reply) {
      const asset: AssetView = found('asset', await records.asset(request.params.id));
      const etag = `"${asset.sha256}"`;
      if (request.headers['if-none-match'] === etag) return reply.code(304).header('etag', etag).send();
      const body = await objects.read(assetKey(asset.id, asset.type));
      return reply
        .headers({ etag, 'cache-control': FOR_EVER, 'content-security-policy': NOTHING_ELSE })
        .type(asset.type)
        .send(body);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/assets/:id',
    config: { access: 'operator', site: 'house' },
    schema: {
      tags,
      summary: 'Delete a picture that nothing shows now; old versions of templates then leave it out',
      params,
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (!(await overlays.removeAsset(request.params.id))) throw notFound('asset');
      return reply.code(204).send(null);
    },
  });
  done();
}
