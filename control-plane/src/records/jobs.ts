/**
 * Promise: what the control plane owes is done, by one worker at a time, also when a worker dies.
 * Invariants: waiting → running → done | dead | cancelled; each lease has a higher fence than the one before, and only the
 * holder of the newest may go on or finish; the same work is queued once. A job that needs other jobs is not due before
 * they are done.
 * When it fails: a lease that nobody renews is taken over. A job that keeps killing its worker is given up and shown.
 */
import type { BulkId, FrameId, JobId, JobView, VideoId } from '@slowlight/protocol';
import { type Selectable, sql } from 'kysely';
import type { Job, JobEnd, JobRecords } from '../ports.ts';
import { failAnimation, reviveAnimation } from './animations.ts';
import { endBulk, reviveBulk } from './bulk.ts';
import { type Change, type Database, prioritiesOf } from './database.ts';
import { pageOf, readPageKey } from './page-key.ts';
import { settleThumbnail } from './pictures.ts';
import type { JobsTable } from './schema-work.ts';
import { failSidecar } from './sidecars.ts';
import { failSegment, failVideo, requeueVideo, reviveVideo } from './video-steps.ts';
import type { Watch } from './watch.ts';

/** How long to wait after the first, second and third failure, ms; the one after that is the last. */
const BACK_OFF_MS = [30_000, 120_000, 300_000] as const;
/** Leases that ended neither well nor badly: their worker died. */
const MOST_DEATHS = 20;

const view = (row: Selectable<JobsTable>): JobView => ({
  id: row.id,
  kind: row.kind,
  subject: row.subject,
  state: row.state,
  attempts: row.attempts,
  lastError: row.last_error,
  dueAt: row.due_at,
  createdAt: row.created_at,
});

/** Written out as the indexes say it: an engine finds an index by its words. */
const isOpen = () => sql<boolean>`state in ('waiting', 'running')`;

export function createJobs({ db, dialect, clock, change, onPlanned }: Database, watch: Watch): JobRecords {
  const locking = dialect === 'postgres' ? sql`for update skip locked` : sql``;
  // Left alone, SQLite gathers and sorts all that waits for the sake of the first.
  const inOrder = dialect === 'sqlite' ? sql`indexed by jobs_to_do` : sql``;

  const leaseSome: JobRecords['leaseSome'] = async (kinds, leaseMs, { most, urgent = false }) => {
    if (kinds.length === 0) return [];
    const now = clock.now();
    const { least, most: top } = prioritiesOf(kinds, urgent);
    await buryDeadly(now);
    const { rows } = await sql<Selectable<JobsTable>>`
        with due as (
          select id from jobs ${inOrder}
          where ${isOpen()} and needs = 0 and kind in (${sql.join([...kinds])}) and priority between ${least} and ${top}
            and ((state = 'waiting' and due_at <= ${now}) or (state = 'running' and lease_until <= ${now}))
          order by priority, due_at, id limit ${most} ${locking})
        update jobs set state = 'running', attempts = attempts + 1, fence = fence + 1, lease_until = ${now + leaseMs}
        where id in (select id from due)
        returning *`.execute(db);
    return rows
      .sort((a, b) => a.priority - b.priority || a.due_at - b.due_at || (a.id < b.id ? -1 : 1))
      .map((row) => ({ id: row.id, kind: row.kind, subject: row.subject, attempt: row.attempts, fence: row.fence }));
  };

  const finishAll: JobRecords['finishAll'] = (ends) =>
    change(async (within) => {
      const held: boolean[] = [];
      for (const end of ends) held.push(await finishOne(within, end));
      return held;
    });

  return {
    leaseSome,
    lease: async (kinds, leaseMs, how) => (await leaseSome(kinds, leaseMs, { ...how, most: 1 }))[0] ?? null,

    async heartbeat(job, leaseMs) {
      const { numUpdatedRows } = await db
        .updateTable('jobs')
        .set({ lease_until: clock.now() + leaseMs })
        .where('id', '=', job.id)
        .where('fence', '=', job.fence)
        .where('state', '=', 'running')
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    finishAll,
    finish: async (job) => (await finishAll([{ job, thumbnail: null }]))[0] === true,

    giveBack: (job) =>
      change(async (within) => {
        const { numUpdatedRows } = await within.tx
          .updateTable('jobs')
          // As if it had never been leased: a lease that ended neither well nor badly would count as a death of its worker.
          .set((eb) => ({ state: 'waiting', lease_until: null, attempts: eb('attempts', '-', 1) }))
          .where('id', '=', job.id)
          .where('fence', '=', job.fence)
          .where('state', '=', 'running')
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        if (job.kind === 'video') await requeueVideo(within, job.subject as VideoId);
        within.ring('planned');
        return true;
      }),

    fail: (job, { message, retry }) =>
      change(async (within) => {
        const held = await within.tx
          .updateTable('jobs')
          .set((eb) => ({ failures: eb('failures', '+', 1), last_error: message }))
          .where('id', '=', job.id)
          .where('fence', '=', job.fence)
          .where('state', '=', 'running')
          .returning('failures')
          .executeTakeFirst();
        if (held === undefined) return 'lost';
        const waitMs = retry === 'never' ? undefined : BACK_OFF_MS[held.failures - 1];
        await within.tx
          .updateTable('jobs')
          .set(
            waitMs === undefined
              ? { state: 'dead', lease_until: null }
              : { state: 'waiting', lease_until: null, due_at: within.now + waitMs },
          )
          .where('id', '=', job.id)
          .execute();
        if (waitMs === undefined) await giveUp(within, job, message);
        else if (job.kind === 'video') await requeueVideo(within, job.subject as VideoId);
        return waitMs === undefined ? 'dead' : 'again';
      }),

    async jobs({ after, limit, state }) {
      const key = readPageKey(after);
      let query = db.selectFrom('jobs').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
      if (state !== undefined) query = query.where('state', '=', state);
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '<', tuple(key.at, key.id as JobId)),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (row) => ({ at: row.created_at, id: row.id }), view });
    },

    retryJob: (id) =>
      change(async (within) => {
        // The same work may have been planned again meanwhile; then this job stays as it is.
        const job = await within.tx
          .updateTable('jobs')
          .set({ state: 'waiting', attempts: 0, failures: 0, needs: 0, due_at: within.now })
          .where('id', '=', id)
          .where('state', '=', 'dead')
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('jobs as other')
                  .select('other.id')
                  .whereRef('other.kind', '=', 'jobs.kind')
                  .whereRef('other.subject', '=', 'jobs.subject')
                  .where('other.state', 'in', ['waiting', 'running']),
              ),
            ),
          )
          .returning(['kind', 'subject'])
          .executeTakeFirst();
        if (job === undefined) return false;
        if (!(await revive(within, job))) {
          await within.tx.updateTable('jobs').set({ state: 'dead' }).where('id', '=', id).execute();
          return false;
        }
        within.ring('planned');
        return true;
      }),

    async jobCounts() {
      const rows = await db
        .selectFrom('jobs')
        .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
        .where('state', 'in', ['waiting', 'running', 'dead'])
        .groupBy('state')
        .execute();
      const of = (state: JobView['state']) => rows.find((row) => row.state === state)?.count ?? 0;
      return { waiting: of('waiting'), running: of('running'), dead: of('dead') };
    },

    onPlanned: (listener) => watch.during(onPlanned(listener)),
  };

  /** Jobs whose worker died again and again: nobody else is to die of them. */
  async function buryDeadly(now: number): Promise<void> {
    const deadly = () =>
      db
        .selectFrom('jobs')
        .select('id')
        .where(isOpen())
        .where('state', '=', 'running')
        .where('lease_until', '<=', now)
        .where(sql<boolean>`attempts - failures >= ${MOST_DEATHS}`)
        .execute();
    for (const { id } of await deadly()) {
      await change(async (within) => {
        const message = `The worker died ${MOST_DEATHS} times while it did this.`;
        const job = await within.tx
          .updateTable('jobs')
          .set({ state: 'dead', lease_until: null, last_error: message })
          .where('id', '=', id)
          .where('state', '=', 'running')
          .where('lease_until', '<=', now)
          .returning(['kind', 'subject'])
          .executeTakeFirst();
        if (job !== undefined) await giveUp(within, job, message);
      });
    }
  }
}

/** False when the lease is lost; then nothing of it is taken in. */
async function finishOne(within: Change, { job, thumbnail }: JobEnd): Promise<boolean> {
  const row = await within.tx
    .updateTable('jobs')
    .set({ state: 'done', lease_until: null, last_error: null })
    .where('id', '=', job.id)
    .where('fence', '=', job.fence)
    .where('state', '=', 'running')
    .returning('again')
    .executeTakeFirst();
  if (row === undefined) return false;
  if (thumbnail !== null) await settleThumbnail(within, thumbnail);
  if (row.again === 1) within.plan(job.kind, job.subject);
  return true;
}

/** What a job was about is open again; false when it is not there any more. */
async function revive(within: Change, { kind, subject }: Pick<Job, 'kind' | 'subject'>): Promise<boolean> {
  switch (kind) {
    case 'video':
      return reviveVideo(within, subject as VideoId);
    case 'animation':
      return reviveAnimation(within, subject as VideoId);
    case 'bulk':
      return reviveBulk(within, subject as BulkId);
    default:
      return true;
  }
}

/** What a dead job was about is told of it in the same transaction. */
async function giveUp(within: Change, job: Pick<Job, 'kind' | 'subject'>, message: string): Promise<void> {
  switch (job.kind) {
    case 'thumbnail':
      return settleThumbnail(within, { frameId: job.subject as FrameId, failed: message });
    case 'overlay':
      return failSidecar(within, job.subject as FrameId, message);
    case 'overlay-remake':
      // What is still pending stays so, and the dead job is shown; it goes on where it was when it is tried again.
      return;
    case 'bulk':
      await endBulk(within, job.subject as BulkId, 'failed', message);
      return;
    case 'segment':
      return failSegment(within, job.subject, message);
    case 'animation':
      return failAnimation(within, job.subject as VideoId, message);
    case 'video':
      return failVideo(within, job.subject as VideoId, message);
  }
}
