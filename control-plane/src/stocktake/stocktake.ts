/**
 * Compares the records with the object store, both ways.
 *
 * Promise: it tells which pictures are recorded and not in the store, and which objects nobody knows; asked to, it repairs
 * what can be repaired. A picture that is missing is said to be missing, so that an agent that still has it may send it again,
 * and is taken back when somebody puts its file back. An object that nobody knows is removed when it has been there for two
 * days. A film of which something is missing is made anew from what is there.
 * Invariants: one stocktake at a time; looking changes nothing; an object is removed only when the records, asked just then,
 * do not have it; sizes are compared, contents are not read.
 * When it fails: what was repaired stays repaired; the report says how it ended.
 */
import {
  type FrameId,
  frameId,
  type StocktakeReport,
  sidecarKey,
  type ThumbnailSize,
  thumbnailKey,
  type VideoId,
} from '@slowlight/protocol';
import { type Clock, Failure, toFailure } from '@slowlight/protocol/kit';
import type { FramePicture, Log, ObjectStore } from '../frame.ts';
import type { SegmentRecords, VideoRecords } from '../ports-films.ts';
import type { StocktakeRecords } from '../ports-ledger.ts';

export interface StocktakeDeps {
  clock: Clock;
  log: Log;
  records: StocktakeRecords &
    Pick<VideoRecords, 'videos' | 'videoObjects' | 'remakeVideo'> &
    Pick<SegmentRecords, 'shownSegments' | 'segmentLost' | 'unclaimedFilmKeys'>;
  objects: Pick<ObjectStore, 'list' | 'stat' | 'remove'>;
}

const PORTION = 500;
const MOST_NAMED = 50;
/** Whoever wrote a younger object may not have said so yet. */
const ORPHAN_AFTER_MS = 2 * 86_400_000;
const PREFIXES = ['frames/', 'thumbnails/', 'overlays/'];
const FILM_PREFIXES = ['segments/', 'videos/'];
const SIZES: readonly ThumbnailSize[] = ['small', 'large'];

export function createStocktake({ clock, log, records, objects }: StocktakeDeps) {
  let report: StocktakeReport | null = null;
  let running: Promise<void> | null = null;
  const stopping = new AbortController();

  /** Recorded as stored: is it in the store? Recorded as missing: is it back? */
  async function lookAtRows(of: StocktakeReport): Promise<void> {
    for (let after: FrameId | null = null; !stopping.signal.aborted; ) {
      const pictures: Awaited<ReturnType<StocktakeRecords['picturesInStore']>> = await records.picturesInStore(
        after,
        PORTION,
      );
      for (const { missing, ...picture } of pictures) {
        const found = await objects.stat(picture.key);
        const isHere = found?.sizeBytes === picture.sizeBytes;
        of.framesLookedAt += 1;
        if (missing && isHere) of.back += 1;
        if (!missing && !isHere) note(of.missing, picture.key, picture.sizeBytes);
        if (of.repair && missing && isHere) await records.pictureBack(picture.frameId);
        if (of.repair && !missing && !isHere) await records.pictureMissing(picture.frameId);
      }
      after = pictures.at(-1)?.frameId ?? null;
      if (after === null || pictures.length < PORTION) return;
    }
  }

  /** Of each film that is shown: are its file, its poster, its animated preview and its pieces in the store? Where not, it is made anew. */
  async function lookAtFilms(of: StocktakeReport): Promise<void> {
    let after: string | undefined;
    do {
      const page = await records.videos({ after, limit: PORTION });
      for (const { id, playable, sizeBytes } of page.items) {
        if (stopping.signal.aborted) return;
        if (playable) await lookAtFilm(id, sizeBytes ?? 0, of);
      }
      after = page.next ?? undefined;
    } while (after !== undefined);
  }

  async function lookAtFilm(id: VideoId, sizeBytes: number, of: StocktakeReport): Promise<void> {
    of.filmsLookedAt += 1;
    let whole = true;
    const lookAt = async (key: string, bytes: number, exact: boolean): Promise<boolean> => {
      const found = await objects.stat(key);
      if (found !== null && (!exact || found.sizeBytes === bytes)) return true;
      note(of.missing, key, bytes);
      whole = false;
      return false;
    };
    const { key = null, ...beside } = (await records.videoObjects(id)) ?? {};
    if (key !== null) await lookAt(key, sizeBytes, true);
    for (const one of Object.values(beside)) if (one !== null) await lookAt(one, 0, false);
    for (const { address, object } of await records.shownSegments(id))
      if (object !== null && !(await lookAt(object.key, object.sizeBytes, true)) && of.repair)
        await records.segmentLost(address);
    if (of.repair && !whole) await records.remakeVideo(id);
  }

  /** In the store: does anybody know it? */
  async function lookAtObjects(of: StocktakeReport): Promise<void> {
    for (const prefix of [...PREFIXES, ...FILM_PREFIXES]) {
      let keys: string[] = [];
      for await (const key of objects.list(prefix)) {
        if (stopping.signal.aborted) return;
        keys.push(key);
        if (keys.length < PORTION) continue;
        await lookAtKeys(keys, of);
        keys = [];
      }
      await lookAtKeys(keys, of);
    }
  }

  async function lookAtKeys(keys: readonly string[], of: StocktakeReport): Promise<void> {
    of.objectsLookedAt += keys.length;
    for (const key of await unknownOf(keys)) {
      const found = await objects.stat(key);
      if (found === null || clock.now() - found.modifiedAt < ORPHAN_AFTER_MS) continue;
      note(of.orphans, key, found.sizeBytes);
      // Asked once more: it may have been recorded while we looked.
      if (of.repair && (await unknownOf([key])).length > 0) await objects.remove(key);
    }
  }

  /** Of these keys, which are of one kind, the ones that belong to nothing in the records. */
  async function unknownOf(keys: readonly string[]): Promise<string[]> {
    if (FILM_PREFIXES.some((prefix) => keys[0]?.startsWith(prefix))) return records.unclaimedFilmKeys(keys);
    const frames = new Map(keys.map((key) => [key, frameOfKey(key)]));
    const known = await records.knownPictures([...new Set(frames.values())].filter((id) => id !== null));
    const kept = new Set(known.flatMap(keysOf));
    return keys.filter((key) => !kept.has(key));
  }

  async function run(of: StocktakeReport): Promise<void> {
    try {
      await lookAtRows(of);
      await lookAtFilms(of);
      await lookAtObjects(of);
      of.state = stopping.signal.aborted ? 'broken-off' : 'done';
    } catch (thrown) {
      of.state = 'broken-off';
      of.reason = toFailure(thrown).message;
    }
    of.endedAt = clock.now();
    const { state, repair, framesLookedAt, objectsLookedAt } = of;
    const fields = {
      state,
      repair,
      framesLookedAt,
      objectsLookedAt,
      missing: of.missing.count,
      orphans: of.orphans.count,
    };
    log.info(fields, 'the records and the object store were compared');
  }

  return {
    /** Begins one and gives its report, which grows. @throws Failure `stocktake.busy` */
    begin(repair: boolean): StocktakeReport {
      if (running !== null) throw busy();
      const of: StocktakeReport = {
        state: 'running',
        repair,
        startedAt: clock.now(),
        endedAt: null,
        reason: null,
        framesLookedAt: 0,
        filmsLookedAt: 0,
        objectsLookedAt: 0,
        missing: { count: 0, bytes: 0, keys: [] },
        orphans: { count: 0, bytes: 0, keys: [] },
        back: 0,
      };
      report = of;
      running = run(of).finally(() => {
        running = null;
      });
      return of;
    },
    /** Of the one that runs, or of the last; null: there has been none since the start. */
    report: (): StocktakeReport | null => report,
    async close(): Promise<void> {
      stopping.abort();
      await running;
    },
  };
}
export type Stocktake = ReturnType<typeof createStocktake>;

function note(list: StocktakeReport['missing'], key: string, bytes: number): void {
  list.count += 1;
  list.bytes += bytes;
  if (list.keys.length < MOST_NAMED) list.keys.push(key);
}

function frameOfKey(key: string): FrameId | null {
  const read = frameId.safeParse(/([^/]+)\.[a-z0-9]+$/.exec(key)?.[1]);
  return read.success ? read.data : null;
}

/** A thumbnail, or a sidecar, may be written before the records say that it is ready. */
const keysOf = ({ frameId: frame, key }: FramePicture): string[] => [
  key,
  ...SIZES.map((size) => thumbnailKey(frame, size)),
  sidecarKey(frame),
];

const busy = () =>
  new Failure({
    code: 'stocktake.busy',
    message: 'The records and the object store are being compared already.',
    hint: 'Wait until that has ended, then ask again.',
    retry: 'later',
  });
