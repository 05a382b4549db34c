/**
 * Promise: what people arrange about rules, and what came of them.
 * Invariants: a rule counts from when it was made, switched on or given another `when`: what had been passed by then makes no
 * film. Films outlive the rule that made them.
 */
import {
  newRuleId,
  type RuleId,
  type RuleInput,
  type RuleView,
  ruleInput,
  type TimelapseId,
} from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { Kysely, Selectable } from 'kysely';
import type { RuleRecords } from '../ports-automation.ts';
import { timelapseOf } from './choose-frames.ts';
import type { Database } from './database.ts';
import { filmView } from './film-view.ts';
import { fireRule } from './fire-rule.ts';
import { FILM_RANK } from './make-video.ts';
import { notFound } from './not-found.ts';
import { noteOwnChange, siteOfTimelapse } from './own-changes.ts';
import { pageOf, readPageKey } from './page-key.ts';
import { decideRule, nextMilestone, nextMoment } from './rule-decisions.ts';
import type { Tables } from './schema.ts';
import type { RulesTable } from './schema-automation.ts';

type Row = Selectable<RulesTable>;
/** A rule as people wrote it. */
type Content = Omit<RuleInput, 'enabled'>;

const MOST_RULES = 50;

const contentOf = (row: Row): Content => ruleInput.omit({ enabled: true }).parse(JSON.parse(row.content));

/** What has been passed when the rule begins to count; one that follows frames or the calendar takes what is there. */
const seenFrom = ({ when }: Pick<Content, 'when'>, frames: number): number => (when.kind === 'milestone' ? frames : -1);

export function createRules({ db, dialect, clock, change }: Database): RuleRecords {
  async function viewOf(on: Kysely<Tables>, row: Row): Promise<RuleView> {
    const content = contentOf(row);
    const zone = (await timelapseOf(on, row.timelapse_id))?.siteZone ?? 'UTC';
    const newest = await on
      .selectFrom('rule_occurrences')
      .innerJoin('videos', 'videos.id', 'rule_occurrences.video_id')
      .select('videos.id')
      .where('rule_occurrences.rule_id', '=', row.id)
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirst();
    const isOn = row.enabled === 1;
    return {
      ...content,
      id: row.id,
      timelapseId: row.timelapse_id,
      enabled: isOn,
      createdAt: row.created_at,
      nextDueAt: isOn ? nextMoment(content.when, zone, Math.max(row.seen_at, clock.now())) : null,
      nextFrames: isOn ? nextMilestone(content.when, row.seen_frames) : null,
      videoId: newest?.id ?? null,
      firedAt: row.fired_at,
    };
  }

  const find = (on: Kysely<Tables>, id: RuleId) =>
    on.selectFrom('rules').selectAll().where('id', '=', id).executeTakeFirst();

  async function givenTimelapse(on: Kysely<Tables>, id: TimelapseId) {
    const timelapse = await timelapseOf(on, id);
    if (timelapse === null) throw notFound('timelapse', id);
    return timelapse;
  }

  async function decide(on: Kysely<Tables>, row: Row) {
    const content = contentOf(row);
    const timelapse = await givenTimelapse(on, row.timelapse_id);
    const state = { seenAt: row.seen_at, seenFrames: row.seen_frames, firedAt: row.fired_at };
    const world = { now: clock.now(), frames: timelapse.frames, timeZone: timelapse.siteZone };
    return { content, timelapse, decision: decideRule(content.when, content.makes, state, world) };
  }

  /** Looked at without a lock: nearly always there is nothing to do. */
  const mayBeDue = async (row: Row) => (await decide(db, row)).decision.kind !== 'nothing';

  /** Decided again by whoever holds the row, so that the same occurrence is nobody else's. */
  function fireOne(id: RuleId): Promise<number> {
    return change(async (within) => {
      const { tx } = within;
      let query = tx.selectFrom('rules').selectAll().where('id', '=', id).where('enabled', '=', 1);
      if (dialect === 'postgres') query = query.forUpdate().skipLocked();
      const row = await query.executeTakeFirst();
      if (row === undefined) return 0;
      const { content, timelapse, decision } = await decide(tx, row);
      if (decision.kind === 'nothing') return 0;
      if (decision.kind === 'nothing-new') {
        await tx.updateTable('rules').set({ seen_at: within.now }).where('id', '=', id).execute();
        return 0;
      }
      const { due, after } = decision;
      const rank = FILM_RANK[content.when.kind];
      const fired = await fireRule(within, row, { content, timelapse, due, rank });
      if (fired.kind === 'busy') return 0;
      await tx
        .updateTable('rules')
        .set({ seen_at: after.seenAt, seen_frames: after.seenFrames, fired_at: after.firedAt })
        .where('id', '=', id)
        .execute();
      if (fired.kind !== 'made') return 0;
      await noteOwnChange(within, {
        actor: { kind: 'system', id, name: content.name },
        action: content.makes === 'grow' ? 'rule: a film grows' : 'rule: a film is made',
        subject: fired.videoId,
        siteId: await siteOfTimelapse(within, row.timelapse_id),
        before: null,
        after: { timelapseId: row.timelapse_id, occurrence: due.occurrence },
      });
      return 1;
    });
  }

  return {
    async rules(timelapse) {
      await givenTimelapse(db, timelapse);
      const rows = await db
        .selectFrom('rules')
        .selectAll()
        .where('timelapse_id', '=', timelapse)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return Promise.all(rows.map((row) => viewOf(db, row)));
    },

    async rule(id) {
      const row = await find(db, id);
      return row === undefined ? null : viewOf(db, row);
    },

    createRule: (timelapseId, { enabled, ...content }) =>
      change(async ({ tx, now, tell }) => {
        const { frames } = await givenTimelapse(tx, timelapseId);
        const { count } = await tx
          .selectFrom('rules')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('timelapse_id', '=', timelapseId)
          .executeTakeFirstOrThrow();
        if (Number(count) >= MOST_RULES) throw tooMany();
        const row = await tx
          .insertInto('rules')
          .values({
            id: newRuleId(),
            timelapse_id: timelapseId,
            enabled: enabled ? 1 : 0,
            content: JSON.stringify(content),
            created_at: now,
            seen_at: now,
            seen_frames: seenFrom(content, frames),
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        tell({ type: 'rule.changed', body: { ruleId: row.id, timelapseId, change: 'created' } });
        return viewOf(tx, row);
      }),

    changeRule: (id, { enabled, ...changed }) =>
      change(async ({ tx, now, tell }) => {
        const before = await find(tx, id);
        if (before === undefined) return null;
        const given = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
        const content: Content = { ...contentOf(before), ...given };
        const countsAnew = changed.when !== undefined || (enabled === true && before.enabled === 0);
        const { frames } = await givenTimelapse(tx, before.timelapse_id);
        const row = await tx
          .updateTable('rules')
          .set({
            content: JSON.stringify(content),
            ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
            ...(countsAnew ? { seen_at: now, seen_frames: seenFrom(content, frames) } : {}),
          })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return null;
        tell({ type: 'rule.changed', body: { ruleId: id, timelapseId: row.timelapse_id, change: 'changed' } });
        return viewOf(tx, row);
      }),

    deleteRule: (id) =>
      change(async ({ tx, tell }) => {
        const row = await tx.deleteFrom('rules').where('id', '=', id).returning('timelapse_id').executeTakeFirst();
        if (row === undefined) return false;
        tell({ type: 'rule.changed', body: { ruleId: id, timelapseId: row.timelapse_id, change: 'deleted' } });
        return true;
      }),

    async ruleOccurrences(id, { after, limit }) {
      const key = readPageKey(after);
      let query = db.selectFrom('rule_occurrences').selectAll().where('rule_id', '=', id).orderBy('number', 'desc');
      if (key !== null) query = query.where('number', '<', key.at);
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, {
        limit,
        keyOf: ({ number }) => ({ at: number, id: 'number' }),
        view: ({ number, occurrence, at, outcome, count, video_id: videoId, reason }) => ({
          ...{ number, occurrence, at, outcome, count, videoId, reason },
        }),
      });
    },

    runRule: (id) =>
      change(async (within) => {
        const row = await find(within.tx, id);
        if (row === undefined) return null;
        const timelapse = await givenTimelapse(within.tx, row.timelapse_id);
        const due = { occurrence: `hand:${row.runs + 1}`, at: within.now, milestone: null, passed: null };
        const fired = await fireRule(within, row, { content: contentOf(row), timelapse, due, rank: FILM_RANK.manual });
        if (fired.kind === 'busy') throw busy();
        if (fired.kind === 'skipped') throw fired.failure;
        const video = await within.tx
          .selectFrom('videos')
          .selectAll()
          .where('id', '=', fired.videoId)
          .executeTakeFirstOrThrow();
        return filmView(video, within.now);
      }),

    async fireRules() {
      const rows = await db.selectFrom('rules').selectAll().where('enabled', '=', 1).orderBy('id').execute();
      let fired = 0;
      // One commit each: a rule that cannot be followed keeps no other one from being.
      for (const row of rows) if (await mayBeDue(row)) fired += await fireOne(row.id);
      return fired;
    },
  };
}

const tooMany = () =>
  new Failure({
    code: 'rule.too-many',
    message: `This timelapse has ${MOST_RULES} rules already.`,
    hint: 'Delete one that is not needed any more.',
    retry: 'never',
  });
const busy = () =>
  new Failure({
    code: 'rule.busy',
    message: 'The film of this rule is being made already.',
    hint: 'Wait until it is ready, or cancel it, then try again.',
    retry: 'later',
  });
