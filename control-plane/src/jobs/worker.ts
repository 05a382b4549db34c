/**
 * Does what the control plane owes.
 *
 * Promise: each job is done by whoever holds its lease; a job that is cancelled, or whose lease is lost, stops within two
 * seconds; a worker that stops gives its jobs back, so that the next one begins them at once.
 * Invariants: the lease is renewed every second as long as the work goes on; work sees its end as an aborted signal; only a
 * lease that is still held finishes or fails a job. Of small jobs several are taken and ended by one commit each, because
 * every commit waits for the disk; a lane takes more only as long as it finds more, so that few jobs are spread over all.
 * When it fails: a job that throws is tried again by the rules of the records; records that are away stop the work only
 * when the lease has run out, because nobody else can have taken it before.
 */
import type { Clock } from '@slowlight/protocol/kit';
import { createBell, Failure, messageOf, runLoop, toFailure } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { Job, JobEnd, JobRecords } from '../ports.ts';

/**
 * Does one job; throws when it could not. It must end soon after the signal aborts.
 * @param say what the records are to be told in the commit that ends the job
 */
export type JobRunner = (job: Job, signal: AbortSignal, say: (said: Said) => void) => Promise<void>;
type Said = Pick<JobEnd, 'thumbnail'>;

export interface WorkerDeps {
  clock: Clock;
  log: Log;
  jobs: Pick<JobRecords, 'lease' | 'leaseSome' | 'heartbeat' | 'finishAll' | 'fail' | 'giveBack' | 'onPlanned'>;
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
/** Of these kinds so many are taken at once when many wait: what one of them takes is little beside a commit. */
const MOST_TOGETHER: Partial<Record<Job['kind'], number>> = { thumbnail: 8 };
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

  /** One after the other; all are held from now on, and those that are done are ended together. */
  async function workOn(taken: readonly Job[], signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const held = taken.map((job) => {
      const lost = new AbortController();
      return { job, lost: lost.signal, lease: keepLease(job, (reason) => lost.abort(reason), over.signal) };
    });
    const done: (JobEnd & { ms: number })[] = [];
    try {
      let begun = 0;
      for (const one of held) {
        begun += 1;
        const end = await work(one, signal);
        if (end !== null) done.push(end);
        if (signal.aborted) break;
      }
      const notBegun = held.slice(begun).map(({ job }) => giveBack(job));
      await Promise.all([finish(done), ...notBegun]);
    } finally {
      over.abort();
      await Promise.all(held.map(({ lease }) => lease));
    }
  }

  const about = (job: Job) => ({ job: job.id, kind: job.kind, subject: job.subject, attempt: job.attempt });

  /** null: it is not done, and the records know. */
  async function work(
    { job, lost }: { job: Job; lost: AbortSignal },
    signal: AbortSignal,
  ): Promise<(JobEnd & { ms: number }) | null> {
    const started = clock.monotonicMs();
    let said: Said = { thumbnail: null };
    try {
      lost.throwIfAborted();
      await runners[job.kind](job, AbortSignal.any([signal, lost]), (what) => {
        said = what;
      });
      return { job, ...said, ms: Math.round(clock.monotonicMs() - started) };
    } catch (thrown) {
      if (lost.aborted) {
        counts.lost += 1;
        log.info(about(job), 'a job was stopped: it was cancelled, or another worker has it');
      } else if (signal.aborted) await giveBack(job);
      else await fail(job, thrown);
      return null;
    }
  }

  async function finish(done: readonly (JobEnd & { ms: number })[]): Promise<void> {
    if (done.length === 0) return;
    let held: readonly boolean[];
    try {
      held = await jobs.finishAll(done);
    } catch (thrown) {
      for (const { job } of done) await fail(job, thrown);
      return;
    }
    for (const [index, { job, ms }] of done.entries()) {
      if (held[index] !== true) {
        counts.lost += 1;
        log.info(about(job), 'a job is left as it is: it waits for others, was cancelled, or another worker has it');
        continue;
      }
      counts.done += 1;
      log.info({ ...about(job), ms }, 'a job is done');
    }
  }

  async function fail(job: Job, thrown: unknown): Promise<void> {
    const failure = toFailure(thrown);
    const next = await jobs.fail(job, { message: messageOf(failure), retry: failure.retry });
    counts.failed += 1;
    log[next === 'dead' ? 'error' : 'warn'](
      { ...about(job), reason: failure.message, hint: failure.hint },
      next === 'again' ? 'a job failed; it will be tried again' : 'a job failed and is given up',
    );
  }

  /** Stopping: the next worker may begin at once. Where the records do not answer, it begins when the lease has run out. */
  async function giveBack(job: Job): Promise<void> {
    const answered = new AbortController();
    const given = jobs.giveBack(job).catch(() => false);
    await Promise.race([given, clock.sleep(GIVE_BACK_WITHIN_MS, answered.signal)]);
    answered.abort();
  }

  /** The next jobs, and whether it is one that could have waited, during a rush. */
  async function take(kind: Job['kind'], most: number): Promise<{ taken: Job[]; patient: boolean }> {
    if (!YIELDING.includes(kind) || !rush())
      return {
        taken: most > 1 ? await jobs.leaseSome([kind], leaseMs, { most }) : listOf(await jobs.lease([kind], leaseMs)),
        patient: false,
      };
    const job = await jobs.lease([kind], leaseMs, { urgent: true });
    if (job !== null || clock.monotonicMs() < restUntil) return { taken: listOf(job), patient: false };
    restUntil = Number.POSITIVE_INFINITY;
    try {
      return { taken: listOf(await jobs.lease([kind], leaseMs)), patient: true };
    } catch (thrown) {
      restUntil = 0;
      throw thrown;
    }
  }

  async function lane(kind: Job['kind'], signal: AbortSignal): Promise<void> {
    const bell = createBell();
    const unhook = jobs.onPlanned(() => bell.ring());
    let most = 1;
    await runLoop(
      async (within) => {
        const asked = most;
        most = 1;
        const { taken, patient } = await take(kind, asked);
        if (taken.length === 0) {
          const restMs = patient ? 0 : restUntil - clock.monotonicMs();
          if (patient) restUntil = 0;
          await bell.wait(clock, restMs > 0 ? Math.min(restMs, LOOK_AGAIN_MS) : LOOK_AGAIN_MS, within);
          return 0;
        }
        const since = clock.monotonicMs();
        try {
          await workOn(taken, within);
          if (taken.length === asked) most = Math.min(2 * asked, MOST_TOGETHER[kind] ?? 1);
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

const listOf = (job: Job | null): Job[] => (job === null ? [] : [job]);

const notOurs = (job: Job): Failure =>
  new Failure({
    code: 'job.not-ours',
    message: `job ${job.id} was cancelled, or another worker has it`,
    hint: 'Nothing is to be done.',
    retry: 'never',
  });
