/**
 * Encodes one piece: pictures go to ffmpeg as fast as it takes them.
 *
 * Promise: all of them have been taken when it ends well; the file holds one closed group of pictures.
 * When it fails: ffmpeg is gone before it settles, also when its input fails, it is stuck, or nobody wants it any more.
 */
import { Readable } from 'node:stream';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { SegmentRecords } from '../ports-films.ts';
import type { Fade } from './cross-fade.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { type Look, segmentArguments } from './film-plan.ts';
import type { SheetFeed } from './overlay/sheet-feed.ts';

/** What ffmpeg is fed with: pictures, and what is laid over them. */
export interface Supply {
  look: Look;
  gains: readonly number[];
  fade?: Fade | undefined;
  /** null: there is none any more. */
  next(): Promise<Buffer | null>;
  sheets(): Promise<SheetFeed | null>;
  close(): Promise<unknown>;
}

const PROGRESS_MS = 1000;
const LOOK_MS = 1000;

export function createPieceEncoder(
  { clock, records }: { clock: Clock; records: Pick<SegmentRecords, 'segmentProgressed'> },
  { stuckAfterMs = 600_000 }: { stuckAfterMs?: number },
) {
  /**
   * Feeds pictures to ffmpeg as fast as it takes them; nothing is written where there is none.
   * @param of `count`: pictures that are to come; `told`: of how many of them progress is said
   */
  async function encode(
    address: string,
    supplied: (stopped: AbortSignal) => Supply,
    { file, count, told }: { file: string; count: number; told: number },
    signal: AbortSignal,
  ): Promise<void> {
    const ended = new AbortController();
    const stopped = AbortSignal.any([signal, ended.signal]);
    const supply = supplied(stopped);
    let fed = 0;
    let allFed = false;
    let fedAt = clock.monotonicMs();
    let saidAt = fedAt;

    async function sayProgress(): Promise<void> {
      if (told === 0 || fedAt - saidAt < PROGRESS_MS) return;
      saidAt = fedAt;
      // Only shown: whether the work may go on is decided by the lease.
      await records.segmentProgressed(address, Math.min(fed, told)).catch(() => {});
    }

    async function* feed(first: Buffer): AsyncGenerator<Buffer> {
      try {
        for (let jpeg: Buffer | null = first; jpeg !== null; jpeg = await supply.next()) {
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
      const first = await supply.next();
      if (first === null) return;
      sheets = await supply.sheets();
      const args = segmentArguments(supply.look, supply.gains, sheets, supply.fade ?? null);
      await runFfmpeg({ args, input: Readable.from(feed(first)), outputPath: file }, stopped);
      // What ended early would be shown on and on.
      if (sheets !== null && sheets.fault() !== null) throw sheets.fault();
      if (!allFed) throw endedEarly(fed, count);
    } finally {
      ended.abort();
      await sheets?.close();
      await supply.close();
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

  return encode;
}

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
