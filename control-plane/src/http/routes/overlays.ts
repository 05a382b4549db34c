import {
  BUILT_IN_TEMPLATES,
  displayName,
  type FrameId,
  frameId,
  overlayChanges,
  overlayLayout,
  overlayTemplateChange,
  overlayTemplateId,
  overlayTemplateInput,
  overlayTemplateView,
  pageOf,
  resolveOverlay,
  sidecarKey,
  sidecarView,
  timelapseId,
  timelapseOverlayInput,
  timelapseOverlayView,
  timeZone,
} from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { type Api, noContent, pageQuery, problems } from '../api.ts';
import type { HttpRecords, OverlayPreview, Overlays, ServerDeps } from '../deps.ts';
import { found, given } from '../given.ts';
import { notFound, wrongFields } from '../problems.ts';

const tags = ['overlays'];
const params = z.object({ id: overlayTemplateId });
const LONGEST_NAME = 120;
const BOXES = 'slowlight-overlay';
/** Ids are lower-case letters, digits and hyphens: nothing in it needs care in a header. */
const sayBoxes = ({ size, boxes }: OverlayPreview): string =>
  JSON.stringify([
    size.widthPx,
    size.heightPx,
    ...boxes.map(({ id, leftPx, topPx, widthPx, heightPx }) => [id, leftPx, topPx, widthPx, heightPx]),
  ]);

const previewInput = z.strictObject({
  /** A template that is stored, or a layout that is not (yet). */
  templateId: overlayTemplateId.optional(),
  version: z.int().min(1).optional(),
  layout: overlayLayout.optional(),
  changes: overlayChanges.optional(),
  /** null: a drawn landscape and made-up facts. */
  frameId: frameId.nullable().default(null),
  /** Of the made-up facts. */
  timeZone: timeZone.default('UTC'),
  type: z.enum(['image/jpeg', 'image/png']).default('image/jpeg'),
});

interface Deps {
  records: HttpRecords;
  objects: ServerDeps['objects'];
  overlays: Overlays;
}

/** Templates of overlays, previews, and what timelapses and frames have of them. */
export function overlayRoutes(app: Api, { records, objects, overlays }: Deps, done: () => void): void {
  templateRoutes(app, records);
  timelapseOverlayRoutes(app, records);

  app.route({
    method: 'POST',
    url: '/api/overlay-previews',
    config: { access: 'viewer', audit: 'nothing', site: { body: { frameId: 'frame' } } },
    schema: {
      tags,
      summary:
        'What an overlay looks like on a frame, to the pixel; the answer is the picture. `slowlight-overlay` says its size and where each element lies: `[widthPx, heightPx, [id, leftPx, topPx, widthPx, heightPx], …]`',
      body: previewInput,
    },
    async handler(request, reply) {
      const { templateId, version, layout, changes, frameId: frame, timeZone: zone, type } = request.body;
      if ((templateId === undefined) === (layout === undefined))
        throw wrongFields([{ path: 'layout', problem: 'give either a templateId or a layout' }]);
      if (frame !== null) found('frame', await records.frame(frame));
      const shown =
        layout ??
        found('overlay-template', templateId === undefined ? null : await records.overlayTemplate(templateId, version))
          .layout;
      const stopped = new AbortController();
      reply.raw.once('close', () => stopped.abort());
      const preview = await overlays.preview(
        { overlay: resolveOverlay(shown, changes ?? null), frameId: frame, timeZone: zone, type },
        stopped.signal,
      );
      return reply.type(type).header(BOXES, sayBoxes(preview)).send(preview.picture);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/frames/:id/overlay',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'How far the sidecar of a frame is, and why it is not as it should be',
      params: z.object({ id: frameId }),
      response: { 200: sidecarView, ...problems },
    },
    handler: async (request) => sidecarOf(request.params.id),
  });

  app.route({
    method: 'GET',
    url: '/api/frames/:id/overlay/picture',
    config: { access: 'viewer' },
    schema: { tags, summary: 'The transparent PNG that lies beside a frame', params: z.object({ id: frameId }) },
    async handler(request, reply) {
      const { revision, state } = await sidecarOf(request.params.id);
      // While another one is drawn, the one that is there is better than none.
      const etag = `"overlay-r${revision}-${state}"`;
      if (request.headers['if-none-match'] === etag) return reply.code(304).header('etag', etag).send();
      const body = await objects.read(sidecarKey(request.params.id));
      return reply.headers({ etag, 'cache-control': 'private, no-cache' }).type('image/png').send(body);
    },
  });

  async function sidecarOf(id: FrameId) {
    found('frame', await records.frame(id));
    const sidecar = await records.sidecar(id);
    if (sidecar === null) throw noSidecar();
    return sidecar;
  }
  done();
}

function templateRoutes(app: Api, records: HttpRecords): void {
  app.route({
    method: 'GET',
    url: '/api/overlay-templates',
    config: { access: 'viewer', site: 'anywhere' },
    schema: {
      tags,
      summary: 'Templates at their newest version: the ones that come along first, then the own ones, oldest first',
      querystring: pageQuery,
      response: { 200: pageOf(overlayTemplateView).extend({ builtIn: z.array(overlayTemplateView) }), ...problems },
    },
    handler: async (request) => ({
      ...(await records.overlayTemplates(request.query)),
      builtIn: BUILT_IN_TEMPLATES.map((one) => ({ ...one, builtIn: true, version: 1, newestVersion: 1, createdAt: 0 })),
    }),
  });

  app.route({
    method: 'POST',
    url: '/api/overlay-templates',
    config: { access: 'operator', site: 'house' },
    schema: {
      tags,
      summary: 'Make a template',
      body: overlayTemplateInput,
      response: { 201: overlayTemplateView, ...problems },
    },
    handler: async (request, reply) => reply.code(201).send(await records.createOverlayTemplate(request.body)),
  });

  app.route({
    method: 'GET',
    url: '/api/overlay-templates/:id',
    config: { access: 'viewer', site: 'anywhere' },
    schema: {
      tags,
      summary: 'A template, at its newest version or at another one',
      params,
      querystring: z.strictObject({ version: z.coerce.number().int().min(1).optional() }),
      response: { 200: overlayTemplateView, ...problems },
    },
    handler: async (request) =>
      found('overlay-template', await records.overlayTemplate(request.params.id, request.query.version)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/overlay-templates/:id',
    config: { access: 'operator', site: 'house' },
    schema: {
      tags,
      summary: 'Change a template; another layout is a new version, and what shows the newest one is made again',
      params,
      body: overlayTemplateChange,
      response: { 200: overlayTemplateView, ...problems },
    },
    handler: async (request) =>
      found('overlay-template', await records.changeOverlayTemplate(request.params.id, given(request.body))),
  });

  app.route({
    method: 'DELETE',
    url: '/api/overlay-templates/:id',
    config: { access: 'operator', site: 'house' },
    schema: {
      tags,
      summary: 'Delete a template that no timelapse shows; its versions stay readable',
      params,
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      if (!(await records.deleteOverlayTemplate(request.params.id))) throw notFound('overlay-template');
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/overlay-templates/:id/duplicate',
    config: { access: 'operator', site: 'house' },
    schema: {
      tags,
      summary: 'Make a template of one’s own from another',
      params,
      body: z.strictObject({ name: displayName.optional() }).default({}),
      response: { 201: overlayTemplateView, ...problems },
    },
    async handler(request, reply) {
      const { name, layout } = found('overlay-template', await records.overlayTemplate(request.params.id));
      const called = request.body.name ?? `${name.slice(0, LONGEST_NAME - 7)} (copy)`;
      return reply.code(201).send(await records.createOverlayTemplate({ name: called, layout }));
    },
  });
}

function timelapseOverlayRoutes(app: Api, records: HttpRecords): void {
  const url = '/api/timelapses/:id/overlay';
  const ofTimelapse = z.object({ id: timelapseId });

  app.route({
    method: 'GET',
    url,
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'What a timelapse shows over its frames, and how far its sidecars are',
      params: ofTimelapse,
      response: { 200: timelapseOverlayView, ...problems },
    },
    async handler(request) {
      found('timelapse', await records.timelapse(request.params.id));
      return found('overlay', await records.timelapseOverlay(request.params.id));
    },
  });

  app.route({
    method: 'PUT',
    url,
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Let a timelapse show a template, with changes of its own',
      params: ofTimelapse,
      body: timelapseOverlayInput,
      response: { 200: timelapseOverlayView, ...problems },
    },
    handler: async (request) => found('overlay', await records.setTimelapseOverlay(request.params.id, request.body)),
  });

  app.route({
    method: 'DELETE',
    url,
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Let a timelapse show nothing over its frames',
      params: ofTimelapse,
      response: { 204: noContent, ...problems },
    },
    async handler(request, reply) {
      await records.setTimelapseOverlay(request.params.id, null);
      return reply.code(204).send(null);
    },
  });
}

const noSidecar = () =>
  new Failure({
    code: 'overlay.not-found',
    message: 'No overlay is drawn beside this frame.',
    hint: 'Let its timelapse show a template, with sidecars.',
    retry: 'never',
  });
