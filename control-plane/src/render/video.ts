/**
 * A film of frames.
 *
 * Promise: N readable pictures at F pictures a second make a film of exactly N pictures and N/F seconds; it is shown only
 * after it has been measured. Pictures that cannot be read are left out, counted and said.
 * Invariants: a half-made film is a temp file in a folder of this worker's own, and goes with the job, however that ends;
 * the film's object is written whole before the records hear that it is ready.
 * When it fails: a store out of reach fails the job, which is tried again; when the film has not as many pictures as it was
 * fed, it is made once more from pictures that were decoded and encoded here. A crash leaves a temp file, swept at the start.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { type VideoId, videoKey } from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { FramePicture, Log, ObjectStore } from '../frame.ts';
import type { Job, VideoRecords } from '../ports.ts';
import { measureFilm, runFfmpeg } from './ffmpeg.ts';
import { canvasOf, type FilmMeasures, type FilmTerms, filmArguments, whyNotAsPlanned } from './film-plan.ts';
import { type Preparation, type Prepared, preparePicture, readAhead } from './pictures.ts';

export interface VideoDeps {
  clock: Clock;
  log: Log;
  objects: Pick<ObjectStore, 'read' | 'write' | 'remove'>;
  records: Pick<VideoRecords, 'videoPlan' | 'videoProgressed' | 'videoReady'>;
}

export interface VideoOptions {
  /** For half-made films; this process's own, swept when it is opened. */
  workFolder: string;
  /** Without a picture being taken for so long, ffmpeg is held to be stuck. */
  stuckAfterMs?: number;
}

interface Film extends FilmMeasures {
  framesLeftOut: number;
}

type Plan = NonNullable<Awaited<ReturnType<VideoRecords['videoPlan']>>>;

const PROGRESS_MS = 1000;
const LOOK_MS = 1000;

/** Gives what a worker does with a video job. */
export async function openVideoRunner({ clock, log, objects, records }: VideoDeps, options: VideoOptions) {
  const { workFolder, stuckAfterMs = 600_000 } = options;
  await mkdir(workFolder, { recursive: true, mode: 0o700 });
  for (const left of await readdir(workFolder)) if (left.endsWith('.mp4')) await rm(path.join(workFolder, left));

  return async (job: Pick<Job, 'subject'>, signal: AbortSignal): Promise<void> => {
    const id = job.subject as VideoId;
    const plan = await records.videoPlan(id);
    if (plan === null || !['queued', 'rendering'].includes(plan.video.state)) return;
    const file = path.join(workFolder, `${id}-${randomBytes(4).toString('hex')}.mp4`);
    try {
      await records.videoProgressed(id, 0);
      const film = await makeMeasured(plan, file, signal);
      await objects.write(videoKey(id), { path: file }, 'video/mp4');
      const wanted = !signal.aborted && (await records.videoReady(id, { ...film, framesDone: film.frames }));
      if (!wanted) await removeUnlessShown(id);
    } finally {
      await rm(file, { force: true });
    }
    signal.throwIfAborted();
  };

  /** A lease that was lost while the file was written may have gone to a worker who has finished the film meanwhile. */
  async function removeUnlessShown(id: VideoId): Promise<void> {
    if ((await records.videoPlan(id))?.video.state !== 'ready') await objects.remove(videoKey(id));
  }

  async function makeMeasured(plan: Plan, file: string, signal: AbortSignal): Promise<Film> {
    for (const preparation of ['as-is', 'anew'] as const) {
      const { terms, fed, leftOut } = await make(plan, file, preparation, signal);
      const measures = await measureFilm(file, { clock, signal });
      const reason = whyNotAsPlanned(measures, terms, fed);
      if (reason === null) return { ...measures, durationMs: Math.round(measures.durationMs), framesLeftOut: leftOut };
      log.warn({ video: plan.video.id, reason, preparation }, 'a film is not as planned');
    }
    throw new Failure({
      code: 'render.not-as-planned',
      message: 'the film has not the pictures or the length that it should have',
      hint: 'Look at the log lines before this one, update ffmpeg, and retry the job.',
      retry: 'later',
    });
  }

  /** Feeds the pictures to ffmpeg as fast as it takes them. */
  async function make(plan: Plan, file: string, preparation: Preparation, signal: AbortSignal) {
    const { video, input, frames } = plan;
    const ended = new AbortController();
    const stopped = AbortSignal.any([signal, ended.signal]);
    const prepare = (frame: FramePicture) => preparePicture(frame, preparation, { objects, signal: stopped });
    const pictures = readAhead(frames, prepare);
    let fed = 0;
    let leftOut = 0;
    let allFed = false;
    let fedAt = clock.monotonicMs();
    let saidAt = fedAt;

    async function nextPicture(): Promise<Extract<Prepared, { kind: 'picture' }> | null> {
      for (let next = await pictures.next(); !next.done; next = await pictures.next()) {
        if (next.value.kind === 'picture') return next.value;
        leftOut += 1;
      }
      return null;
    }

    async function sayProgress(): Promise<void> {
      if (fedAt - saidAt < PROGRESS_MS) return;
      saidAt = fedAt;
      // Only shown: whether the work may go on is decided by the lease.
      await records.videoProgressed(video.id, fed).catch(() => {});
    }

    async function* feed(first: Buffer): AsyncGenerator<Buffer> {
      try {
        for (let jpeg: Buffer | undefined = first; jpeg !== undefined; jpeg = (await nextPicture())?.jpeg) {
          yield jpeg;
          fed += 1;
          fedAt = clock.monotonicMs();
          await sayProgress();
        }
        allFed = true;
      } catch (thrown) {
        // ffmpeg must be gone before we settle: its input ends, and the reason travels with the signal.
        ended.abort(thrown);
      }
    }

    const watch = watchOver(() => fedAt, ended, stopped);
    try {
      const first = await nextPicture();
      if (first === null) throw nothingToShow(frames.length);
      const terms: FilmTerms = { canvas: canvasOf(first.size, input.heightPx), fps: input.fps, quality: input.quality };
      const run = { args: filmArguments(terms), input: Readable.from(feed(first.jpeg)), outputPath: file };
      await runFfmpeg(run, stopped);
      if (!allFed) throw endedEarly(fed, frames.length);
      return { terms, fed, leftOut };
    } finally {
      ended.abort();
      await pictures.return();
      await watch;
    }
  }

  /** Ends a run of which nothing has been heard for long. */
  async function watchOver(fedAt: () => number, ended: AbortController, stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      await clock.sleep(LOOK_MS, stopped);
      if (clock.monotonicMs() - fedAt() >= stuckAfterMs) ended.abort(stuck(stuckAfterMs));
    }
  }
}

const nothingToShow = (frames: number): Failure =>
  new Failure({
    code: 'render.no-picture',
    message: `none of the ${frames} pictures of this film can be read`,
    hint: 'Look whether the pictures are still in the object store.',
    retry: 'never',
  });

const endedEarly = (fed: number, frames: number): Failure =>
  new Failure({
    code: 'render.ended-early',
    message: `ffmpeg ended after ${fed} of ${frames} pictures`,
    hint: 'Look whether the disk is full; then retry the job.',
    retry: 'later',
  });

const stuck = (ms: number): Failure =>
  new Failure({
    code: 'render.stuck',
    message: `ffmpeg has taken no picture for ${Math.round(ms / 1000)} s and was stopped`,
    hint: 'The machine may be overloaded: encode fewer films at once.',
    retry: 'soon',
  });
