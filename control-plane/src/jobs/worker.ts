/**
 * Does what the control plane owes.
 *
 * Promise: each job is done by whoever holds its lease; a job that is cancelled, or whose lease is lost, stops within two
 * seconds; a worker that stops gives its jobs back, so that the next one begins them at once.
 * Invariants: the lease is renewed every second as long as the work goes on; work sees its end as an aborted signal; only a
 * lease that is still held finishes or fails a job.
 * When it fails: a job that throws is tried again by the rules of the records; records that are away stop the work only
 * when the lease has run out, because nobody else can have taken it before.
 */
import type { Clock } from '@slowlight/protocol/kit';
import { createBell, Failure, messageOf, runLoop, toFailure } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { Job, JobRecords } from '../ports.ts';

/** Does one job; throws when it could not. It must end soon after the signal aborts. */
export type JobRunner = (job: Job, signal: AbortSignal) => Promise<void>;

export interface WorkerDeps {
  clock: Clock;
  log: Log;
  jobs: Pick<JobRecords, 'lease' | 'heartbeat' | 'finish' | 'fail' | 'giveBack' | 'onPlanned'>;
  runners: Readonly<Record<Job['kind'], JobRunner>>;
  /** Whether what is coming in needs the machine now: jobs that can wait then take a fifth of a lane's time. */
  rush?: () => boolean;
}

export interface WorkerOptions {
  /** How many jobs of each kind at the same time. */
  atOnce: Readonly<Record<Job['kind'], number>>;
  leaseMs?: number;
  heartbeatMs?: number;
}

/** Kinds of which some can wait; how long after one of them the next may be begun during a rush: so many times as long as it took. */
const YIELDING: readonly Job['kind'][] = ['thumbnail'];
const REST = { timesAsLong: 4, mostMs: 2000 };
/** A job may become due without a ring: after its back-off, or when another worker's lease has run out. */
const LOOK_AGAIN_MS = 2000;
const GIVE_BACK_WITHIN_MS = 1000;

export function createWorker({ clock, log, jobs, runners, rush = () => false }: WorkerDeps, options: WorkerOptions) {
  const { atOnce, leaseMs = 15_000, heartbeatMs = 1000 } = options;
  /** Until when those that can wait rest during a rush, monotonic ms; one at a time is at work then. */
  let restUntil = 0;
  const counts = { done: 0, failed: 0, lost: 0 };

  /** Renews the lease until the work is over; aborts the work when it is not ours any more. */
  async function keepLease(job: Job, stop: (reason: Failure) => void, over: AbortSignal): Promise<void> {
    let renewedAt = clock.monotonicMs();
    while (!over.aborted) {
      await clock.sleep(heartbeatMs, over);
      if (over.aborted) return;
      try {
        const asked = clock.monotonicMs();
        if (!(await jobs.heartbeat(job, leaseMs))) return stop(notOurs(job));
        renewedAt = asked;
      } catch {
        // The records are away: the lease holds until it has run out.
        if (clock.monotonicMs() - renewedAt >= leaseMs) return stop(notOurs(job));
      }
    }
  }

  async function work(job: Job, signal: AbortSignal): Promise<void> {
    const lost = new AbortController();
    const over = new AbortController();
    const lease = keepLease(job, (reason) => lost.abort(reason), over.signal);
    const started = clock.monotonicMs();
    const about = { job: job.id, kind: job.kind, subject: job.subject, attempt: job.attempt };
    try {
      await runners[job.kind](job, AbortSignal.any([signal, lost.signal]));
      await jobs.finish(job);
      counts.done += 1;
      log.info({ ...about, ms: Math.round(clock.monotonicMs() - started) }, 'a job is done');
    } catch (thrown) {
      if (lost.signal.aborted) {
        counts.lost += 1;
        log.info(about, 'a job was stopped: it was cancelled, or another worker has it');
        return;
      }
      if (signal.aborted) return giveBack(job);
      const failure = toFailure(thrown);
      const next = await jobs.fail(job, { message: messageOf(failure), retry: failure.retry });
      counts.failed += 1;
      log[next === 'dead' ? 'error' : 'warn'](
        { ...about, reason: failure.message, hint: failure.hint },
        next === 'again' ? 'a job failed; it will be tried again' : 'a job failed and is given up',
      );
    } finally {
      over.abort();
      await lease;
    }
  }

  /** Stopping: the next worker may begin at once. Where the records do not answer, it begins when the lease has run out. */
  async function giveBack(job: Job): Promise<void> {
    const answered = new AbortController();
    const given = jobs.giveBack(job).catch(() => false);
    await Promise.race([given, clock.sleep(GIVE_BACK_WITHIN_MS, answered.signal)]);
    answered.abort();
  }

  /** The next job, and whether it is one that could have waited, during a rush. */
  async function take(kind: Job['kind']): Promise<{ job: Job | null; patient: boolean }> {
    if (!YIELDING.includes(kind) || !rush()) return { job: await jobs.lease([kind], leaseMs), patient: false };
    const job = await jobs.lease([kind], leaseMs, { urgent: true });
    if (job !== null || clock.monotonicMs() < restUntil) return { job, patient: false };
    restUntil = Number.POSITIVE_INFINITY;
    try {
      return { job: await jobs.lease([kind], leaseMs), patient: true };
    } catch (thrown) {
      restUntil = 0;
      throw thrown;
    }
  }

  async function lane(kind: Job['kind'], signal: AbortSignal): Promise<void> {
    const bell = createBell();
    const unhook = jobs.onPlanned(() => bell.ring());
    await runLoop(
      async (within) => {
        const { job, patient } = await take(kind);
        if (job === null) {
          const restMs = patient ? 0 : restUntil - clock.monotonicMs();
          if (patient) restUntil = 0;
          await bell.wait(clock, restMs > 0 ? Math.min(restMs, LOOK_AGAIN_MS) : LOOK_AGAIN_MS, within);
          return 0;
        }
        const since = clock.monotonicMs();
        try {
          await work(job, within);
        } finally {
          const now = clock.monotonicMs();
          if (patient) restUntil = now + Math.min(REST.timesAsLong * (now - since), REST.mostMs);
        }
        return 0;
      },
      {
        clock,
        onFailure: (failure, waitMs) =>
          log.warn(
            { kind, reason: failure.message, hint: failure.hint, waitMs },
            'no job could be taken; it is tried again',
          ),
      },
      signal,
    );
    unhook();
  }

  return {
    counts: () => ({ ...counts }),
    /** Works until the signal aborts and what was going on has stopped. */
    async run(signal: AbortSignal): Promise<void> {
      const lanes = Object.entries(atOnce) as [Job['kind'], number][];
      await Promise.all(lanes.flatMap(([kind, count]) => Array.from({ length: count }, () => lane(kind, signal))));
    },
  };
}

const notOurs = (job: Job): Failure =>
  new Failure({
    code: 'job.not-ours',
    message: `job ${job.id} was cancelled, or another worker has it`,
    hint: 'Nothing is to be done.',
    retry: 'never',
  });
