/**
 * A piece of a film.
 *
 * Promise: a segment shows each readable picture of its recipe once, in order, as one closed group of pictures that can be
 * played, joined and served on its own. Pictures that cannot be read are left out and said, with the reason.
 * Invariants: a half-made segment is a temp file of this worker's own and goes with the job, however that ends; its object is
 * written whole, under a key that nobody else writes, before the records hear that it is ready.
 * When it fails: a store out of reach fails the job, which is tried again; a segment that has not as many pictures as were
 * fed is made once more from pictures that were decoded and encoded here; hardware that fails is given up, and the films
 * that want the piece are planned anew with software. A crash leaves a temp file, swept at the start, or an object that
 * nobody claims, swept later (`sweep-films.ts`).
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { frameKey, segmentKey } from '@slowlight/protocol';
import { type Clock, Failure, messageOf } from '@slowlight/protocol/kit';
import type { Log, ObjectStore } from '../frame.ts';
import type { Job } from '../ports.ts';
import type { MadeSegment, SegmentRecords } from '../ports-films.ts';
import { createPieceEncoder, type Supply } from './encode-piece.ts';
import { inShort } from './encoders.ts';
import { INNER_FPS } from './film-plan.ts';
import { readSegment, type SegmentLayout, TICKS_PER_FRAME } from './mp4-boxes.ts';
import type { FilmOverlays } from './overlay/film-overlay.ts';
import { type Preparation, preparePicture, readAhead } from './pictures.ts';
import { readRecipe, type SegmentRecipe, type TitleInRecipe } from './segment-recipe.ts';
import { createTitleCards } from './title-card.ts';

export interface SegmentDeps {
  clock: Clock;
  log: Log;
  objects: Pick<ObjectStore, 'read' | 'write' | 'remove'>;
  records: Pick<SegmentRecords, 'segmentRecipe' | 'segmentProgressed' | 'segmentReady' | 'encoderFailed'>;
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

/** Gives what a worker does with a segment job. */
export function createSegmentRunner({ clock, log, objects, records, overlays }: SegmentDeps, options: RenderOptions) {
  const { workFolder } = options;
  const encode = createPieceEncoder({ clock, records }, options);
  let cards: ReturnType<typeof createTitleCards> | null = null;

  return async ({ subject: address }: Pick<Job, 'subject'>, signal: AbortSignal): Promise<void> => {
    const text = await records.segmentRecipe(address);
    if (text === null) return;
    const attempt = randomBytes(4).toString('hex');
    const file = path.join(workFolder, `${address.slice(0, 16)}-${attempt}.mp4`);
    const recipe = readRecipe(text);
    try {
      const { leftOut, framesShown, encoded } = await make(address, recipe, file, signal);
      const key = segmentKey(address, attempt);
      if (encoded !== null) await objects.write(key, { path: file }, 'video/mp4');
      const object = encoded && { key, sizeBytes: encoded.sizeBytes, layout: JSON.stringify(encoded.layout) };
      const wanted = !signal.aborted && (await records.segmentReady(address, { framesShown, leftOut, object }));
      if (!wanted && object !== null) await objects.remove(key);
    } catch (thrown) {
      const { encoder } = recipe.look;
      if (encoder === undefined || signal.aborted || !isOfEncoder(thrown)) throw thrown;
      const reason = `${encoder} failed: ${inShort(messageOf(thrown))}`;
      log.warn({ segment: address, reason }, 'hardware failed to encode a piece of a film; software makes the film');
      await records.encoderFailed(address, reason);
    } finally {
      await rm(file, { force: true });
    }
    signal.throwIfAborted();
  };

  function make(address: string, recipe: SegmentRecipe, file: string, signal: AbortSignal): Promise<Made> {
    const { look, title } = recipe;
    return title === undefined
      ? makeWhole(address, recipe, file, signal)
      : makeTitle(address, { look, title }, file, signal);
  }

  /** One picture as often as it takes. */
  async function makeTitle(
    address: string,
    { look, title }: { look: SegmentRecipe['look']; title: TitleInRecipe },
    file: string,
    signal: AbortSignal,
  ): Promise<Made> {
    const card = await drawTitle(address, { look, title }, signal);
    const count = Math.round(title.seconds * INNER_FPS);
    let left = count;
    const next = async () => (left-- > 0 ? card : null);
    const gains = Array.from({ length: count }, () => 1);
    const still = { look, gains, next, sheets: async () => null, close: async () => {} };
    await encode(address, () => still, { file, count, told: 0 }, signal);
    const { layout, samples } = readSegment(await readFile(file));
    if (samples.length !== count) throw notAsPlanned();
    const fixed = { ms: title.seconds * 1000, timescale: INNER_FPS * TICKS_PER_FRAME };
    return {
      leftOut: [],
      framesShown: 0,
      encoded: { layout: { ...layout, fixed }, sizeBytes: (await stat(file)).size },
    };
  }

  async function drawTitle(
    address: string,
    { look: { canvas }, title: { lines, ground } }: { look: SegmentRecipe['look']; title: TitleInRecipe },
    signal: AbortSignal,
  ): Promise<Buffer> {
    cards ??= createTitleCards();
    if (ground === null) return cards(lines, canvas, null);
    const key = frameKey(ground.id, ground.type);
    const prepared = await preparePicture({ ...ground, key }, 'as-is', { objects, signal });
    if (prepared.kind === 'picture') {
      try {
        return await cards(lines, canvas, prepared.jpeg);
      } catch (thrown) {
        log.warn({ segment: address, reason: messageOf(thrown) }, 'a title stands on a plain ground');
      }
    } else log.warn({ segment: address, reason: prepared.reason }, 'a title stands on a plain ground');
    return cards(lines, canvas, null);
  }

  async function makeWhole(address: string, recipe: SegmentRecipe, file: string, signal: AbortSignal): Promise<Made> {
    const leftOut: LeftOut = [];
    let { frames } = recipe;
    let preparation: Preparation = 'as-is';
    for (;;) {
      if (frames.length === 0) return { leftOut, framesShown: 0, encoded: null };
      const missing = await encodeFrames(address, { ...recipe, frames }, { file, preparation }, signal);
      leftOut.push(...missing);
      const shown = frames.length - missing.length;
      const gone = new Set(missing.map(({ frameId }) => frameId));
      frames = frames.filter(({ id }) => !gone.has(id));
      // Gains and overlays are counted off picture by picture: behind one that is missing they would be another's.
      const counted = recipe.overlay !== undefined || recipe.frames.some(({ gain }) => gain !== 1);
      if (missing.length > 0 && counted) continue;
      if (shown === 0) continue;
      const { layout, samples } = readSegment(await readFile(file));
      const steps = recipe.fade?.steps ?? 1;
      if (samples.length === shown * steps) {
        const whole = steps === 1 ? layout : { ...layout, steps };
        return { leftOut, framesShown: shown, encoded: { layout: whole, sizeBytes: (await stat(file)).size } };
      }
      log.warn(
        { segment: address, pictures: samples.length, fed: shown, preparation },
        'a piece of a film is not as planned',
      );
      if (preparation === 'anew') throw notAsPlanned();
      preparation = 'anew';
    }
  }

  /** Gives the frames that could not be read. */
  async function encodeFrames(
    address: string,
    { look, frames, overlay, fade }: SegmentRecipe,
    { file, preparation }: { file: string; preparation: Preparation },
    signal: AbortSignal,
  ): Promise<LeftOut> {
    const leftOut: LeftOut = [];
    // What a piece fades into at its end is not its own: where that cannot be read it fades into nothing.
    const fed = fade?.next ? [...frames, fade.next] : frames;
    let newest: Buffer | null = null;
    let behind = fade !== undefined;
    const supply = (stopped: AbortSignal): Supply => {
      const pictures = readAhead(fed, async (frame) => ({
        frame,
        prepared: await preparePicture({ ...frame, key: frameKey(frame.id, frame.type) }, preparation, {
          objects,
          signal: stopped,
        }),
      }));
      return {
        look,
        gains: fed.map(({ gain }) => gain),
        fade,
        async next() {
          for (let next = await pictures.next(); !next.done; next = await pictures.next()) {
            const { frame, prepared } = next.value;
            if (prepared.kind === 'picture') {
              if (frame === fade?.next) behind = false;
              newest = prepared.jpeg;
              return prepared.jpeg;
            }
            if (frame !== fade?.next) leftOut.push({ frameId: frame.id, reason: prepared.reason });
          }
          // One more than is shown is fed: at the end of the film the last one stays.
          const once = behind ? newest : null;
          behind = false;
          return once;
        },
        sheets: async () => {
          const steps = Array.from({ length: fade?.steps ?? 1 });
          const facts = frames.flatMap((frame) => steps.flatMap(() => frame.overlay?.facts ?? []));
          if (overlay === undefined || overlays === undefined) return null;
          return overlays.sheets(overlay, { facts, canvas: look.canvas, fps: INNER_FPS });
        },
        close: () => pictures.return(),
      };
    };
    await encode(address, supply, { file, count: frames.length, told: frames.length }, signal);
    return leftOut;
  }
}

/** What ffmpeg says of a piece that hardware was to encode; a disk that is full is not the hardware's fault. */
const isOfEncoder = (thrown: unknown): boolean =>
  thrown instanceof Failure &&
  (['render.not-as-planned', 'render.stuck', 'render.segment-unreadable', 'render.ended-early'].includes(thrown.code) ||
    (thrown.code === 'ffmpeg.failed' && !/no space left/i.test(thrown.message)));

const notAsPlanned = (): Failure =>
  new Failure({
    code: 'render.not-as-planned',
    message: 'a piece of the film has not the pictures that it should have',
    hint: 'Look at the log lines before this one, update ffmpeg, and retry the job.',
    retry: 'later',
  });
