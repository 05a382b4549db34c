/**
 * Promise: whoever listens hears within a second of what another control plane committed, and of jobs whose time has come.
 * It looks into the database once a second, and only while somebody listens.
 * When it fails: it looks again a second later; the database's own failures are told by the verbs that meet them.
 */
import type { Kysely } from 'kysely';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';

const EVERY_MS = 1000;

export interface Watch {
  /** Watches until the given ending, which it wraps, is called. */
  during(end: () => void): () => void;
  close(): Promise<void>;
}

export function createWatch({ db, clock, ring }: Database): Watch {
  let listeners = 0;
  let closed = false;
  let running: { stop: AbortController; ended: Promise<void> } | null = null;

  async function run(signal: AbortSignal): Promise<void> {
    let seen: number | null = null;
    while (!signal.aborted) {
      try {
        const last = await lastPosition(db);
        if (seen !== null && last > seen) ring('appended');
        seen = last;
        if (await hasDueJob(db, clock.now())) ring('planned');
      } catch {
        // The verbs that need the database report what is wrong with it; this one only looks again.
      }
      await clock.sleep(EVERY_MS, signal);
    }
  }

  async function stop(): Promise<void> {
    const ending = running;
    running = null;
    ending?.stop.abort();
    await ending?.ended;
  }

  return {
    during(end) {
      listeners += 1;
      if (running === null && !closed) {
        const controller = new AbortController();
        running = { stop: controller, ended: run(controller.signal) };
      }
      let over = false;
      return () => {
        end();
        if (over) return;
        over = true;
        listeners -= 1;
        if (listeners === 0) void stop();
      };
    },
    close() {
      closed = true;
      return stop();
    },
  };
}

/** 0 when the feed is empty. */
export async function lastPosition(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('feed').select('position').orderBy('position', 'desc').limit(1).executeTakeFirst();
  return row?.position ?? 0;
}

async function hasDueJob(db: Kysely<Tables>, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('jobs')
    .select('id')
    .where('state', 'in', ['waiting', 'running'])
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '=', 'waiting'), eb('due_at', '<=', now)]),
        eb.and([eb('state', '=', 'running'), eb('lease_until', '<=', now)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
