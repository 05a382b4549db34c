/**
 * Promise: a change is one transaction, and whatever follows from it (faults, jobs, feed) is in the same one.
 * Invariants: feed positions grow in the order of the commits, because appending is the last thing that a transaction does
 * and holds a lock until its commit; listeners hear of a change only after it.
 * When it fails: nothing of the change is kept. A deadlock or a serialisation conflict between two control planes is tried
 * again, so `work` must touch nothing but its transaction.
 */
import type { AgentId, FeedEvent, JobView, TimelapseId } from '@slowlight/protocol';
import { newJobId } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { type Kysely, sql, type Transaction } from 'kysely';
import { chunked } from './chunked.ts';
import { insertRows } from './insert-rows.ts';
import { reopenDays, type Touched, widen } from './ledger-touch.ts';
import type { Tables } from './schema.ts';

export type Dialect = 'sqlite' | 'postgres';

export interface FoundFault {
  agentId: AgentId | null;
  code: string;
  reason: string;
  excerpt: string | null;
  /** Faults with the same key are one fault and kept once; null: each is its own. */
  key: string | null;
}

/** A transaction, and what shall be appended at its end. */
export interface Change {
  tx: Transaction<Tables>;
  dialect: Dialect;
  /** Wall time of the change, ms. */
  now: number;
  tell(event: FeedEvent): void;
  fault(fault: FoundFault): void;
  /**
   * `inMs`: how long the job waits at least; nothing: it is due at once. `canWait`: nobody looks for it now, so others of its
   * kind go first, and it yields to what comes in. `rank`: among others of its kind, lower goes first; 0 to 3.
   */
  plan(kind: JobView['kind'], subject: string, how?: { inMs?: number; canWait?: boolean; rank?: number }): void;
  /** Something changed about slots from `first` to `last`, inclusive: what the ledger says of their days is said anew. */
  touch(timelapse: TimelapseId, firstDueAt: number, lastDueAt: number): void;
  /** After the commit the listeners hear of a job that became due without being planned anew. */
  ring(what: 'planned'): void;
}

export interface Database {
  db: Kysely<Tables>;
  dialect: Dialect;
  clock: Clock;
  change<Result>(work: (change: Change) => Promise<Result>): Promise<Result>;
  /** Calls back after each commit of this process that appended to the feed, or planned a job. */
  onAppended(listener: () => void): () => void;
  onPlanned(listener: () => void): () => void;
  /** Tells the listeners although this process committed nothing: another one did. */
  ring(what: 'appended' | 'planned'): void;
}

/** Thumbnails of new frames go before films; what is begun is finished: films are joined before more pieces are made. */
const PRIORITIES: Record<JobView['kind'], number> = {
  thumbnail: 10,
  video: 50,
  segment: 60,
  overlay: 30,
  animation: 80,
  'overlay-remake': 90,
  bulk: 95,
};
/** @param rank among others of its kind, lower goes first; 0 to 3 */
export const priorityOf = (kind: JobView['kind'], rank: number): number => PRIORITIES[kind] + rank;
/** What is added to the priority of a job that can wait: still before any of another kind. */
const CAN_WAIT = 5;
/**
 * Where jobs of these kinds lie in the order of all: whoever looks for one of them need not read a long backlog of others.
 * @param urgent only those that somebody who looks at new frames waits for
 */
export function prioritiesOf(kinds: readonly JobView['kind'][], urgent: boolean): { least: number; most: number } {
  const all = kinds.map((kind) => PRIORITIES[kind]);
  const most = Math.max(...all) + CAN_WAIT;
  return { least: Math.min(...all), most: urgent ? Math.min(most, PRIORITIES.thumbnail) : most };
}
/** Written out as the index `jobs_once` says it: an engine finds the index by its words. */
const jobIsOpen = () => sql<boolean>`state in ('waiting', 'running')`;
const FEED_LOCK = 7_356_002;
const TRIES = 5;

export function createDatabase(
  db: Kysely<Tables>,
  { dialect, clock, mayTryAgain }: { dialect: Dialect; clock: Clock; mayTryAgain: (thrown: unknown) => boolean },
): Database {
  const listeners = { appended: new Set<() => void>(), planned: new Set<() => void>() };
  const listen = (what: keyof typeof listeners) => (listener: () => void) => {
    const own = () => listener();
    listeners[what].add(own);
    return () => void listeners[what].delete(own);
  };
  const ring = (what: keyof typeof listeners) => {
    for (const listener of listeners[what]) listener();
  };

  async function once<Result>(work: (change: Change) => Promise<Result>): Promise<Result> {
    const ending: Ending = { now: clock.now(), events: [], faults: [], jobs: [], touched: new Map(), rings: false };
    const result = await db.transaction().execute(async (tx) => {
      const given = await work({
        tx,
        dialect,
        now: ending.now,
        tell: (event) => ending.events.push(event),
        fault: (fault) => ending.faults.push(fault),
        plan: (kind, subject, { inMs = 0, canWait = false, rank = 0 } = {}) =>
          ending.jobs.push({ kind, subject, inMs, priority: priorityOf(kind, rank) + (canWait ? CAN_WAIT : 0) }),
        touch: (timelapse, first, last) => widen(ending.touched, timelapse, { first, last }),
        ring: () => {
          ending.rings = true;
        },
      });
      await reopenDays(tx, ending.touched, dialect);
      await keepFaults(tx, ending);
      await planJobs(tx, ending);
      await append(tx, ending, dialect);
      return given;
    });
    if (ending.events.length > 0) ring('appended');
    if (ending.rings || ending.jobs.length > 0) ring('planned');
    return result;
  }

  return {
    db,
    dialect,
    clock,
    async change(work) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await once(work);
        } catch (thrown) {
          if (tries === TRIES || !mayTryAgain(thrown)) throw thrown;
        }
      }
    },
    onAppended: listen('appended'),
    onPlanned: listen('planned'),
    ring,
  };
}

interface Ending {
  now: number;
  events: FeedEvent[];
  faults: FoundFault[];
  jobs: { kind: JobView['kind']; subject: string; inMs: number; priority: number }[];
  touched: Touched;
  rings: boolean;
}

async function keepFaults(tx: Transaction<Tables>, ending: Ending): Promise<void> {
  for (const fault of ending.faults) {
    const kept = await tx
      .insertInto('faults')
      .values({
        at: ending.now,
        agent_id: fault.agentId,
        code: fault.code,
        reason: fault.reason,
        excerpt: fault.excerpt,
        key: fault.key,
      })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (kept === undefined) continue;
    const { agentId, code, reason } = fault;
    ending.events.push({ type: 'fault.found', body: { agentId, code, reason } });
  }
}

async function planJobs(tx: Transaction<Tables>, ending: Ending): Promise<void> {
  for (const jobs of chunked(ending.jobs, 500)) {
    await tx
      .insertInto('jobs')
      .values(
        jobs.map(({ kind, subject, inMs, priority }) => ({
          id: newJobId(),
          kind,
          subject,
          state: 'waiting' as const,
          priority,
          attempts: 0,
          failures: 0,
          fence: 0,
          due_at: ending.now + inMs,
          created_at: ending.now,
        })),
      )
      .onConflict((conflict) => conflict.columns(['kind', 'subject']).where(jobIsOpen).doNothing())
      .execute();
  }
}

async function append(tx: Transaction<Tables>, ending: Ending, dialect: Dialect): Promise<void> {
  if (ending.events.length === 0) return;
  if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(FEED_LOCK)})`.execute(tx);
  const rows = ending.events.map((event) => ({ at: ending.now, event: JSON.stringify(event) }));
  await insertRows({ tx, dialect }, 'feed', rows);
}
