/**
 * The desk: which frame is uploaded next, and the grants that lie ready.
 *
 * Promise: a frame is in one pair of hands at a time; it is given out only with a grant that still lives; for the next frames
 * in line grants are asked for ahead. A frame that no grant comes for steps back, so that it holds nobody up.
 * Grants are kept in memory only: after a restart, or on a new connection, they are asked for again.
 */
import { type FrameId, type Grant, type Grants, seqOfFrame } from '@slowlight/protocol';
import { backoffMs, type Clock } from '@slowlight/protocol/kit';
import { type LaneName, laneOrder } from './lanes.ts';

/** A frame in hand, with what it needs to go. */
export interface Parcel {
  frame: DeskFrame;
  grant: Grant;
  lane: LaneName;
}
export interface DeskFrame {
  frameId: FrameId;
  seq: number;
  file: string;
  sizeBytes: number;
  sha256: string;
  tries: number;
  refusals: number;
}
type Lane =
  | { lane: 'new'; above: number; also: readonly number[] }
  | { lane: 'backlog'; upTo: number; without: readonly number[] };

export interface DeskDeps {
  clock: Clock;
  /** Frames that may be uploaded now, those first that are next in their lane. */
  waiting(lane: Lane, limit: number): DeskFrame[];
  /** Says a frame's announcement again: that is how to ask for a grant. */
  ask(seq: number): void;
  /** How long ago the announcement was last said, ms. */
  askedAgoMs(seq: number): number;
  /** Whether a picture of this lane has to wait for budget, rate or hours. */
  held(lane: LaneName, bytes: number): boolean;
  /** Whether the store of this address may be tried now. */
  mayTry(url: string): boolean;
  lastSeq(): number;
  newestOfEachCamera(): number[];
  /** Nothing has come for it: later. */
  postpone(frame: FrameId, afterMs: number, reason: string): void;
}

/** For how many frames of each lane grants are asked for ahead. */
const AHEAD = 24;
/** How long a grant may take to come, ms. */
const ANSWER_MS = 4000;
/** Time that an upload needs at least before its grant ends, ms. */
const MARGIN_MS = 5000;
/**
 * Grants kept at most. A long backlog is announced far ahead of its uploads: what comes then is left, and asked for again
 * when its turn is near. Grants that were asked for, and those of new frames, are always kept.
 */
const MOST_GRANTS = 1000;
const UNANSWERED_BEFORE_STEPPING_BACK = 3;

export function createUploadDesk(deps: DeskDeps) {
  const { clock } = deps;
  /** `until` is monotonic: a grant's life is reckoned on the clock of whoever gave it, and counted on ours. */
  const grants = new Map<FrameId, { grant: Grant; until: number }>();
  const unanswered = new Map<FrameId, number>();
  const inHand = new Set<FrameId>();
  let horizon = 0;
  let newest: readonly number[] = [];
  let newInARow = 0;
  /** New frames have been held back: what has piled up then is backlog. */
  let newHeld = false;

  function liveGrant(frame: DeskFrame): Grant | null {
    const held = grants.get(frame.frameId);
    if (held === undefined) return null;
    if (held.until > clock.monotonicMs()) return held.grant;
    grants.delete(frame.frameId);
    return null;
  }

  function ask(frame: DeskFrame): void {
    if (deps.askedAgoMs(frame.seq) < ANSWER_MS) return;
    const times = unanswered.get(frame.frameId) ?? 0;
    if (times >= UNANSWERED_BEFORE_STEPPING_BACK) {
      unanswered.delete(frame.frameId);
      deps.postpone(frame.frameId, backoffMs(frame.tries + 1, { firstMs: 10_000, mostMs: 300_000 }), 'no grant came');
      return;
    }
    unanswered.set(frame.frameId, times + 1);
    deps.ask(frame.seq);
  }

  function isHeld(name: LaneName, bytes: number): boolean {
    const held = deps.held(name, bytes);
    if (name !== 'new') return held;
    if (newHeld && !held) {
      horizon = deps.lastSeq();
      newest = deps.newestOfEachCamera();
    }
    newHeld = held;
    return held;
  }

  function firstGranted(name: LaneName): Parcel | null {
    const lane: Lane =
      name === 'new'
        ? { lane: 'new', above: horizon, also: newest }
        : { lane: 'backlog', upTo: horizon, without: newest };
    let first: Parcel | null = null;
    const waiting = deps.waiting(lane, AHEAD + inHand.size).filter((frame) => !inHand.has(frame.frameId));
    if (waiting[0] === undefined || isHeld(name, waiting[0].sizeBytes)) return null;
    for (const frame of waiting) {
      const grant = liveGrant(frame);
      if (grant === null) ask(frame);
      else if (first === null && deps.mayTry(grant.url)) first = { frame, grant, lane: name };
    }
    return first;
  }

  return {
    /** A new connection: frames up to `lastSeq` are the backlog, but for the newest of each camera. */
    begin({ first, lastSeq }: { first: readonly number[]; lastSeq: number }): void {
      horizon = lastSeq;
      newest = first;
      newInARow = 0;
      grants.clear();
      unanswered.clear();
    },
    /** Grants have come. */
    put({ sentAt, body }: Grants): void {
      const now = clock.monotonicMs();
      for (const grant of body.grants) {
        const { frameId } = grant;
        const room = grants.size < MOST_GRANTS || grants.has(frameId);
        if (!room && !unanswered.has(frameId) && seqOfFrame(frameId) <= horizon) continue;
        grants.delete(frameId);
        grants.set(frameId, { grant, until: now + grant.expiresAt - sentAt - MARGIN_MS });
        unanswered.delete(frameId);
      }
      if (grants.size < MOST_GRANTS) return;
      for (const [frame, { until }] of grants) if (until <= now) grants.delete(frame);
      // Every frame that waits asks for one at some time: however that comes about, memory has its limit.
      for (const oldest of grants.keys()) {
        if (grants.size <= 2 * MOST_GRANTS) break;
        grants.delete(oldest);
      }
    },
    /** The next frame with its grant, in hand until it is put down; null: none is ready. */
    take(): Parcel | null {
      for (const name of laneOrder(newInARow)) {
        const next = firstGranted(name);
        if (next === null) continue;
        newInARow = name === 'new' ? newInARow + 1 : 0;
        inHand.add(next.frame.frameId);
        return next;
      }
      return null;
    },
    putDown: (frame: FrameId) => inHand.delete(frame),
    /** This grant is of no use any more. */
    dropGrant: (frame: FrameId) => grants.delete(frame),
  };
}
export type UploadDesk = ReturnType<typeof createUploadDesk>;
