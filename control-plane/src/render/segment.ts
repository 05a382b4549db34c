/**
 * A piece of a film.
 *
 * Promise: a segment shows each readable picture of its recipe once, in order, as one closed group of pictures that can be
 * played, joined and served on its own. Pictures that cannot be read are left out and said, with the reason.
 * Invariants: a half-made segment is a temp file of this worker's own and goes with the job, however that ends; its object is
 * written whole, under a key that nobody else writes, before the records hear that it is ready.
 * When it fails: a store out of reach fails the job, which is tried again; a segment that has not as many pictures as were
 * fed is made once more from pictures that were decoded and encoded here. A crash leaves a temp file, swept at the start,
 * or an object that nobody claims, swept later (`sweep-films.ts`).
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { frameKey, segmentKey } from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { Log, ObjectStore } from '../frame.ts';
import type { Job } from '../ports.ts';
import type { MadeSegment, SegmentRecords } from '../ports-films.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { INNER_FPS, segmentArguments } from './film-plan.ts';
import { readSegment, type SegmentLayout } from './mp4-boxes.ts';
import type { FilmOverlays } from './overlay/film-overlay.ts';
import type { SheetFeed } from './overlay/sheet-feed.ts';
import { type Preparation, preparePicture, readAhead } from './pictures.ts';
import { readRecipe, type SegmentRecipe } from './segment-recipe.ts';

export interface SegmentDeps {
  clock: Clock;
  log: Log;
  objects: Pick<ObjectStore, 'read' | 'write' | 'remove'>;
  records: Pick<SegmentRecords, 'segmentRecipe' | 'segmentProgressed' | 'segmentReady'>;
  /** Where there is none, films show no overlay. */
  overlays?: Pick<FilmOverlays, 'sheets'>;
}

export interface RenderOptions {
  /** For half-made files; this process's own, swept when it is opened (`work-folder.ts`). */
  workFolder: string;
  /** Without a picture being taken for so long, ffmpeg is held to be stuck. */
  stuckAfterMs?: number;
}

type LeftOut = MadeSegment['leftOut'];
interface Encoded {
  layout: SegmentLayout;
  sizeBytes: number;
}
type Made = { leftOut: LeftOut; framesShown: number; encoded: Encoded | null };

const PROGRESS_MS = 1000;
const LOOK_MS = 1000;

/** Gives what a worker does with a segment job. */
export function createSegmentRunner({ clock, log, objects, records, overlays }: SegmentDeps, options: RenderOptions) {
  const { workFolder, stuckAfterMs = 600_000 } = options;

  return async ({ subject: address }: Pick<Job, 'subject'>, signal: AbortSignal): Promise<void> => {
    const text = await records.segmentRecipe(address);
    if (text === null) return;
    const attempt = randomBytes(4).toString('hex');
    const file = path.join(workFolder, `${address.slice(0, 16)}-${attempt}.mp4`);
    try {
      const { leftOut, framesShown, encoded } = await makeWhole(address, readRecipe(text), file, signal);
      const key = segmentKey(address, attempt);
      if (encoded !== null) await objects.write(key, { path: file }, 'video/mp4');
      const object = encoded && { key, sizeBytes: encoded.sizeBytes, layout: JSON.stringify(encoded.layout) };
      const wanted = !signal.aborted && (await records.segmentReady(address, { framesShown, leftOut, object }));
      if (!wanted && object !== null) await objects.remove(key);
    } finally {
      await rm(file, { force: true });
    }
    signal.throwIfAborted();
  };

  async function makeWhole(address: string, recipe: SegmentRecipe, file: string, signal: AbortSignal): Promise<Made> {
    const leftOut: LeftOut = [];
    let { frames } = recipe;
    let preparation: Preparation = 'as-is';
    for (;;) {
      if (frames.length === 0) return { leftOut, framesShown: 0, encoded: null };
      const missing = await encode(address, { ...recipe, frames }, { file, preparation }, signal);
      leftOut.push(...missing);
      const shown = frames.length - missing.length;
      const gone = new Set(missing.map(({ frameId }) => frameId));
      frames = frames.filter(({ id }) => !gone.has(id));
      // Gains and overlays are counted off picture by picture: behind one that is missing they would be another's.
      const counted = recipe.overlay !== undefined || recipe.frames.some(({ gain }) => gain !== 1);
      if (missing.length > 0 && counted) continue;
      if (shown === 0) continue;
      const { layout, samples } = readSegment(await readFile(file));
      if (samples.length === shown)
        return { leftOut, framesShown: shown, encoded: { layout, sizeBytes: (await stat(file)).size } };
      log.warn(
        { segment: address, pictures: samples.length, fed: shown, preparation },
        'a piece of a film is not as planned',
      );
      if (preparation === 'anew') throw notAsPlanned();
      preparation = 'anew';
    }
  }

  /** Feeds the pictures to ffmpeg as fast as it takes them. */
  async function encode(
    address: string,
    { look, frames, overlay }: SegmentRecipe,
    { file, preparation }: { file: string; preparation: Preparation },
    signal: AbortSignal,
  ): Promise<LeftOut> {
    const ended = new AbortController();
    const stopped = AbortSignal.any([signal, ended.signal]);
    const pictures = readAhead(frames, async (frame) => ({
      frame,
      prepared: await preparePicture({ ...frame, key: frameKey(frame.id, frame.type) }, preparation, {
        objects,
        signal: stopped,
      }),
    }));
    const leftOut: LeftOut = [];
    let fed = 0;
    let allFed = false;
    let fedAt = clock.monotonicMs();
    let saidAt = fedAt;

    async function nextPicture(): Promise<Buffer | null> {
      for (let next = await pictures.next(); !next.done; next = await pictures.next()) {
        const { frame, prepared } = next.value;
        if (prepared.kind === 'picture') return prepared.jpeg;
        leftOut.push({ frameId: frame.id, reason: prepared.reason });
      }
      return null;
    }

    async function sayProgress(): Promise<void> {
      if (fedAt - saidAt < PROGRESS_MS) return;
      saidAt = fedAt;
      // Only shown: whether the work may go on is decided by the lease.
      await records.segmentProgressed(address, Math.min(fed, frames.length)).catch(() => {});
    }

    async function* feed(first: Buffer): AsyncGenerator<Buffer> {
      try {
        for (let jpeg: Buffer | null = first; jpeg !== null; jpeg = await nextPicture()) {
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
    let sheets: SheetFeed | null = null;
    try {
      const first = await nextPicture();
      if (first === null) return leftOut;
      const gains = frames.map(({ gain }) => gain);
      const facts = frames.flatMap((frame) => frame.overlay?.facts ?? []);
      sheets =
        overlay === undefined || overlays === undefined
          ? null
          : await overlays.sheets(overlay, { facts, canvas: look.canvas, fps: INNER_FPS });
      const args = segmentArguments(look, gains, sheets);
      await runFfmpeg({ args, input: Readable.from(feed(first)), outputPath: file }, stopped);
      // What ended early would be shown on and on.
      if (sheets !== null && sheets.fault() !== null) throw sheets.fault();
      if (!allFed) throw endedEarly(fed, frames.length);
      return leftOut;
    } finally {
      ended.abort();
      await sheets?.close();
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

const notAsPlanned = (): Failure =>
  new Failure({
    code: 'render.not-as-planned',
    message: 'a piece of the film has not the pictures that it should have',
    hint: 'Look at the log lines before this one, update ffmpeg, and retry the job.',
    retry: 'later',
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
