/** Where alarms are told, and what is still to be told there. Secrets are sealed before they come here. */
import { type ChannelId, type DeliveryId, type DeliveryView, newDeliveryId } from '@slowlight/protocol';
import { type Selectable, sql } from 'kysely';
import type { AlarmMessage, Channel, ChannelCounts, ChannelRecords, ChannelWrite, Delivery } from '../ports-alarms.ts';
import type { Change, Database } from './database.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { ChannelsTable, DeliveriesTable } from './schema-alarms.ts';

const view = (row: Selectable<ChannelsTable>): Channel => ({
  id: row.id,
  name: row.name,
  enabled: row.enabled === 1,
  target: JSON.parse(row.target) as Channel['target'],
  sealedSecret: row.sealed_secret,
  siteIds: row.site_ids === null ? null : (JSON.parse(row.site_ids) as Channel['siteIds']),
  kinds: row.kinds === null ? null : (JSON.parse(row.kinds) as Channel['kinds']),
  leastSeverity: row.least_severity,
  digest: row.digest,
  digestHour: row.digest_hour,
  createdAt: row.created_at,
});

const columnsOf = (channel: ChannelWrite) => ({
  name: channel.name,
  enabled: channel.enabled ? (1 as const) : (0 as const),
  target: JSON.stringify(channel.target),
  sealed_secret: channel.sealedSecret,
  site_ids: channel.siteIds === null ? null : JSON.stringify(channel.siteIds),
  kinds: channel.kinds === null ? null : JSON.stringify(channel.kinds),
  least_severity: channel.leastSeverity,
  digest: channel.digest,
  digest_hour: channel.digestHour,
});

const deliveryOf = (row: Omit<Selectable<DeliveriesTable>, 'content' | 'about' | 'number'>): DeliveryView => ({
  id: row.id,
  channelId: row.channel_id,
  title: row.title,
  state: row.state,
  attempts: row.attempts,
  dueAt: row.due_at,
  lastError: row.last_error,
  createdAt: row.created_at,
  endedAt: row.ended_at,
});

/** Each message is told once to its channel; a channel that is gone is told nothing. */
export async function insertMessages({ tx, now }: Change, messages: readonly AlarmMessage[]): Promise<number> {
  let made = 0;
  for (const { channelId, about, title, content } of messages) {
    const there = await tx.selectFrom('channels').select('id').where('id', '=', channelId).executeTakeFirst();
    if (there === undefined) continue;
    const row = await tx
      .insertInto('deliveries')
      .values({
        id: newDeliveryId(),
        channel_id: channelId,
        about,
        title,
        content,
        state: 'waiting',
        attempts: 0,
        due_at: now,
        created_at: now,
      })
      .onConflict((conflict) => conflict.columns(['channel_id', 'about']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (row !== undefined) made += 1;
  }
  return made;
}

export function createChannels({ db, change, clock }: Database): ChannelRecords {
  const find = (id: ChannelId) => db.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst();
  const waiting = () =>
    db
      .selectFrom('deliveries')
      .innerJoin('channels', 'channels.id', 'deliveries.channel_id')
      // Written out, so that an engine sees that the index fits.
      .where('deliveries.state', '=', sql.lit('waiting' as const))
      .where('channels.enabled', '=', 1);
  return {
    async channels() {
      return (await db.selectFrom('channels').selectAll().orderBy('created_at').orderBy('id').execute()).map(view);
    },
    async channel(id) {
      const row = await find(id);
      return row === undefined ? null : view(row);
    },
    async channelCounts() {
      const rows = await db
        .selectFrom('deliveries')
        .select(['channel_id', 'state'])
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('ended_at').as('ended')])
        .groupBy(['channel_id', 'state'])
        .execute();
      const errors = await db
        .selectFrom('deliveries')
        .select(['channel_id', 'last_error'])
        .where('last_error', 'is not', null)
        .where('state', '<>', 'sent')
        .orderBy('number')
        .execute();
      const counts = new Map<ChannelId, ChannelCounts>();
      const of = (id: ChannelId) => {
        const known = counts.get(id) ?? { waiting: 0, dead: 0, lastSentAt: null, lastError: null };
        counts.set(id, known);
        return known;
      };
      for (const row of rows) {
        const known = of(row.channel_id);
        if (row.state === 'sent') known.lastSentAt = row.ended === null ? null : Number(row.ended);
        else known[row.state] = Number(row.count);
      }
      for (const row of errors) of(row.channel_id).lastError = row.last_error;
      return counts;
    },
    createChannel: (id, channel) =>
      change(async ({ tx, now }) => {
        const row = { id, ...columnsOf(channel), created_at: now };
        await tx.insertInto('channels').values(row).execute();
        return view(row);
      }),
    changeChannel: (id, wanted) =>
      change(async ({ tx }) => {
        const before = await tx.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst();
        if (before === undefined) return null;
        const row = columnsOf({ ...view(before), ...wanted });
        await tx.updateTable('channels').set(row).where('id', '=', id).execute();
        return view({ ...before, ...row });
      }),
    deleteChannel: (id) =>
      change(async ({ tx }) => {
        await tx.deleteFrom('deliveries').where('channel_id', '=', id).execute();
        return (await tx.deleteFrom('channels').where('id', '=', id).returning('id').executeTakeFirst()) !== undefined;
      }),

    addDeliveries: (messages) => change((within) => insertMessages(within, messages)),
    async dueDeliveries(channel, limit) {
      const rows = await waiting()
        .selectAll('deliveries')
        .where('deliveries.channel_id', '=', channel)
        .where('due_at', '<=', clock.now())
        .orderBy('deliveries.number')
        .limit(limit)
        .execute();
      return rows.map((row): Delivery => ({ ...deliveryOf(row), about: row.about, content: row.content }));
    },
    async nextDelivery() {
      const row = await waiting()
        .select(({ fn }) => fn.min('due_at').as('due'))
        .executeTakeFirst();
      return row?.due == null ? null : Number(row.due);
    },
    takeDelivery: ({ id, dueAt }, until) =>
      change(async ({ tx }) => {
        const taken = await tx
          .updateTable('deliveries')
          .set(({ eb }) => ({ due_at: until, attempts: eb('attempts', '+', 1) }))
          .where('id', '=', id)
          .where('state', '=', 'waiting')
          .where('due_at', '=', dueAt)
          .returning('id')
          .executeTakeFirst();
        return taken !== undefined;
      }),
    endDelivery: (id, end) =>
      change(async ({ tx, now: at }) => {
        await tx
          .updateTable('deliveries')
          .set(
            end.state === 'waiting'
              ? { due_at: end.dueAt, last_error: end.error }
              : { state: end.state, ended_at: at, last_error: end.state === 'sent' ? null : end.error },
          )
          .where('id', '=', id)
          .where('state', '=', 'waiting')
          .execute();
      }),
    async deliveries({ state, channelId, after, limit }) {
      const key = readPageKey(after);
      let query = db.selectFrom('deliveries').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
      if (state !== undefined) query = query.where('state', '=', state);
      if (channelId !== undefined) query = query.where('channel_id', '=', channelId);
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '<', tuple(key.at, key.id as DeliveryId)),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (row) => ({ at: row.created_at, id: row.id }), view: deliveryOf });
    },
    retryDelivery: (id) =>
      change(async ({ tx, now: at }) => {
        const again = await tx
          .updateTable('deliveries')
          .set({ state: 'waiting', due_at: at, attempts: 0, ended_at: null })
          .where('id', '=', id)
          .where('state', '=', 'dead')
          .returning('id')
          .executeTakeFirst();
        return again !== undefined;
      }),
  };
}
