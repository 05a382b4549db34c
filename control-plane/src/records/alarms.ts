/**
 * Alarms. Invariant: of a key (what, and of whom) one alarm is open at most; each move is guarded by the state that it
 * leaves, and its messages and its entry in the feed are in the same commit.
 */
import type { AlarmView, SiteId } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { AlarmMove, AlarmRecords, KeptAlarm, NewAlarm } from '../ports-alarms.ts';
import { insertMessages } from './channels.ts';
import type { Change, Database } from './database.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { AlarmsTable } from './schema-alarms.ts';

type Alarms = Omit<
  AlarmRecords,
  'alarmScene' | 'newestVerdicts' | 'flaggedShare' | 'bestFrame' | 'noteFreeSpace' | 'freeSpaces'
>;
type Row = Selectable<AlarmsTable>;

const view = (row: Row): KeptAlarm => ({
  id: row.id,
  key: row.key,
  kind: row.kind,
  severity: row.severity,
  subject: row.subject,
  name: row.name,
  siteId: row.site_id,
  detail: JSON.parse(row.detail) as AlarmView['detail'],
  firstSeenAt: row.first_seen_at,
  raisedAt: row.raised_at,
  told: row.told,
  toldAt: row.told_at ?? row.raised_at ?? row.first_seen_at,
  clearedAt: row.cleared_at,
  silencedUntil: row.silenced_until,
  acknowledgedAt: row.acknowledged_at,
  acknowledgedBy: row.acknowledged_by,
});

const columnsOf = ({ firstSeenAt, siteId, detail, ...alarm }: NewAlarm) => ({
  ...alarm,
  site_id: siteId,
  detail: JSON.stringify(detail),
  first_seen_at: firstSeenAt,
});

export function createAlarms({ db, change, clock }: Database): Alarms {
  return {
    async alarmRules(scope) {
      const row = await db.selectFrom('alarm_rules').select('content').where('scope', '=', scope).executeTakeFirst();
      return row === undefined ? {} : JSON.parse(row.content);
    },

    setAlarmRules: (scope, rules) =>
      change(async ({ tx }) => {
        const content = JSON.stringify(rules);
        await tx
          .insertInto('alarm_rules')
          .values({ scope, content })
          .onConflict((conflict) => conflict.column('scope').doUpdateSet({ content }))
          .execute();
      }),

    async allAlarmRules() {
      const rows = await db.selectFrom('alarm_rules').selectAll().execute();
      return new Map(
        rows.map(({ scope, content }): [SiteId | 'house', never] => [scope, JSON.parse(content) as never]),
      );
    },

    async keptAlarms() {
      const rows = await db.selectFrom('alarms').selectAll().where('cleared_at', 'is', null).orderBy('key').execute();
      return rows.map(view);
    },

    async alarms({ state, siteId, kind, sites, after, limit }) {
      const key = readPageKey(after);
      let query = db
        .selectFrom('alarms')
        .selectAll()
        .where('raised_at', 'is not', null)
        .orderBy('raised_at', 'desc')
        .orderBy('id', 'desc');
      if (state === 'open') query = query.where('cleared_at', 'is', null);
      if (state === 'cleared') query = query.where('cleared_at', 'is not', null);
      if (siteId !== undefined) query = query.where('site_id', '=', siteId);
      if (kind !== undefined) query = query.where('kind', '=', kind);
      if (sites !== undefined) query = query.where('site_id', 'in', sites.length === 0 ? ['' as SiteId] : [...sites]);
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('raised_at', 'id'), '<', tuple(key.at, key.id as Row['id'])),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (row) => ({ at: row.raised_at ?? 0, id: row.id }), view });
    },

    async alarm(id) {
      const row = await db.selectFrom('alarms').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined || row.raised_at === null ? null : view(row);
    },

    async alarmsBetween(site, from, to) {
      const rows = await db
        .selectFrom('alarms')
        .selectAll()
        .where('site_id', '=', site)
        .where('raised_at', '<', to)
        .where(({ or, eb }) => or([eb('cleared_at', 'is', null), eb('cleared_at', '>=', from)]))
        .orderBy('raised_at')
        .orderBy('id')
        .limit(100)
        .execute();
      return rows.map(view);
    },

    moveAlarms: (moves) =>
      change(async (within) => {
        for (const move of moves) await apply(within, move);
      }),

    changeAlarm: (id, { acknowledged, silencedUntil }, by) =>
      change(async ({ tx, now, tell }) => {
        const row = await tx
          .updateTable('alarms')
          .set({
            ...(acknowledged === true && { acknowledged_at: now, acknowledged_by: by }),
            ...(acknowledged === false && { acknowledged_at: null, acknowledged_by: null }),
            ...(silencedUntil !== undefined && { silenced_until: silencedUntil }),
            // So that there is always something to set.
            id,
          })
          .where('id', '=', id)
          .where('raised_at', 'is not', null)
          .where('cleared_at', 'is', null)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return null;
        tell({ type: 'alarm.changed', body: { alarmId: id, siteId: row.site_id } });
        return view(row);
      }),

    forgetAlarms: (before) =>
      change(async ({ tx }) => {
        await tx.deleteFrom('alarms').where('cleared_at', '<', before.alarms).execute();
        await tx.deleteFrom('deliveries').where('ended_at', '<', before.deliveries).execute();
      }),
  };

  async function apply(within: Change, move: AlarmMove): Promise<void> {
    const { tx } = within;
    switch (move.do) {
      case 'wait':
        await insert(within, move, null);
        return;
      case 'raise':
        await raise(within, move);
        return;
      case 'update':
        await tx
          .updateTable('alarms')
          .set({ name: move.alarm.name, site_id: move.alarm.siteId, detail: JSON.stringify(move.alarm.detail) })
          .where('id', '=', move.id)
          .where('cleared_at', 'is', null)
          .execute();
        return;
      case 'repeat': {
        const moved = await tx
          .updateTable('alarms')
          .set({ told: move.toldBefore + 1, told_at: within.now, detail: JSON.stringify(move.alarm.detail) })
          .where('id', '=', move.id)
          .where('told', '=', move.toldBefore)
          .where('cleared_at', 'is', null)
          .returning('id')
          .executeTakeFirst();
        if (moved !== undefined) await insertMessages(within, move.messages);
        return;
      }
      case 'clear':
        await clear(within, move);
        return;
      case 'forget':
        await tx.deleteFrom('alarms').where('id', '=', move.id).where('raised_at', 'is', null).execute();
    }
  }

  async function insert({ tx }: Change, { id, alarm }: { id: Row['id']; alarm: NewAlarm }, raisedAt: number | null) {
    // A silence outlives the alarm, so that one which comes and goes stays silent.
    const silence = await tx
      .selectFrom('alarms')
      .select(({ fn }) => fn.max('silenced_until').as('until'))
      .where('key', '=', alarm.key)
      .where('cleared_at', 'is not', null)
      .executeTakeFirst();
    const until = silence?.until == null ? null : Number(silence.until);
    const row = {
      id,
      ...columnsOf(alarm),
      raised_at: raisedAt,
      told: raisedAt === null ? 0 : 1,
      told_at: raisedAt,
      silenced_until: until !== null && until > clock.now() ? until : null,
    };
    return tx
      .insertInto('alarms')
      .values(row)
      .onConflict((conflict) => conflict.column('key').where('cleared_at', 'is', null).doNothing())
      .returning('silenced_until')
      .executeTakeFirst();
  }

  async function raise(within: Change, move: Extract<AlarmMove, { do: 'raise' }>): Promise<void> {
    const { tx, now, tell } = within;
    const { id, alarm } = move;
    const raised = move.isNew
      ? await insert(within, move, now)
      : await tx
          .updateTable('alarms')
          .set({ ...columnsOf(alarm), raised_at: now, told: 1, told_at: now })
          .where('id', '=', id)
          .where('raised_at', 'is', null)
          .returning('silenced_until')
          .executeTakeFirst();
    if (raised === undefined) return;
    if (raised.silenced_until === null || raised.silenced_until <= now) await insertMessages(within, move.messages);
    const { kind, severity, siteId, subject, name } = alarm;
    tell({ type: 'alarm.raised', body: { alarmId: id, kind, severity, siteId, subject, name } });
  }

  async function clear(within: Change, move: Extract<AlarmMove, { do: 'clear' }>): Promise<void> {
    const { tx, now, tell } = within;
    const row = await tx
      .updateTable('alarms')
      .set({ cleared_at: now })
      .where('id', '=', move.id)
      .where('cleared_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return;
    await insertMessages(within, move.messages);
    const { id: alarmId, kind, site_id: siteId, subject, name, raised_at: raisedAt } = row;
    const lastedMs = Math.max(0, now - (raisedAt ?? now));
    tell({ type: 'alarm.cleared', body: { alarmId, kind, siteId, subject, name, lastedMs } });
  }
}
