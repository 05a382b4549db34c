/**
 * A control plane and a line to it in memory, for property tests of delivery: it records, grants, verifies and lets go as
 * the real one promises to, and everything between it and the agent can go wrong with the chances that the test gives.
 * Nothing here waits for real time.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Carried, CarrierDeps } from '@slowlight/agent/src/delivery/carrier.ts';
import {
  type AgentEvent,
  type Announcement,
  agentEvent,
  type FrameId,
  type Grant,
  type Grants,
  newSessionId,
  type Receipt,
} from '@slowlight/protocol';
import type { HandClock } from './hand-clock.ts';
import { frameOf } from './tiny-cloud.ts';

/** Each from 0 (never) to 1. */
export interface Chances {
  /** A message is lost on its way, in either direction. */
  lost: number;
  duplicated: number;
  /** The connection breaks at a message. */
  cut: number;
  /** What an upload meets: at most one of them. */
  upload: Partial<Record<UploadFault, number>>;
}
export const UPLOAD_FAULTS = [
  'reset',
  'half-open',
  'slow',
  'answer-lost',
  'garbled',
  '403',
  'expired',
  '412',
  '500',
  '503',
] as const;
export type UploadFault = (typeof UPLOAD_FAULTS)[number];
export const noFaults: Chances = { lost: 0, duplicated: 0, cut: 0, upload: {} };

/** The agent's ear. */
export interface AgentEnd {
  onReceipt(receipt: Receipt['body']): void;
  onGrants(message: Grants): void;
  onListening(listening: boolean): void;
  onCut(): void;
}
interface KnownFrame {
  frame: Announcement;
  state: 'at-edge' | 'claimed' | 'stored' | 'evicted';
  /** The agent has said that it had to give it up. */
  evicted: boolean;
}

const session = newSessionId();

export function createFaultyCloud({ clock, random }: { clock: HandClock; random: () => number }) {
  const recorded = new Map<number, AgentEvent>();
  const frames = new Map<FrameId, KnownFrame>();
  const objects = new Map<FrameId, Buffer>();
  const gone = new Set<FrameId>();
  const claims = new Set<FrameId>();
  const faults: string[] = [];
  const met: Record<string, number> = {};
  let chances: Chances = noFaults;
  let agent: AgentEnd | null = null;
  let connected = false;
  let line = 0;
  let waiting: AgentEvent[] = [];

  const happens = (chance: number) => chance > 0 && random() < chance;
  const meet = (what: string) => {
    met[what] = (met[what] ?? 0) + 1;
  };
  const forever = new AbortController().signal;
  const later = (ms: number, work: () => void) => void clock.sleep(ms, forever).then(work);
  /** The control plane has a clock of its own, which is never set. */
  const now = () => 1_800_000_000_000 + Math.round(clock.monotonicMs());

  /** To whoever is connected now, unless it is lost. */
  function say(deliver: (to: AgentEnd) => void): void {
    const on = line;
    const times = happens(chances.lost) ? 0 : happens(chances.duplicated) ? 2 : 1;
    if (times === 0) meet('lost message');
    if (times === 2) meet('duplicated message');
    for (let copy = 0; copy < times; copy += 1)
      later(random() * 100, () => {
        if (agent !== null && connected && line === on) deliver(agent);
      });
  }

  function cut(): void {
    if (!connected || agent === null) return;
    meet('cut');
    connected = false;
    line += 1;
    agent.onCut();
    agent.onListening(false);
    connectSoon();
  }

  function connectSoon(): void {
    const on = line;
    later(500 + random() * 3000, () => {
      if (agent === null || connected || line !== on) return;
      connected = true;
      agent.onListening(true);
    });
  }

  function record(event: AgentEvent): void {
    const known = recorded.get(event.seq);
    if (known !== undefined && JSON.stringify(known.body) !== JSON.stringify(event.body))
      faults.push(`event ${event.seq} came with other content`);
    if (known === undefined) recorded.set(event.seq, event);
    const frame = frameOf(event);
    if (frame !== null && !frames.has(frame.frameId)) {
      const evicted = gone.has(frame.frameId);
      frames.set(frame.frameId, { frame, state: evicted ? 'evicted' : 'at-edge', evicted });
      if (claims.has(frame.frameId)) claim(frame.frameId);
    }
    if (event.type === 'frames.evicted' && known === undefined)
      for (const id of event.body.frameIds) {
        gone.add(id);
        const one = frames.get(id);
        if (one !== undefined) one.evicted = true;
        if (one?.state === 'at-edge') one.state = 'evicted';
      }
    if (event.type === 'frame.uploaded') claim(event.body.frameId);
  }

  /** Facts may come before the announcement that they are about. */
  function claim(id: FrameId): void {
    claims.add(id);
    const known = frames.get(id);
    if (known === undefined || !['at-edge', 'evicted'].includes(known.state)) return;
    known.state = 'claimed';
    later(20 + random() * 500, () => verify(known));
  }

  function verify(known: KnownFrame): void {
    const { frameId, sha256 } = known.frame;
    const object = objects.get(frameId);
    const same = object !== undefined && createHash('sha256').update(object).digest('hex') === sha256;
    known.state = same ? 'stored' : known.evicted ? 'evicted' : 'at-edge';
    if (!same) objects.delete(frameId);
    const reason = { code: 'upload.checksum-mismatch', reason: 'not what was announced' };
    receipt(same ? [frameId] : [], same ? [] : [{ what: 'upload', frameId, ...reason }]);
  }

  function receipt(forget: FrameId[], refused: Receipt['body']['refused']): void {
    let recordedUpTo = 0;
    while (recorded.has(recordedUpTo + 1)) recordedUpTo += 1;
    const recordedAlso = [...recorded.keys()].filter((seq) => seq > recordedUpTo).slice(0, 1000);
    say((to) => to.onReceipt({ recordedUpTo, recordedAlso, forget, refused, serverTime: now() }));
  }

  function answer(): void {
    const events = waiting;
    waiting = [];
    for (const event of events) record(event);
    const announced = events.flatMap((event) => frameOf(event)?.frameId ?? []);
    const claimed = events.flatMap((event) => (event.type === 'frame.uploaded' ? [event.body.frameId] : []));
    const done = (id: FrameId) => ['stored', 'evicted'].includes(frames.get(id)?.state ?? '');
    receipt([...new Set([...announced, ...claimed])].filter(done), []);
    const grants = [...new Set(announced)].flatMap((id) => {
      const known = frames.get(id);
      return known?.state === 'at-edge' ? [grantOf(known.frame)] : [];
    });
    if (grants.length > 0) say((to) => to.onGrants({ v: 1, session, sentAt: now(), type: 'grants', body: { grants } }));
  }

  const grantOf = ({ frameId, sizeBytes, sha256 }: Announcement): Grant => ({
    frameId,
    method: 'PUT',
    url: `http://store.example/${frameId}`,
    headers: {},
    sizeBytes,
    sha256,
    expiresAt: now() + 600_000,
  });

  const upload: CarrierDeps['upload'] = async (picture, { frameId }, signal) => {
    const sentBytes = picture.sizeBytes;
    const bytes = readFileSync(picture.path);
    const fault = pick(chances.upload, random());
    if (fault !== null) meet(fault);
    const again = (reason: string, retryAfterMs: number | null = null): Carried => ({
      kind: 'again',
      reason,
      retryAfterMs,
      sentBytes,
    });
    if (fault === 'slow' || fault === 'half-open')
      await clock.sleep(fault === 'slow' ? random() * 20_000 : 30_000, signal);
    else await clock.sleep(random() * 200, signal);
    if (signal.aborted) throw signal.reason;
    if (fault === 'reset' || fault === 'half-open') return again(fault);
    if (fault === '500') return again('the store answered 500');
    if (fault === '503') return again('the store answered 503', Math.round(random() * 20) * 1000);
    if (fault === '403') return { kind: 'refused', reason: 'the store answered 403', sentBytes };
    if (fault === 'expired') return { kind: 'expired', reason: 'the store answered 403', sentBytes };
    // 412: the store says that something is there, though nothing is: the control plane will look.
    if (fault === '412' || objects.has(frameId)) return { kind: 'uploaded', sentBytes };
    objects.set(frameId, fault === 'garbled' ? Buffer.alloc(bytes.length) : bytes);
    return fault === 'answer-lost' ? again('reset') : { kind: 'uploaded', sentBytes };
  };

  return {
    recorded,
    frames,
    faults,
    met,
    upload,
    setChances(now: Chances): void {
      chances = now;
    },
    /** This agent is beside the line now; whoever was before is not heard any more. */
    connect(end: AgentEnd): void {
      agent = end;
      connected = false;
      line += 1;
      connectSoon();
    },
    /** The agent is gone without a word. */
    disconnect(): void {
      agent = null;
      connected = false;
      line += 1;
    },
    publish(of: AgentEnd, event: { seq: number; type: string; body: string }, onTaken: () => void) {
      if (agent !== of || !connected) return 'held' as const;
      if (happens(chances.cut)) {
        later(0, cut);
        return 'sent' as const;
      }
      later(random() * 50, onTaken);
      const read = agentEvent.parse({ v: 1, session, sentAt: now(), ...event, body: JSON.parse(event.body) });
      const times = happens(chances.lost) ? 0 : happens(chances.duplicated) ? 2 : 1;
      for (let copy = 0; copy < times; copy += 1)
        later(random() * 50, () => {
          if (waiting.length === 0) later(10, answer);
          waiting.push(read);
        });
      return 'sent' as const;
    },
  };
}
export type FaultyCloud = ReturnType<typeof createFaultyCloud>;

function pick(chances: Chances['upload'], at: number): UploadFault | null {
  let upTo = 0;
  for (const [fault, chance] of Object.entries(chances)) {
    upTo += chance;
    if (at < upTo) return fault as UploadFault;
  }
  return null;
}
