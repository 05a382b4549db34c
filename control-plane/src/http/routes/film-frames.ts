/** The frames of films, one by one: those that are left out by hand, those that a film would show, the days of one. */
import {
  exclusionDone,
  exclusionInput,
  filmChapters,
  filmStrip,
  filmStripInput,
  timelapseId,
  videoId,
  videoInput,
} from '@slowlight/protocol';
import { z } from 'zod';
import { type Api, problems } from '../api.ts';
import { chaptersOf } from '../chapters.ts';
import type { FilmSight, HttpRecords } from '../deps.ts';
import { readManifest } from '../film-manifest.ts';
import { found } from '../given.ts';
import { wrongFields } from '../problems.ts';

/** Frames to each side that have a say in how bright a film makes a picture. */
const LIGHT_REACH = 64;
/** Where there is no frame yet. */
const WIDE = { widthPx: 1920, heightPx: 1080 };

export function filmFrameRoutes(
  app: Api,
  { records, filmSight }: { records: HttpRecords; filmSight: FilmSight },
  done: () => void,
): void {
  app.route({
    method: 'POST',
    url: '/api/timelapses/:id/exclusions',
    config: { access: 'operator' },
    schema: {
      tags: ['frames'],
      summary:
        'Leave frames out of the films of a timelapse, or show them again; films that are finished stay as they are',
      params: z.object({ id: timelapseId }),
      body: exclusionInput,
      response: { 200: exclusionDone, ...problems },
    },
    handler: async (request) => ({ frames: await records.excludeFrames(request.params.id, request.body) }),
  });

  app.route({
    method: 'POST',
    url: '/api/videos/preview/frames',
    config: { access: 'viewer', audit: 'nothing', site: { body: { timelapseId: 'timelapse' } } },
    schema: {
      tags: ['videos'],
      summary: 'Neighbouring frames that a video would show, to be leafed through before it is made',
      body: filmStripInput,
      response: { 200: filmStrip, ...problems },
    },
    async handler(request) {
      const { at, count, ...input } = request.body;
      let wanted = { from: 0, to: 0 };
      const { of, first, frames, size } = await records.filmFrames(input, (all) => {
        const from = Math.round(at * Math.max(0, all - count));
        wanted = { from, to: Math.min(all, from + count) };
        return { from: from - LIGHT_REACH, to: from + count + LIGHT_REACH };
      });
      const gains = filmSight.gains(
        frames.map(({ brightness }) => brightness),
        input.deflicker ?? 0,
      );
      const canvas = size === null ? null : filmSight.canvas(size, input.heightPx, input.shape);
      return {
        of,
        widthPx: canvas?.widthPx ?? null,
        heightPx: canvas?.heightPx ?? null,
        frames: frames
          .map((frame, index) => ({ id: frame.id, at: frame.at, number: first + index + 1, gain: gains[index] ?? 1 }))
          .slice(Math.max(0, wanted.from - first), Math.max(0, wanted.to - first)),
      };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/videos/preview/title',
    config: { access: 'viewer', audit: 'nothing', site: { body: { timelapseId: 'timelapse' } } },
    schema: {
      tags: ['videos'],
      summary: 'What the title of a video would look like; the answer is a small picture (JPEG)',
      body: videoInput,
    },
    async handler(request, reply) {
      const input = request.body;
      if (!input.title) throw wrongFields([{ path: 'title', problem: 'is missing' }]);
      const { name, schedule } = found('timelapse', await records.timelapse(input.timelapseId));
      const from = await records.filmFrames(input, () => ({ from: 0, to: 1 }));
      const to = await records.filmFrames(input, (all) => ({ from: all - 1, to: all }));
      const [first] = from.frames;
      const stopped = new AbortController();
      reply.raw.once('close', () => stopped.abort());
      const jpeg = await filmSight.title(
        {
          title: input.title,
          about: { name, timeZone: schedule.timeZone },
          from: first?.at ?? 0,
          to: to.frames[0]?.at ?? first?.at ?? 0,
          canvas: filmSight.canvas(from.size ?? WIDE, input.heightPx, input.shape),
          first: first === undefined ? null : await records.framePicture(first.id),
        },
        stopped.signal,
      );
      return reply.header('cache-control', 'no-store').type('image/jpeg').send(jpeg);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/videos/:id/chapters',
    config: { access: 'viewer' },
    schema: {
      tags: ['videos'],
      summary: 'The days that a video shows, and where in it each begins',
      params: z.object({ id: videoId }),
      response: { 200: filmChapters, ...problems },
    },
    async handler(request) {
      const { video, title, frames, leftOut } = readManifest(
        found('video', await records.videoManifest(request.params.id)),
      );
      const timelapse = found('timelapse', await records.timelapse(video.timelapseId));
      const gone = new Set(leftOut.map(({ frameId }) => frameId));
      const shown = frames.flatMap(({ id }) => (gone.has(id) ? [] : [id]));
      const { timeZone } = timelapse.schedule;
      const moments = await records.momentsOf(shown);
      return {
        timeZone,
        chapters: chaptersOf(shown, moments, { timeZone, fps: video.fps, titleMs: (title?.seconds ?? 0) * 1000 }),
      };
    },
  });
  done();
}
