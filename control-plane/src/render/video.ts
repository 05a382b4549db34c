/**
 * A film of frames.
 *
 * Promise: N readable pictures at F pictures a second make a film of exactly N pictures and N/F seconds; it is shown only
 * after it has been measured. It consists of segments, and only those are encoded that no film has had yet: another speed
 * encodes nothing, another frame one segment.
 * Invariants: a half-made film is a temp file in a folder of this worker's own, and goes with the job, however that ends;
 * the film's object is written whole, under a key of its own, before the records hear that it is ready.
 * When it fails: a store out of reach fails the job, which is tried again; a segment that is not in the store any more is
 * made again. A crash leaves a temp file, swept at the start, or an object that nobody claims (`sweep-films.ts`).
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { cutKey, decideFilmSpeed, type VideoId } from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { Log, ObjectStore } from '../frame.ts';
import type { Job } from '../ports.ts';
import type { FilmSegment, MadeFilm, SegmentRecords, VideoRecords } from '../ports-films.ts';
import type { EncoderChoice, Encoders } from './encoders.ts';
import { ffmpegVersion, measureFilm } from './ffmpeg.ts';
import { INNER_FPS, whyNotAsPlanned } from './film-plan.ts';
import { joinFilm, type StoredSegment } from './join-film.ts';
import type { SegmentLayout } from './mp4-boxes.ts';
import type { FilmOverlays } from './overlay/film-overlay.ts';
import { planFilm } from './plan-film.ts';
import { drawPoster } from './poster.ts';
import type { RenderOptions } from './segment.ts';

export interface VideoDeps {
  clock: Clock;
  log: Log;
  objects: Pick<ObjectStore, 'read' | 'write' | 'remove'>;
  records: Pick<VideoRecords, 'videoPlan' | 'videoReady'> &
    Pick<SegmentRecords, 'planSegments' | 'segmentsOf' | 'segmentLost'>;
  /** Where there is none, films show no overlay. */
  overlays?: Pick<FilmOverlays, 'ofFilm'>;
  /** Where there are none, software encodes. */
  encoders?: Encoders;
}

type Plan = NonNullable<Awaited<ReturnType<VideoRecords['videoPlan']>>>;

/** Gives what a worker does with a video job. */
export function createVideoRunner(
  { clock, log, objects, records, overlays, encoders }: VideoDeps,
  { workFolder }: RenderOptions,
) {
  let version: string | null = null;

  return async (job: Job, signal: AbortSignal): Promise<void> => {
    const id = job.subject as VideoId;
    const plan = await records.videoPlan(id);
    if (plan === null || !['queued', 'rendering'].includes(plan.video.state)) return;
    if (plan.frames.length === 0) throw nothingToShow(plan.video.framesTotal);
    const frameIds = plan.frames.map(({ frameId }) => frameId);
    const overlay = plan.input.overlay === true ? await overlays?.ofFilm(plan.input.timelapseId, frameIds) : null;
    const choice = await encoderOf(plan, signal);
    const { look, segments } = planFilm(plan.frames, plan.input, {
      overlay: overlay ?? null,
      about: plan.about,
      ...(choice.encoder !== 'software' && { encoder: choice.encoder }),
    });
    signal.throwIfAborted();
    if ((await records.planSegments(job, id, segments)) !== 'ready') return;
    const pieces = await records.segmentsOf(id);
    const shown = pieces.reduce((sum, piece) => sum + piece.framesShown, 0);
    if (shown === 0) throw nothingToShow(plan.frames.length);
    const film = { id, plan, pieces, shown, canvas: look.canvas, choice };
    await makeFilm(film, signal);
    signal.throwIfAborted();
  };

  /** What software has made stays software's: another encoder would make all of its pieces anew. */
  async function encoderOf({ video, input }: Plan, signal: AbortSignal): Promise<EncoderChoice> {
    if (video.encoder === 'software') return { encoder: 'software', reason: video.encoderReason };
    return encoders?.choose(input.codec ?? 'h264', signal) ?? { encoder: 'software', reason: null };
  }

  interface Film {
    id: VideoId;
    plan: Plan;
    pieces: FilmSegment[];
    shown: number;
    canvas: { widthPx: number; heightPx: number };
    choice: EncoderChoice;
  }

  async function makeFilm({ id, plan, pieces, shown, canvas, choice }: Film, signal: AbortSignal): Promise<void> {
    const begun = clock.monotonicMs();
    const cut = randomBytes(4).toString('hex');
    const file = path.join(workFolder, `${id}-${cut}.mp4`);
    const { fps, reason: speedReason } = decideFilmSpeed(shown, plan.input);
    const [key, posterKey] = [cutKey(id, cut, 'mp4'), cutKey(id, cut, 'jpg')];
    let ready = false;
    try {
      await joinStored(pieces, { file, fps }, signal);
      const measures = await measureFilm(file, { clock, signal });
      const reason = whyNotAsPlanned(measures, { canvas, fps, title: titleOf(plan), steps: stepsOf(pieces) }, shown);
      if (reason !== null) throw notAsPlanned(reason);
      const poster = await drawPoster(plan.frames, { canvas, objects, signal });
      if (poster !== null) await objects.write(posterKey, poster, 'image/jpeg');
      await objects.write(key, { path: file }, 'video/mp4');
      signal.throwIfAborted();
      version ??= await ffmpegVersion({ clock, signal });
      const made: MadeFilm = {
        ...measures,
        durationMs: Math.round(measures.durationMs),
        framesTotal: plan.frames.length,
        framesDone: shown,
        framesLeftOut: plan.frames.length - shown,
        fps,
        speedReason,
        key,
        posterKey: poster === null ? null : posterKey,
        ffmpeg: version,
        encoder: choice.encoder,
        encoderReason: choice.reason,
        joinMs: Math.round(clock.monotonicMs() - begun),
      };
      const { wanted, replaced } = await records.videoReady(id, made);
      ready = wanted;
      for (const old of replaced) await objects.remove(old);
    } finally {
      await rm(file, { force: true });
      // Nobody looks at it: it has a key of its own. What a crash leaves is swept.
      if (!ready) for (const made of [key, posterKey]) await objects.remove(made).catch(() => {});
    }
  }

  async function joinStored(
    pieces: readonly FilmSegment[],
    { file, fps }: { file: string; fps: number },
    signal: AbortSignal,
  ): Promise<void> {
    const stored: StoredSegment[] = pieces.flatMap(({ object }) =>
      object === null ? [] : [{ key: object.key, layout: JSON.parse(object.layout) as SegmentLayout }],
    );
    try {
      await joinFilm(stored, { file, fps, objects, signal });
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.code !== 'object.not-found') throw thrown;
      const lost = await findLost(pieces, signal);
      log.warn({ segments: lost }, 'pieces of a film are not in the store any more; they are made again');
      for (const address of lost) await records.segmentLost(address);
      throw thrown.retry === 'never' && lost.length > 0 ? madeAgain(thrown) : thrown;
    }
  }

  /** Addresses of the pieces that cannot be read. */
  async function findLost(pieces: readonly FilmSegment[], signal: AbortSignal): Promise<string[]> {
    const lost: string[] = [];
    for (const { address, object } of pieces) {
      signal.throwIfAborted();
      if (object === null) continue;
      try {
        for await (const _ of await objects.read(object.key, { first: 0, last: 0 })) break;
      } catch (thrown) {
        if (!(thrown instanceof Failure) || thrown.code !== 'object.not-found') throw thrown;
        lost.push(address);
      }
    }
    return lost;
  }
}

const titleOf = ({ input: { title } }: Plan) => ({
  pictures: Math.round((title?.seconds ?? 0) * INNER_FPS),
  ms: (title?.seconds ?? 0) * 1000,
});

/** Pictures of each frame: the same in all pieces of a film. */
const stepsOf = (pieces: readonly FilmSegment[]): number =>
  Math.max(
    1,
    ...pieces.map(({ object }) => (object === null ? 1 : ((JSON.parse(object.layout) as SegmentLayout).steps ?? 1))),
  );

const madeAgain = (cause: Failure): Failure =>
  new Failure({
    code: 'render.segment-lost',
    message: 'pieces of the film were not in the object store any more and are made again',
    hint: 'Nothing is to be done; look whether somebody cleans up in the object store.',
    retry: 'soon',
    cause,
  });

const nothingToShow = (frames: number): Failure =>
  new Failure({
    code: 'render.no-picture',
    message: `none of the ${frames} pictures of this film can be read`,
    hint: 'Look whether the pictures are still in the object store.',
    retry: 'never',
  });

const notAsPlanned = (reason: string): Failure =>
  new Failure({
    code: 'render.not-as-planned',
    message: `the joined film is not as planned: ${reason}`,
    hint: 'Look at the log lines before this one, update ffmpeg, and retry the job.',
    retry: 'later',
  });
