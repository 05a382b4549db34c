import {
  pageOf,
  type ShareView,
  shareChange,
  shareCreated,
  sharedFrame,
  sharedFramesQuery,
  sharedView,
  shareId,
  shareInput,
  shareView,
  timelapseId,
  videoId,
} from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { z } from 'zod';
import type { RequestAccess } from '../access.ts';
import { type Api, pageQuery, problems } from '../api.ts';
import type { HttpRecords, ServerDeps } from '../deps.ts';
import { found, given } from '../given.ts';
import { wrongFields } from '../problems.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { createSharedSight, type SharedSight } from '../shared-sight.ts';
import type { ViewDoor } from '../view-door.ts';
import { filmRoutes } from './films.ts';
import { pictureRoutes } from './pictures.ts';

const tags = ['shares'];
const params = z.object({ id: shareId });
/** Of one address: a page with a day of thumbnails and a film asks for a few hundred. */
const MOST_LOOKS_A_MINUTE = 1200;
/** Of one address: links that were guessed, or are over. */
const MOST_OPENED_A_MINUTE = 60;

interface Deps {
  records: HttpRecords;
  access: RequestAccess;
  objects: ServerDeps['objects'];
  clock: Clock;
}

/** Links for strangers: making them, and what is behind them. */
export function shareRoutes(app: Api, deps: Deps, done: () => void): void {
  const { records, access, clock } = deps;
  const wantFuture = (expiresAt: number | null | undefined) => {
    if (expiresAt != null && expiresAt <= clock.now())
      throw wrongFields([{ path: 'expiresAt', problem: 'must not be past' }]);
  };

  app.route({
    method: 'GET',
    url: '/api/shares',
    config: { access: 'operator', site: 'seen' },
    schema: {
      tags,
      summary: 'Links for strangers, newest first',
      querystring: pageQuery.extend({ timelapseId: timelapseId.optional(), videoId: videoId.optional() }),
      response: { 200: pageOf(shareView), ...problems },
    },
    handler: (request) => records.shares({ ...request.query, sites: access.sitesSeen(request) }),
  });

  app.route({
    method: 'POST',
    url: '/api/shares',
    config: { access: 'operator', site: { body: { timelapseId: 'timelapse', videoId: 'video' } } },
    schema: {
      tags,
      summary: 'Make a link to one timelapse or one video; it is shown in this answer and never again',
      body: shareInput,
      response: { 201: shareCreated, ...problems },
    },
    async handler(request, reply) {
      wantFuture(request.body.expiresAt);
      const token = newSecret();
      const who = access.required(request);
      const createdBy = who.kind === 'user' ? who.user.id : null;
      const share = await records.createShare({ ...request.body, secretHash: hashSecret(token), createdBy });
      return reply.code(201).send({ share, token, path: `/s/${token}` });
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/shares/:id',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Change what a link shows and until when',
      params,
      body: shareChange,
      response: { 200: shareView, ...problems },
    },
    async handler(request) {
      wantFuture(request.body.expiresAt);
      return found('share', await records.changeShare(request.params.id, given(request.body)));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/shares/:id',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Withdraw a link; from now on it shows nothing. It stays in the list',
      params,
      response: { 200: shareView, ...problems },
    },
    handler: async (request) => found('share', await records.revokeShare(request.params.id)),
  });

  sharedRoutes(app, deps, createSharedSight(deps));
  done();
}

function sharedRoutes(app: Api, { records, objects }: Deps, sight: SharedSight): void {
  const open = { access: 'open', rateLimit: { max: MOST_LOOKS_A_MINUTE, timeWindow: 60_000 } } as const;
  const shown = z.object({ token: z.string().max(60) });

  app.route({
    method: 'GET',
    url: '/api/share/:token',
    config: { access: 'open', rateLimit: { max: MOST_OPENED_A_MINUTE, timeWindow: 60_000 } },
    schema: { tags, summary: 'What a link shows', params: shown, response: { 200: sharedView, ...problems } },
    async handler(request) {
      const share = await sight.shareOf(request);
      const view = await sight.view(share);
      await records.shareViewed(share.id);
      return view;
    },
  });

  app.route({
    method: 'GET',
    url: '/api/share/:token/frames',
    config: open,
    schema: {
      tags,
      summary: 'The pictures that a link shows',
      params: shown,
      querystring: sharedFramesQuery,
      response: { 200: pageOf(sharedFrame), ...problems },
    },
    handler: async (request) => sight.frames(await sight.shareOf(request), request.query),
  });

  const door = (what: string, guard: ViewDoor['guard']): ViewDoor => ({
    base: `/api/share/:token/${what}`,
    config: open,
    guard,
    seesAll: () => false,
  });
  app.register(pictureRoutes, { records, objects, door: door('frames', sight.guardFrame) });
  app.register(filmRoutes, { records, objects, door: door('videos', sight.guardVideo) });
}

/** Who may show the player inside a page, as a browser is told. Pure. */
export function frameAncestors(share: Pick<ShareView, 'embeddedBy'> | null): string {
  if (share === null) return "'none'";
  return share.embeddedBy === null ? '*' : ["'self'", ...share.embeddedBy].join(' ');
}
