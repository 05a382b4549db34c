/**
 * The buffer: what has been taken and not yet delivered, on this device's own card.
 *
 * Promise: what a verb has confirmed survives a power cut, and leaves only by a receipt or as a reported eviction.
 * Invariants: a slot is settled once; event numbers have no gaps; each row that waits has its file; each file has its row
 * (up to the next start). One state change is one transaction, durable when the verb returns.
 * When it fails: a `Failure` with a code `buffer.…`; nothing is half done. SQLite is synchronous here, so a slow card holds
 * the agent up for a commit at a time: verbs that are called often are batched by their callers.
 */
import { unlink } from 'node:fs/promises';
import path from 'node:path';
import {
  type AgentEventContent,
  type AgentId,
  type AgentSettings,
  agentSettings,
  type CommandId,
  type FrameId,
  type MissedReason,
  type Receipt,
  type SlotSettledBody,
  type Span,
  type TimelapseId,
} from '@slowlight/protocol';
import { type Clock, syncDirectory, systemCode } from '@slowlight/protocol/kit';
import type { NewFrame } from '../frame.ts';
import { bufferFailure } from './buffer-failure.ts';
import { createCommitFrame } from './commit-frame.ts';
import { createFrameRows, type Lane } from './frame-rows.ts';
import { createHeldList } from './held-list.ts';
import type { Sqlite } from './open-database.ts';
import { createOutbox } from './outbox.ts';
import { createPastRows } from './past-rows.ts';
import { createQuarantine, type QuarantineLimits } from './quarantine.ts';
import { createReceive } from './receive.ts';
import { createSlotRows } from './slot-rows.ts';
import { chooseEvicted } from './thin-backlog.ts';
import { createUsageRows, type SentBytes } from './usage-rows.ts';

export type SettledWithoutFrame = Extract<SlotSettledBody, { outcome: 'discarded' | 'failed' | 'skipped' }>;
export interface MissedRange {
  timelapseId: TimelapseId;
  firstDueAt: number;
  lastDueAt: number;
  count: number;
  reason: MissedReason;
}
export interface SpanChange {
  settingsVersion: number;
  at: number;
  closed: readonly Span[];
  opened: readonly Span[];
}
export interface BufferOptions {
  /** The agent's data directory. */
  folder: string;
  agentId: AgentId;
  /** The lowest number that an event may have; 1 where nobody says. */
  firstSeq?: number;
  /** After so many refusals a frame is set aside. */
  quarantineAfter: number;
  /** What quarantine may hold; then its oldest frames leave. */
  mostQuarantined?: QuarantineLimits;
}
type EvictedReason = Extract<AgentEventContent, { type: 'frames.evicted' }>['body']['reason'];

const MOST_QUARANTINED = { frames: 1000, bytes: 500_000_000 };

/** Within the schema's limits on lists, and small enough for one message. */
const FRAMES_AN_EVENT = 500;
const SPANS_AN_EVENT = 200;
/** How many files are removed before their rows go. */
const CLEAN_AT_ONCE = 500;
/** How many frames are looked at to make room. */
const SPARED_AT_ONCE = 2000;
/** When to say `frame.uploaded` again if nobody has answered, ms. */
const REMIND_AFTER_MS = 10_000;

/** All that the buffer can do, on a database that is open and a directory that is locked. */
export function createBuffer({ db, clock }: { db: Sqlite; clock: Clock }, options: BufferOptions) {
  const { folder, agentId, quarantineAfter, mostQuarantined = MOST_QUARANTINED } = options;
  const framesFolder = path.join(folder, 'frames');
  const tables = { db, outbox: createOutbox(db), frames: createFrameRows(db), slots: createSlotRows(db) };
  const { outbox, frames, slots } = tables;
  const commit = createCommitFrame(tables, { folder: framesFolder, agentId });
  const heldList = createHeldList(db, outbox);
  const receive = createReceive({ ...tables, heldList }, { quarantineAfter, now: clock.now });
  const quarantine = createQuarantine(db, mostQuarantined);
  const usage = createUsageRows(db);
  let heldBytes = frames.bytes();
  const readSettings = db.prepare<[], { body: string }>('SELECT body FROM settings');
  const writeSettings = db.prepare<[number, string]>(
    'INSERT INTO settings (id, version, body) VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body',
  );
  const noteCommand = db.prepare<[string, number]>(
    'INSERT INTO commands (id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const dropCommands = db.prepare<[number]>('DELETE FROM commands WHERE expires_at < ?');
  const safely = <Args extends unknown[], Result>(verb: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      try {
        return verb(...args);
      } catch (cause) {
        throw bufferFailure(cause, folder);
      }
    };
  };
  const inOneCommit = <Args extends unknown[], Result>(verb: (...args: Args) => Result) =>
    safely((...args: Args) => db.transaction(() => verb(...args)).immediate());

  function evict(chosen: readonly FrameId[], reason: EvictedReason): FrameId[] {
    const gone = chosen.filter((frame) => frames.leave(frame));
    for (let at = 0; at < gone.length; at += FRAMES_AN_EVENT)
      outbox.append({ type: 'frames.evicted', body: { frameIds: gone.slice(at, at + FRAMES_AN_EVENT), reason } });
    return gone;
  }

  /** What quarantine cannot hold any more leaves. Only inside a transaction. */
  function boundQuarantine(): void {
    for (let over = quarantine.overfull(); over.length > 0; over = quarantine.overfull())
      evict(over, 'quarantine-full');
  }

  return {
    pathOf: (file: string) => path.join(framesFolder, file),
    /** Keeps a picture and settles its slot. `commandId` names the command that asked for a manual one. */
    async commitFrame(frame: NewFrame, commandId: CommandId | null = null) {
      try {
        const result = await commit(frame, commandId);
        if (result.kind === 'kept') heldBytes += result.frame.sizeBytes;
        return result;
      } catch (cause) {
        throw bufferFailure(cause, folder);
      }
    },
    /** Settles a slot that has no picture; false when it already had its outcome. */
    settle: inOneCommit((body: SettledWithoutFrame): boolean => {
      if (!slots.settle(body.slot)) return false;
      outbox.append({ type: 'slot.settled', body });
      return true;
    }),
    /** Settles slots that nobody took; false when the first of them already had its outcome. */
    missed: inOneCommit((range: MissedRange): boolean => {
      const { timelapseId, firstDueAt, lastDueAt } = range;
      if ((slots.cursor(timelapseId) ?? Number.POSITIVE_INFINITY) >= firstDueAt) return false;
      if (!slots.settle({ timelapseId, dueAt: lastDueAt })) return false;
      outbox.append({ type: 'slots.missed', body: { ...range } });
      return true;
    }),
    cursor: safely(slots.cursor),
    spans: safely(slots.spans),
    spansOf: safely(slots.spansOf),
    /** The last settings that were accepted; null before the first. */
    settings: safely((): AgentSettings | null => {
      const row = readSettings.get();
      return row === undefined ? null : agentSettings.parse(JSON.parse(row.body));
    }),
    /** Opens and closes spans and reports it; with `settings`, these are the accepted ones from now on. */
    applySpans: inOneCommit(({ settingsVersion, at, closed, opened }: SpanChange, settings?: AgentSettings): void => {
      for (const span of closed) slots.close(span);
      for (const span of opened) slots.open(span);
      if (settings !== undefined) writeSettings.run(settings.version, JSON.stringify(settings));
      slots.forgetSettled();
      const spans = [...closed, ...opened];
      for (let from = 0; from === 0 || from < spans.length; from += SPANS_AN_EVENT)
        outbox.append({
          type: 'schedule.applied',
          body: { settingsVersion, at, spans: spans.slice(from, from + SPANS_AN_EVENT) },
        });
    }),
    /** True only the first time: a command is begun at most once, also over restarts. */
    beginCommand: inOneCommit((command: CommandId, expiresAt: number): boolean => {
      // Kept a day longer than needed, so that a clock that was set back does not bring one to life again.
      dropCommands.run(clock.now() - 86_400_000);
      return noteCommand.run(command, expiresAt).changes === 1;
    }),
    /** Anything else that is to be told. */
    tell: inOneCommit((event: AgentEventContent): number => outbox.append(event)),
    /** Whether an event of this type still waits for its receipt. */
    stillTelling: safely(outbox.holds),
    holdsUntrusted: safely(outbox.holdsUntrusted),
    lastSeq: safely(outbox.lastSeq),
    /** No event has a lower number from now on. */
    countFrom: safely((first: number) => outbox.raiseCounter(first - 1)),
    unrecorded: safely(outbox.unrecorded),
    event: safely(outbox.event),
    newestOfEachCamera: safely(frames.newestOfEachCamera),
    waiting: safely((lane: Lane, limit: number) => frames.waiting(lane, clock.now(), limit)),
    /**
     * One commit for several uploads that have ended well, and for what went over the line since the last time. Gives the
     * numbers of the events that say so.
     */
    markUploaded: inOneCommit((done: readonly FrameId[], sent: readonly SentBytes[] = []): number[] => {
      const seqs: number[] = [];
      for (const bytes of sent) usage.add(bytes);
      for (const frameId of done) {
        const upload = frames.upload(frameId);
        if (upload === null) continue;
        const { uploadedSeq, sha256, sizeBytes } = upload;
        const body = { frameId, sha256, sizeBytes };
        const seq = uploadedSeq ?? outbox.append({ type: 'frame.uploaded', body }, frameId);
        if (uploadedSeq !== null) outbox.sayAgain(uploadedSeq);
        if (frames.markUploaded(frameId, seq, clock.now() + REMIND_AFTER_MS)) seqs.push(seq);
      }
      return seqs;
    }),
    /** Not before `afterMs` again. */
    postpone: inOneCommit((frame: FrameId, afterMs: number, reason: string, refused: boolean): void => {
      frames.postpone(frame, clock.now() + afterMs, reason, refused);
    }),
    /** What went over the line, by day, in ascending order. */
    sentBytes: safely(usage.all),
    pasts: createPastRows(db),
    quarantine: inOneCommit((frame: FrameId, reason: string): boolean => {
      const done = frames.quarantine(frame, reason, clock.now());
      boundQuarantine();
      return done;
    }),
    /** What is set aside, with its reasons, the newest first. */
    quarantined: safely((limit: number) => quarantine.list(limit)),
    /** These are announced and uploaded again as if nothing had been; gives how many there were. */
    retryQuarantine: inOneCommit((which: readonly FrameId[] | 'all'): number => quarantine.release(which)),
    /** Uploads that are due to be said again, because no receipt has let them go. */
    unconfirmed: safely((limit: number) => frames.unconfirmed(clock.now(), limit)),
    reminded: inOneCommit((said: readonly { frameId: FrameId; afterMs: number }[]): void => {
      for (const { frameId, afterMs } of said) frames.reminded(frameId, clock.now() + afterMs);
    }),
    /** The other side is there again: nothing is held back any more. */
    endBackoffs: inOneCommit((): void => {
      frames.calm();
    }),
    receive: inOneCommit((body: Receipt['body'], isSaid: (seq: number) => boolean = () => true) => {
      const received = receive(body, isSaid);
      boundQuarantine();
      return received;
    }),
    /** Says the list of what is on the card, to be compared with the records; gives how many frames that are. */
    listHeld: inOneCommit((): number => heldList.say(clock.now())),
    /** When that was last done; null: never. */
    listedAt: safely(heldList.saidAt),
    beginWeek: inOneCommit((): void => {
      heldList.note(clock.now());
    }),
    /** The picture of a frame cannot be read any more: it goes, and that is reported. */
    pictureUnreadable: inOneCommit((lost: readonly FrameId[]) => evict(lost, 'picture-unreadable')),
    /** Gives up undelivered frames worth `bytes`, and reports it. Their files go with the next `clean`. */
    thinBacklog: inOneCommit((bytes: number): FrameId[] => {
      const { evicted, thinned } = chooseEvicted(frames.spareable(SPARED_AT_ONCE), bytes);
      for (const frame of thinned) frames.thinned(frame.frameId);
      const chosen = evicted.map((frame) => frame.frameId);
      return evict(chosen.length > 0 ? chosen : quarantine.oldestWorth(bytes), 'card-full');
    }),
    /** Of all pictures on the card, those included that are leaving. */
    heldBytes: () => heldBytes,
    /** Removes the files of frames that are leaving, then their rows. Gives how many there were; call again until none are. */
    async clean(): Promise<number> {
      try {
        const leaving = frames.leaving(CLEAN_AT_ONCE);
        await Promise.all(leaving.map((row) => unlinkIfThere(path.join(framesFolder, row.file))));
        for (const part of new Set(leaving.map((row) => path.dirname(row.file))))
          await syncDirectoryIfThere(path.join(framesFolder, part));
        if (leaving.length > 0)
          db.transaction(() => {
            for (const { frameId } of leaving) {
              frames.remove(frameId);
              outbox.releaseFrame(frameId);
            }
          }).immediate();
        heldBytes -= leaving.reduce((sum, row) => sum + row.sizeBytes, 0);
        return leaving.length;
      } catch (cause) {
        throw bufferFailure(cause, folder);
      }
    },
    backlog: safely(frames.backlog),
    claimed: safely(frames.claimed),
  };
}

async function unlinkIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw cause;
  }
}

async function syncDirectoryIfThere(folder: string): Promise<void> {
  try {
    await syncDirectory(folder);
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw cause;
  }
}
