import {
  type AgentId,
  type CameraId,
  newTimelapseId,
  nextSlot,
  resolveSchedule,
  type Schedule,
  type ScheduleInput,
  type TimelapseId,
  type TimelapseView,
} from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { PlaceRecords } from '../ports.ts';
import type { Change, Database } from './database.ts';
import { dayNumber } from './day-number.ts';
import { notFound } from './not-found.ts';
import { BY_ITSELF, noteOwnChange, siteOfTimelapse } from './own-changes.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { Tables, TimelapsesTable } from './schema.ts';
import { lockAgent, makeSettingsNewer } from './settings.ts';
import { timelapsesOfSites } from './site-of.ts';
import { nextDueOf } from './spans.ts';
import { placeOf } from './sun-schedules.ts';

type Timelapses = Pick<
  PlaceRecords,
  'timelapses' | 'timelapse' | 'startTimelapse' | 'changeTimelapse' | 'moveTimelapse' | 'completeDueTimelapses'
>;
type Row = Selectable<TimelapsesTable>;

/** A timelapse that plans nothing for so long is pointed out, ms. */
const SOON_MS = 7 * 86_400_000;

function view(row: Row, now: number, nextDueAt: number | null): TimelapseView {
  const schedule = JSON.parse(row.schedule) as Schedule;
  const begins = Math.max(row.started_at, schedule.startsAt ?? 0);
  const shown = Math.min(now, row.completed_at ?? now, schedule.endsAt ?? now);
  return {
    id: row.id,
    cameraId: row.camera_id,
    name: row.name,
    state: row.state,
    schedule,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    frames: row.frames,
    flagged: row.flagged,
    bytes: row.bytes,
    firstFrameAt: row.first_frame_at,
    lastFrameAt: row.last_frame_at,
    dayNumber: dayNumber(begins, shown, schedule.timeZone),
    nextDueAt,
    nothingPlanned: row.state === 'running' && plansNothing(schedule, now),
  };
}

/** By the wish, not by what the agent has in force: it is the wish that somebody can mend. */
const plansNothing = (schedule: Schedule, now: number): boolean =>
  nextSlot({ schedule, from: now, until: now + SOON_MS, firstAtOnce: false }, now) === null;

/** Recording campaigns, newest first: running ⇄ paused → completed, and never back from there. */
export function createTimelapses({ db, clock, change }: Database): Timelapses {
  async function views(within: Kysely<Tables>, rows: readonly Row[]): Promise<(row: Row) => TimelapseView> {
    const now = clock.now();
    const running = rows.filter((row) => row.state === 'running').map((row) => row.id);
    const nextDue = await nextDueOf(within, running, now);
    return (row) => view(row, now, nextDue.get(row.id) ?? null);
  }
  const viewOf = async (within: Kysely<Tables>, row: Row) => (await views(within, [row]))(row);

  /** The timelapse with its agent, which stays locked. */
  async function found(within: Change, id: TimelapseId): Promise<(Row & { agent_id: AgentId }) | null> {
    const owner = await within.tx
      .selectFrom('timelapses')
      .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
      .select('cameras.agent_id')
      .where('timelapses.id', '=', id)
      .executeTakeFirst();
    if (owner === undefined) return null;
    await lockAgent(within, owner.agent_id);
    const row = await within.tx.selectFrom('timelapses').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? null : { ...row, ...owner };
  }

  return {
    async timelapses({ after, limit, cameraId, sites }) {
      const key = readPageKey(after);
      let query = db.selectFrom('timelapses').selectAll().orderBy('started_at', 'desc').orderBy('id', 'desc');
      if (sites !== undefined) query = query.where('id', 'in', timelapsesOfSites(db, sites));
      if (cameraId !== undefined) query = query.where('camera_id', '=', cameraId);
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('started_at', 'id'), '<', tuple(key.at, key.id as TimelapseId)),
        );
      const rows = await query.limit(limit + 1).execute();
      const keyOf = (row: Row) => ({ at: row.started_at, id: row.id });
      return pageOf(rows, { limit, keyOf, view: await views(db, rows.slice(0, limit)) });
    },

    async timelapse(id) {
      const row = await db.selectFrom('timelapses').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : viewOf(db, row);
    },

    startTimelapse: (input) =>
      change(async (within) => {
        const { tx, now, tell } = within;
        const agent = await agentOfCamera(within, input.cameraId);
        const schedule = await resolve(within, agent, input.schedule, now);
        await makeSettingsNewer(within, agent);
        const row = await tx
          .insertInto('timelapses')
          .values({
            id: newTimelapseId(),
            camera_id: input.cameraId,
            name: input.name,
            state: 'running',
            schedule: JSON.stringify(schedule),
            ends_at: schedule.endsAt,
            started_at: now,
            frames: 0,
            flagged: 0,
            bytes: 0,
          })
          .onConflict((conflict) => conflict.column('camera_id').where(isActive).doNothing())
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw busy();
        tell({ type: 'timelapse.started', body: { timelapseId: row.id, cameraId: row.camera_id } });
        return viewOf(tx, row);
      }),

    changeTimelapse: (id, { name, schedule: asked }) =>
      change(async (within) => {
        const { tx, tell } = within;
        const before = await found(within, id);
        if (before === null) return null;
        const schedule =
          asked === undefined ? undefined : await resolve(within, before.agent_id, asked, before.started_at);
        await makeSettingsNewer(within, before.agent_id);
        const row = await tx
          .updateTable('timelapses')
          .set({
            ...(name === undefined ? {} : { name }),
            ...(schedule === undefined ? {} : { schedule: JSON.stringify(schedule), ends_at: schedule.endsAt }),
            camera_id: before.camera_id,
          })
          .where('id', '=', id)
          .where('state', '!=', 'completed')
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw completed();
        tell({ type: 'timelapse.changed', body: { timelapseId: id, cameraId: row.camera_id } });
        return viewOf(tx, row);
      }),

    moveTimelapse: (id, to) =>
      change(async (within) => {
        const { tx, now } = within;
        const before = await found(within, id);
        if (before === null) return null;
        if (before.state === to) return viewOf(tx, before);
        if (before.state === 'completed') throw completed();
        await makeSettingsNewer(within, before.agent_id);
        const row = await tx
          .updateTable('timelapses')
          .set({ state: to, completed_at: to === 'completed' ? now : null })
          .where('id', '=', id)
          .where('state', '!=', 'completed')
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw completed();
        const body = { timelapseId: id, cameraId: row.camera_id };
        if (to === 'running') within.tell({ type: 'timelapse.resumed', body });
        else if (to === 'paused') within.tell({ type: 'timelapse.paused', body });
        else within.tell({ type: 'timelapse.completed', body });
        return viewOf(tx, row);
      }),

    async completeDueTimelapses() {
      const due = (within: Kysely<Tables>, now: number) =>
        within
          .selectFrom('timelapses')
          .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
          .select(['timelapses.id', 'timelapses.camera_id', 'timelapses.state', 'cameras.agent_id'])
          .where('timelapses.state', 'in', ['running', 'paused'])
          .where('timelapses.ends_at', '<=', now)
          .orderBy('timelapses.id')
          .execute();
      // Nearly always there is none, and then nothing is locked or written.
      if ((await due(db, clock.now())).length === 0) return [];
      return change(async (within) => {
        const { tx, now, tell } = within;
        const ended: TimelapseId[] = [];
        for (const { id, camera_id, agent_id, state } of await due(tx, now)) {
          await lockAgent(within, agent_id);
          const row = await tx
            .updateTable('timelapses')
            .set({ state: 'completed', completed_at: now })
            .where('id', '=', id)
            .where('state', '!=', 'completed')
            .where('ends_at', '<=', now)
            .returning('id')
            .executeTakeFirst();
          if (row === undefined) continue;
          await makeSettingsNewer(within, agent_id);
          await noteOwnChange(within, {
            actor: BY_ITSELF,
            action: 'timelapse: its end is reached',
            subject: id,
            siteId: await siteOfTimelapse(within, id),
            before: { state },
            after: { state: 'completed' },
          });
          tell({ type: 'timelapse.completed', body: { timelapseId: id, cameraId: camera_id } });
          ended.push(id);
        }
        return ended;
      });
    },
  };
}

/** With the place of the agent's site, and the moment of its end. */
async function resolve(within: Change, agent: AgentId, asked: ScheduleInput, startedAt: number): Promise<Schedule> {
  const site = await within.tx
    .selectFrom('agents')
    .innerJoin('sites', 'sites.id', 'agents.site_id')
    .select(['sites.latitude', 'sites.longitude'])
    .where('agents.id', '=', agent)
    .executeTakeFirst();
  const resolved = resolveSchedule(asked, { place: placeOf(site), startedAt });
  if (resolved.kind === 'place-needed') throw placeNeeded();
  return resolved.schedule;
}

/** Written out as the index `timelapses_one_active` says it: an engine finds the index by its words. */
const isActive = () => sql<boolean>`state in ('running', 'paused')`;

/** The agent of a camera, locked; only then is it certain that the camera is still there. */
async function agentOfCamera(within: Change, camera: CameraId): Promise<AgentId> {
  const find = () =>
    within.tx
      .selectFrom('cameras')
      .select('agent_id')
      .where('id', '=', camera)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
  const row = await find();
  if (row !== undefined) await lockAgent(within, row.agent_id);
  if (row === undefined || (await find()) === undefined) throw notFound('camera', camera);
  return row.agent_id;
}

const busy = () =>
  new Failure({
    code: 'camera.busy',
    message: 'This camera already has a timelapse that runs or is paused.',
    hint: 'Complete the one that it has, then start another.',
    retry: 'never',
  });
const placeNeeded = () =>
  new Failure({
    code: 'request.place-needed',
    message: 'This schedule follows the sun, and nobody has said where its site lies.',
    hint: 'Give the site its latitude and longitude, then try again.',
    retry: 'never',
  });
const completed = () =>
  new Failure({
    code: 'timelapse.completed',
    message: 'This timelapse is completed and cannot be changed any more.',
    hint: 'Start a new timelapse on its camera.',
    retry: 'never',
  });
