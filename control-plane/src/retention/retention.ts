/**
 * Removes what is older than people want it.
 *
 * Promise: nothing goes that nobody asked to go, nothing of a timelapse that may still run, and never a row without its
 * object or an object without its row.
 * Invariants: a frame is marked, then its objects are removed, then its row is dropped and the counters follow, each step in
 * the records or repeatable; what is marked is finished first after a crash. The preview and the removal choose by the same
 * function.
 * When it fails: what is marked stays marked and is tried again with back-off.
 */
import {
  type RetentionPreview,
  type RetentionSettings,
  sidecarKey,
  type ThumbnailSize,
  thumbnailKey,
  type VideoView,
} from '@slowlight/protocol';
import { type Clock, runLoop } from '@slowlight/protocol/kit';
import type { FramePicture, Log, ObjectStore } from '../frame.ts';
import type { VideoRecords } from '../ports-films.ts';
import type { CompletedTimelapse, RetentionRecords } from '../ports-ledger.ts';
import type { AuditRecords } from '../ports-people.ts';
import { type AgedFrame, createChooser, type FrameRules, youngestRemoval } from './choose-removals.ts';

export interface RetentionDeps {
  clock: Clock;
  log: Log;
  records: RetentionRecords &
    Pick<VideoRecords, 'videos' | 'videoObjects' | 'deleteVideo'> &
    Pick<AuditRecords, 'auditBegin' | 'auditEnd'>;
  objects: Pick<ObjectStore, 'remove'>;
}

type Kind = 'frames' | 'thumbnails' | 'overlays' | 'videos';
/** So many more are about to go. */
type Going = (count: number) => Promise<void>;

const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
const PORTION = 200;
/** How many frames are looked at before those that go are removed. */
const LOOKED = 2000;
const SIZES: readonly ThumbnailSize[] = ['small', 'large'];
const ROWS = ['feed', 'faults', 'jobs'] as const;

export function createRetention({ clock, log, records, objects }: RetentionDeps) {
  /** Of a completed timelapse, what would go now, in portions. */
  async function* choose(timelapse: CompletedTimelapse, rules: FrameRules): AsyncGenerator<AgedFrame[], void> {
    const youngest = youngestRemoval(rules);
    if (youngest === null) return;
    const now = clock.now();
    const chooser = createChooser({ rules, timeZone: timelapse.timeZone, now });
    for (let after: AgedFrame | null = null; ; ) {
      const frames: AgedFrame[] = await records.agedFrames(timelapse.id, {
        before: now - youngest,
        after,
        limit: LOOKED,
      });
      yield frames.map((frame) => chooser.add(frame)).filter((frame) => frame !== null);
      after = frames.at(-1) ?? null;
      if (after === null || frames.length < LOOKED) return;
    }
  }

  /** An entry of the audit log for all that goes of a kind in one run: begun before the first of it goes. */
  async function told(what: Kind, rule: unknown, work: (going: Going) => Promise<void>): Promise<void> {
    let entry: number | null = null;
    let count = 0;
    const going: Going = async (more) => {
      entry ??= await records.auditBegin({
        actor: { kind: 'system', id: null, name: null },
        address: null,
        action: `retention: ${what} are removed`,
        subject: null,
        siteId: null,
      });
      count += more;
    };
    let result: 'done' | 'failed' = 'failed';
    try {
      await work(going);
      result = 'done';
    } finally {
      if (entry !== null)
        await records.auditEnd(entry, { result, code: null, before: { [what]: count }, after: { [what]: 0, rule } });
    }
  }

  /** Removes the objects of what is marked, and then its rows. Gives how many. */
  async function finishMarked(going: Going, signal: AbortSignal): Promise<number> {
    let count = 0;
    while (!signal.aborted) {
      const marked = await records.markedFrames(PORTION);
      if (marked.length === 0) break;
      await going(marked.length);
      for (const picture of marked) for (const key of keysOf(picture)) await objects.remove(key);
      await records.framesRemoved(marked.map((picture) => picture.frameId));
      count += marked.length;
    }
    return count;
  }

  async function removeFrames({ frames: rules }: RetentionSettings, going: Going, signal: AbortSignal): Promise<void> {
    let count = await finishMarked(going, signal);
    if (rules !== null)
      for (const timelapse of await records.completedTimelapses()) {
        for await (const gone of choose(timelapse, rules)) {
          if (signal.aborted) return;
          await records.markFrames(gone.map((frame) => frame.id));
          count += await finishMarked(going, signal);
        }
      }
    if (count > 0) log.info({ count }, 'frames were removed, as retention says');
  }

  async function removeThumbnails({ thumbnailsDays }: RetentionSettings, going: Going, signal: AbortSignal) {
    if (thumbnailsDays === null) return;
    for (;;) {
      const frames = await records.oldThumbnails(clock.now() - thumbnailsDays * DAY_MS, PORTION);
      if (frames.length === 0 || signal.aborted) return;
      await going(frames.length);
      // First nobody is told of them any more; what a crash leaves is an orphan, and cleaned as such.
      await records.thumbnailsRemoved(frames);
      for (const frame of frames) for (const size of SIZES) await objects.remove(thumbnailKey(frame, size));
    }
  }

  async function removeSidecars({ overlaysDays }: RetentionSettings, going: Going, signal: AbortSignal) {
    if (overlaysDays === null) return;
    for (;;) {
      const frames = await records.oldSidecars(clock.now() - overlaysDays * DAY_MS, PORTION);
      if (frames.length === 0 || signal.aborted) return;
      await going(frames.length);
      // First the objects: what a crash leaves is still recorded, and goes the next time.
      for (const frame of frames) await objects.remove(sidecarKey(frame));
      await records.sidecarsRemoved(frames);
    }
  }

  async function* oldVideos({ videosDays }: RetentionSettings): AsyncGenerator<VideoView, void> {
    if (videosDays === null) return;
    for (const { id: timelapseId } of await records.completedTimelapses()) {
      let after: string | undefined;
      do {
        const page = await records.videos({ timelapseId, after, limit: PORTION });
        for (const video of page.items)
          if (video.state === 'ready' && !video.grows && video.createdAt < clock.now() - videosDays * DAY_MS)
            yield video;
        after = page.next ?? undefined;
      } while (after !== undefined);
    }
  }

  async function removeVideos(settings: RetentionSettings, going: Going, signal: AbortSignal): Promise<void> {
    const old: VideoView[] = [];
    for await (const video of oldVideos(settings)) old.push(video);
    for (const { id } of old) {
      if (signal.aborted) return;
      await going(1);
      const keys = await records.videoObjects(id);
      for (const key of Object.values(keys ?? {})) if (key !== null) await objects.remove(key);
      await records.deleteVideo(id);
    }
    if (old.length > 0) log.info({ count: old.length }, 'videos were removed, as retention says');
  }

  async function pruneRows(settings: RetentionSettings, signal: AbortSignal): Promise<void> {
    for (const what of ROWS) {
      const days = settings[`${what}Days`];
      if (days === null) continue;
      while (!signal.aborted) if ((await records.pruneRows(what, clock.now() - days * DAY_MS)) === 0) break;
    }
    if (settings.eventsKept === null) return;
    while (!signal.aborted) if ((await records.pruneInbox(settings.eventsKept)) === 0) break;
  }

  /** Everything once. */
  async function removeOld(signal: AbortSignal): Promise<void> {
    const settings = await records.retentionSettings();
    const { frames, thumbnailsDays, overlaysDays, videosDays } = settings;
    await told('frames', frames, (going) => removeFrames(settings, going, signal));
    await told('thumbnails', { olderThanDays: thumbnailsDays }, (going) => removeThumbnails(settings, going, signal));
    await told('overlays', { olderThanDays: overlaysDays }, (going) => removeSidecars(settings, going, signal));
    await told('videos', { olderThanDays: videosDays }, (going) => removeVideos(settings, going, signal));
    await pruneRows(settings, signal);
  }

  return {
    removeOld,

    /** What would go with these settings, or with those that are in force. Changes nothing. */
    async preview(given?: RetentionSettings): Promise<RetentionPreview> {
      const settings = given ?? (await records.retentionSettings());
      const view: RetentionPreview = {
        frames: 0,
        frameBytes: 0,
        timelapses: [],
        thumbnails: 0,
        overlays: 0,
        videos: 0,
        videoBytes: 0,
      };
      for (const timelapse of settings.frames === null ? [] : await records.completedTimelapses()) {
        if (settings.frames === null) break;
        const { id: timelapseId, frames: of } = timelapse;
        const one = { timelapseId, frames: 0, bytes: 0, firstAt: Number.MAX_SAFE_INTEGER, lastAt: 0, of };
        for await (const gone of choose(timelapse, settings.frames))
          for (const { at, sizeBytes } of gone) {
            one.frames += 1;
            one.bytes += sizeBytes;
            one.firstAt = Math.min(one.firstAt, at);
            one.lastAt = Math.max(one.lastAt, at);
          }
        if (one.frames === 0) continue;
        view.frames += one.frames;
        view.frameBytes += one.bytes;
        view.timelapses.push(one);
      }
      if (settings.thumbnailsDays !== null)
        view.thumbnails = await records.countOldThumbnails(clock.now() - settings.thumbnailsDays * DAY_MS);
      if (settings.overlaysDays !== null)
        view.overlays = await records.countOldSidecars(clock.now() - settings.overlaysDays * DAY_MS);
      for await (const video of oldVideos(settings)) {
        view.videos += 1;
        view.videoBytes += video.sizeBytes ?? 0;
      }
      return view;
    },

    async run(signal: AbortSignal): Promise<void> {
      const turn = async () => {
        await removeOld(signal);
        return EVERY_MS;
      };
      await runLoop(
        turn,
        {
          clock,
          onFailure: ({ message: reason, hint }, waitMs) =>
            log.warn({ reason, hint, waitMs }, 'what is old cannot be removed now; it is tried again'),
        },
        signal,
      );
    },
  };
}

/** Everything that the store has of a frame. */
const keysOf = ({ frameId, key }: FramePicture): string[] => [
  ...SIZES.map((size) => thumbnailKey(frameId, size)),
  sidecarKey(frameId),
  key,
];
