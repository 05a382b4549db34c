/**
 * The transparent picture of a frame's overlay, which lies beside it in the store.
 *
 * Promise: after the job, the sidecar shows what the timelapse shows now; where an overlay cannot be drawn, a transparent
 * picture is left and the record says why.
 * Invariants: the object is written before it is noted; what was drawn of a revision that is over is not noted but drawn
 * again, so that the last one to write has written the newest.
 * When it fails: a store out of reach fails the job, which is tried again and goes on with what is still pending.
 */
import { type FrameId, sidecarKey, type TimelapseId } from '@slowlight/protocol';
import { Failure, messageOf } from '@slowlight/protocol/kit';
import type { FramePicture, Log, ObjectStore, OverlayFacts } from '../../frame.ts';
import type { Job } from '../../ports.ts';
import type { FrameOverlayRecords, MadeSidecar } from '../../ports-overlay.ts';
import { encodePng, type OverlayRenderer, type PreparedOverlay } from './overlay-renderer.ts';

export interface SidecarDeps {
  log: Log;
  renderer: OverlayRenderer;
  objects: Pick<ObjectStore, 'write'>;
  records: Pick<
    FrameOverlayRecords,
    'overlayOf' | 'overlayFacts' | 'renumberSidecars' | 'sidecarsToMake' | 'sidecarsMade'
  > & {
    framePicture(id: FrameId): Promise<FramePicture | null>;
  };
}

/** Frames that are drawn between two notes of a job for many. */
const PORTION = 20;

type Prepared = { kind: 'prepared'; overlay: PreparedOverlay } | { kind: 'cannot'; reason: string };

export function createSidecarRunners({ log, renderer, objects, records }: SidecarDeps) {
  /** A sidecar for a frame that has just been stored. */
  async function one(job: Pick<Job, 'subject'>, signal: AbortSignal): Promise<void> {
    const picture = await records.framePicture(job.subject as FrameId);
    if (picture === null || picture.timelapseId === null) return;
    for (;;) {
      signal.throwIfAborted();
      const wanted = await records.overlayOf(picture.timelapseId);
      if (wanted === null || !wanted.sidecars) return;
      const made = await make([picture], await prepare(wanted.overlay), signal);
      if (await records.sidecarsMade(picture.timelapseId, wanted.revision, made)) return;
    }
  }

  /** All sidecars of a timelapse that are not of a revision; it ends when the timelapse has moved on, to another job. */
  async function all(job: Pick<Job, 'subject'>, signal: AbortSignal): Promise<void> {
    const [id, what] = readSubject(job.subject);
    const revision = what === 'late' ? await records.renumberSidecars(id) : what;
    const wanted = await records.overlayOf(id);
    if (wanted === null || wanted.revision !== revision || !wanted.sidecars) return;
    const prepared = await prepare(wanted.overlay);
    let after: string | undefined;
    do {
      const page = await records.sidecarsToMake(id, revision, { after, limit: PORTION });
      if (page === null) return;
      const made = await make(page.items, prepared, signal);
      // Drawn of what is over: the job of the newer revision draws them again.
      if (made.length > 0 && !(await records.sidecarsMade(id, revision, made))) return;
      after = page.next ?? undefined;
    } while (after !== undefined);
  }

  async function prepare(overlay: Parameters<OverlayRenderer['prepare']>[0]): Promise<Prepared> {
    try {
      return { kind: 'prepared', overlay: await renderer.prepare(overlay) };
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.retry !== 'never') throw thrown;
      return { kind: 'cannot', reason: `A picture of the overlay cannot be read: ${messageOf(thrown)}` };
    }
  }

  async function make(
    pictures: readonly FramePicture[],
    prepared: Prepared,
    signal: AbortSignal,
  ): Promise<MadeSidecar[]> {
    const facts = await records.overlayFacts(pictures.map(({ frameId }) => frameId));
    const made: MadeSidecar[] = [];
    for (const picture of pictures) {
      signal.throwIfAborted();
      const { png, reason } = await draw(picture, facts.get(picture.frameId), prepared);
      await objects.write(sidecarKey(picture.frameId), png, 'image/png');
      made.push({ frameId: picture.frameId, state: reason === null ? 'ready' : 'fallback', reason });
    }
    signal.throwIfAborted();
    return made;
  }

  async function draw(picture: FramePicture, facts: OverlayFacts | undefined, prepared: Prepared) {
    let reason = 'The frame is not recorded any more.';
    try {
      if (prepared.kind === 'cannot') reason = prepared.reason;
      else if (facts !== undefined) return { png: await renderer.png(prepared.overlay, facts, picture), reason: null };
    } catch (thrown) {
      reason = `The overlay cannot be drawn: ${messageOf(thrown)}`;
    }
    log.warn({ frame: picture.frameId, reason }, 'an overlay could not be drawn; a transparent one was left instead');
    return { png: await encodePng([], picture), reason };
  }

  return { one, all };
}

/** As the records plan it: `<timelapse>.r<revision>`, or `<timelapse>.late<minute>` when frames have come late. */
function readSubject(subject: string): [TimelapseId, number | 'late'] {
  const [id = '', what = ''] = subject.split('.');
  return [id as TimelapseId, what.startsWith('late') ? 'late' : Number(what.slice(1))];
}
