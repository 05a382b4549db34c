/**
 * Animated previews of a film: a GIF and a WebP of a few of its pictures, as the film shows them.
 *
 * Promise: at most 480 px to a side, five seconds and 2 MB each; the pictures stand evenly over the film, its title left out.
 * Invariants: half-made files are this worker's own and go with the job; objects are written whole, under keys of their own,
 * before the records hear of them.
 * When it fails: a store out of reach fails the job, which is tried again; so does a film that cannot be brought below 2 MB.
 * What a crash leaves is swept (`sweep-films.ts`).
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { type AnimationType, cutKey, type VideoId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { Log, ObjectStore } from '../frame.ts';
import type { Job } from '../ports.ts';
import type { AnimationRecords, FilmSegment, MadeAnimation, SegmentRecords } from '../ports-films.ts';
import { type Animation, encodeAnimation, LONGEST_SIDE_PX, MOST_PICTURES } from './encode-animation.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { type SegmentLayout, TICKS_PER_FRAME } from './mp4-boxes.ts';
import { readObject } from './read-object.ts';
import type { RenderOptions } from './segment.ts';

export interface AnimationDeps {
  log: Log;
  objects: Pick<ObjectStore, 'read' | 'write' | 'remove'>;
  records: Pick<AnimationRecords, 'animationPlan' | 'animationReady'> & Pick<SegmentRecords, 'shownSegments'>;
}

const TYPES: readonly AnimationType[] = ['gif', 'webp'];

/** A piece of which pictures are shown; `pictures`: which of its own, from 0 on. */
interface ChosenPiece {
  key: string;
  sizeBytes: number;
  layout: SegmentLayout;
  frames: number;
  /** How many pictures it has of each. */
  steps: number;
  pictures: number[];
}

/** Gives what a worker does with an animation job. */
export function createAnimationRunner({ log, objects, records }: AnimationDeps, { workFolder }: RenderOptions) {
  return async ({ subject }: Pick<Job, 'subject'>, signal: AbortSignal): Promise<void> => {
    const id = subject as VideoId;
    const film = await records.animationPlan(id);
    if (film === null) return;
    const pieces = choosePieces(await records.shownSegments(id));
    if (pieces.length === 0) throw nothingToShow();
    const cut = randomBytes(4).toString('hex');
    const keyOf = (type: AnimationType) => cutKey(id, cut, type);
    let ready = false;
    try {
      const pictures = await decode(pieces, smallSize(film), signal);
      const made: MadeAnimation = { gif: await make('gif'), webp: await make('webp') };
      signal.throwIfAborted();
      const { wanted, replaced } = await records.animationReady(id, made);
      ready = wanted;
      for (const old of replaced) await objects.remove(old);

      async function make(type: AnimationType): Promise<MadeAnimation['gif']> {
        const bytes = await encodeAnimation(pictures, type, signal);
        await objects.write(keyOf(type), bytes, `image/${type}`);
        return { key: keyOf(type), sizeBytes: bytes.length };
      }
    } finally {
      // Nobody looks at it: it has a key of its own. What a crash leaves is swept.
      if (!ready)
        for (const type of TYPES)
          await objects.remove(keyOf(type)).catch((thrown: unknown) => {
            log.warn({ video: id, type, reason: String(thrown) }, 'an animated preview that nobody wants is left');
          });
    }
    signal.throwIfAborted();
  };

  /** The pictures as the film shows them, small. */
  async function decode(
    pieces: readonly ChosenPiece[],
    size: Pick<Animation, 'widthPx' | 'heightPx'>,
    signal: AbortSignal,
  ): Promise<Animation> {
    const file = path.join(workFolder, `animation-${randomBytes(4).toString('hex')}.rgb`);
    const ended = new AbortController();
    const stopped = AbortSignal.any([signal, ended.signal]);
    async function* film(): AsyncGenerator<Uint8Array> {
      let before = 0;
      try {
        for (const [index, piece] of pieces.entries()) {
          yield await pieceAt(piece, { before, withHead: index === 0 }, stopped);
          before += piece.frames * piece.steps;
        }
      } catch (thrown) {
        // ffmpeg must be gone before we settle: its input ends, and the reason travels with the signal.
        ended.abort(thrown);
      }
    }
    try {
      await runFfmpeg(
        { args: previewArguments(pieces, size), input: Readable.from(film()), outputPath: file },
        stopped,
      );
      const rgb = await readFile(file);
      const count = rgb.length / (size.widthPx * size.heightPx * 3);
      const wanted = pieces.reduce((sum, { pictures }) => sum + pictures.length, 0);
      if (count !== wanted) throw notAsPlanned(count, wanted);
      return { ...size, count, rgb };
    } finally {
      await rm(file, { force: true });
    }
  }

  /** A piece as it follows another one: its head only where it is the first. */
  async function pieceAt(
    { key, sizeBytes, layout }: ChosenPiece,
    { before, withHead }: { before: number; withHead: boolean },
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const bytes = await readObject(objects, key, { mostBytes: sizeBytes, signal });
    bytes.writeBigUInt64BE(BigInt(before * TICKS_PER_FRAME), layout.decodeTimeAt);
    return bytes.subarray(withHead ? 0 : layout.mediaFrom, layout.mediaUntil);
  }
}

/** Pure: the pictures that stand evenly over a film, by the pieces in which they lie. A title has none. */
export function choosePieces(segments: readonly FilmSegment[], most = MOST_PICTURES): ChosenPiece[] {
  const pieces = segments.flatMap(({ framesShown, object }) => {
    if (object === null) return [];
    const layout = JSON.parse(object.layout) as SegmentLayout;
    if (layout.fixed !== undefined) return [];
    const { key, sizeBytes } = object;
    return [{ key, sizeBytes, layout, frames: framesShown, steps: layout.steps ?? 1, pictures: [] as number[] }];
  });
  const all = pieces.reduce((sum, { frames }) => sum + frames, 0);
  const count = Math.min(all, most);
  let next = 0;
  let before = 0;
  for (const piece of pieces) {
    for (; next < count; next += 1) {
      const at = Math.floor(((next + 0.5) * all) / count);
      if (at >= before + piece.frames) break;
      piece.pictures.push(at - before);
    }
    before += piece.frames;
  }
  return pieces.filter(({ pictures }) => pictures.length > 0);
}

function previewArguments(
  pieces: readonly ChosenPiece[],
  { widthPx, heightPx }: Pick<Animation, 'widthPx' | 'heightPx'>,
): { input: string[]; output: string[] } {
  let before = 0;
  const numbers = pieces.flatMap(({ frames, steps, pictures }) => {
    const own = pictures.map((picture) => before + picture * steps);
    before += frames * steps;
    return own;
  });
  const chosen = `select='${numbers.map((number) => `eq(n,${number})`).join('+')}'`;
  const small = `scale=${widthPx}:${heightPx}:flags=area+accurate_rnd+full_chroma_int:in_color_matrix=bt709:in_range=tv,format=rgb24`;
  return {
    input: ['-f', 'mp4'],
    output: ['-an', '-sn', '-dn', '-vf', `${chosen},${small}`, '-fps_mode', 'passthrough', '-f', 'rawvideo'],
  };
}

function smallSize({ widthPx, heightPx }: { widthPx: number; heightPx: number }) {
  const shrink = Math.min(1, LONGEST_SIDE_PX / Math.max(widthPx, heightPx));
  const side = (px: number) => Math.max(2, Math.round(px * shrink));
  return { widthPx: side(widthPx), heightPx: side(heightPx) };
}

const nothingToShow = () =>
  new Failure({
    code: 'animation.no-picture',
    message: 'the film has no picture of which a preview could be made',
    hint: 'Make the film anew, then ask for its preview again.',
    retry: 'never',
  });

const notAsPlanned = (count: number, wanted: number) =>
  new Failure({
    code: 'animation.not-as-planned',
    message: `${count} of ${wanted} pictures of the film could be read for its preview`,
    hint: 'Look whether the disk is full; then retry the job.',
    retry: 'later',
  });
