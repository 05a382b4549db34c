/**
 * Joins segments into one film without touching what is encoded: the head with its index (`mp4-film.ts`), then the pictures
 * of each segment as they lie in the store. Memory holds the sizes of the pictures, never the pictures.
 */

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ObjectStore } from '../frame.ts';
import { readSegment, type SegmentLayout } from './mp4-boxes.ts';
import { composeFilmHead, type Piece } from './mp4-film.ts';
import { readAhead } from './pictures.ts';
import { readObject } from './read-object.ts';

/** A segment in the store. */
export interface StoredSegment {
  key: string;
  layout: SegmentLayout;
}

type Objects = Pick<ObjectStore, 'read'>;

/**
 * Writes the film to a file.
 * @param fps pictures a second, to a thousandth
 * @throws Failure `object.not-found` | `object.store-unreachable` | `render.segment-unreadable`; the signal's reason
 */
export async function joinFilm(
  segments: readonly StoredSegment[],
  { file, fps, objects, signal }: { file: string; fps: number; objects: Objects; signal: AbortSignal },
): Promise<void> {
  const heads = readAhead(segments, (segment) => readHead(segment, { objects, signal }));
  const pieces: Piece[] = [];
  for await (const piece of heads) pieces.push(piece);
  async function* film(): AsyncGenerator<Uint8Array> {
    yield composeFilmHead(pieces, fps);
    for (const { key, layout } of segments)
      yield* await objects.read(key, { first: layout.payloadFrom, last: layout.mediaUntil - 1 });
  }
  await pipeline(film, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
}

async function readHead(
  { key, layout }: StoredSegment,
  { objects, signal }: { objects: Objects; signal: AbortSignal },
): Promise<Piece> {
  const range = { first: 0, last: layout.payloadFrom - 1 };
  const ranged = { read: (from: string) => objects.read(from, range) };
  const head = await readObject(ranged, key, { mostBytes: layout.payloadFrom, signal });
  const { samples } = readSegment(head);
  // A copy: the samples are all that is kept of the fragment.
  return { init: Uint8Array.from(head.subarray(0, layout.initBytes)), layout, samples };
}
