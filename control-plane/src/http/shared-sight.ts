/**
 * What a link shows to whoever has it. Promise: nothing but the one timelapse or video that it is for, no picture younger than
 * its delay, no film that holds one, and nothing at all once it is over or revoked.
 */
import {
  type FrameView,
  frameId,
  type SharedFrame,
  type SharedView,
  type ShareView,
  type TimelapseView,
  type VideoView,
  videoId,
} from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { FastifyRequest } from 'fastify';
import type { HttpRecords } from './deps.ts';
import { found } from './given.ts';
import { notFound } from './problems.ts';
import { hashSecret } from './secrets.ts';

/** How many films a link lists. */
const MOST_VIDEOS = 24;
/** 256 random bits as base64url. */
const SECRET = /^[\w-]{43}$/;

export interface SharedSight {
  /** @throws Failure `share.not-found` */
  shareOf(request: FastifyRequest): Promise<ShareView>;
  view(share: ShareView): Promise<SharedView>;
  frames(
    share: ShareView,
    query: Pick<Parameters<HttpRecords['frames']>[0], 'from' | 'to' | 'order' | 'after' | 'limit'>,
  ): Promise<{ items: SharedFrame[]; next: string | null }>;
  /** Runs before a picture is read. @throws Failure `share.not-found` | `frame.not-found` */
  guardFrame(request: FastifyRequest): Promise<void>;
  /** Runs before a film is read. @throws Failure `share.not-found` | `video.not-found` */
  guardVideo(request: FastifyRequest): Promise<void>;
}

/** Whether a picture of this moment may be shown. Pure. */
export const isOldEnough = (at: number, { delayMs, now }: { delayMs: number; now: number }): boolean =>
  delayMs === 0 || at <= now - delayMs;

export function createSharedSight({ records, clock }: { records: HttpRecords; clock: Clock }): SharedSight {
  async function shareOf(request: FastifyRequest): Promise<ShareView> {
    const { token } = request.params as { token?: unknown };
    if (typeof token !== 'string' || !SECRET.test(token)) throw noShare();
    const share = await records.shareBySecret(hashSecret(token));
    if (share === null) throw noShare();
    return share;
  }

  /** Pictures up to this moment are shown, ms; exclusive. */
  const until = (share: ShareView): number | undefined =>
    share.delayMs === 0 ? undefined : clock.now() - share.delayMs + 1;

  async function mayShowFilm(share: ShareView, video: VideoView): Promise<boolean> {
    if (share.delayMs === 0) return true;
    const newest = await records.filmNewestAt(video.id);
    return newest !== null && isOldEnough(newest, { delayMs: share.delayMs, now: clock.now() });
  }

  const isOf = (share: ShareView, video: VideoView): boolean =>
    share.shows.kind === 'video' ? video.id === share.shows.videoId : video.timelapseId === share.shows.timelapseId;

  async function filmsOf(share: ShareView): Promise<VideoView[]> {
    const { shows } = share;
    const one = shows.kind === 'video' ? await records.video(shows.videoId) : null;
    const all =
      shows.kind === 'video'
        ? [one]
        : (await records.videos({ timelapseId: shows.timelapseId, limit: MOST_VIDEOS })).items;
    const shown: VideoView[] = [];
    for (const video of all)
      if (video !== null && video.sizeBytes !== null && (await mayShowFilm(share, video))) shown.push(video);
    return shown;
  }

  async function timelapseOf(share: ShareView): Promise<TimelapseView> {
    return found('timelapse', await records.timelapse(share.shows.timelapseId));
  }

  const frames: SharedSight['frames'] = async (share, { from, to, order, after, limit }) => {
    if (!showsPictures(share)) return { items: [], next: null };
    const last = until(share);
    const page = await records.frames({
      timelapseId: share.shows.timelapseId,
      from,
      to: last === undefined ? to : Math.min(to ?? last, last),
      flagged: 'false',
      order,
      after,
      limit,
    });
    return { items: page.items.filter((frame) => frame.picture === 'stored').map(sharedFrame), next: page.next };
  };

  return {
    shareOf,
    frames,

    async view(share) {
      const { schedule } = await timelapseOf(share);
      const [newest = null] = (await frames(share, { order: 'newest', limit: 10 } as never)).items;
      return {
        name: share.name,
        kind: share.shows.kind,
        timeZone: schedule.timeZone,
        delayMs: share.delayMs,
        expiresAt: share.expiresAt,
        newest,
        pictures: showsPictures(share),
        videos: (await filmsOf(share)).map(({ id, name, durationMs, widthPx, heightPx, finishedAt, animation }) => ({
          id,
          name,
          durationMs,
          widthPx,
          heightPx,
          finishedAt,
          animated: animation?.webpBytes != null,
        })),
      };
    },

    async guardFrame(request) {
      const share = await shareOf(request);
      const id = frameId.safeParse((request.params as { id?: unknown }).id);
      const frame = id.success ? await records.frame(id.data) : null;
      const isShown =
        frame !== null &&
        showsPictures(share) &&
        !frame.flagged &&
        frame.timelapseId === share.shows.timelapseId &&
        isOldEnough(frame.dueAt ?? frame.takenAt, { delayMs: share.delayMs, now: clock.now() });
      if (!isShown) throw notFound('frame');
    },

    async guardVideo(request) {
      const share = await shareOf(request);
      const id = videoId.safeParse((request.params as { id?: unknown }).id);
      const video = id.success ? await records.video(id.data) : null;
      if (video === null || !isOf(share, video) || !(await mayShowFilm(share, video))) throw notFound('video');
    },
  };
}

const showsPictures = (share: ShareView): boolean => share.pictures && share.shows.kind === 'timelapse';

const sharedFrame = ({ id, dueAt, takenAt, widthPx, heightPx }: FrameView): SharedFrame => ({
  id,
  at: dueAt ?? takenAt,
  widthPx,
  heightPx,
});

const noShare = () =>
  new Failure({
    code: 'share.not-found',
    message: 'This link shows nothing (any more).',
    hint: 'It may be over or withdrawn. Ask whoever gave it to you for another one.',
    retry: 'never',
  });
