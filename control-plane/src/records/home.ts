/** Brokers of users' houses. Their passwords are sealed before they come here. */
import { type CameraId, type HomeBrokerId, newHouseId } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { HomeBroker, HomeBrokerWrite, HomeRecords } from '../ports-home.ts';
import type { Database } from './database.ts';
import type { HomeBrokersTable } from './schema-home.ts';

const view = (row: Selectable<HomeBrokersTable>): HomeBroker => ({
  id: row.id,
  name: row.name,
  url: row.url,
  mqtt: row.mqtt,
  username: row.username,
  sealedPassword: row.sealed_password,
  ca: row.ca,
  discoveryPrefix: row.discovery_prefix,
  topicRoot: row.topic_root,
  enabled: row.enabled === 1,
  pictures: JSON.parse(row.pictures) as CameraId[],
  createdAt: row.created_at,
});

const columnsOf = (broker: HomeBrokerWrite) => ({
  name: broker.name,
  url: broker.url,
  mqtt: broker.mqtt,
  username: broker.username,
  sealed_password: broker.sealedPassword,
  ca: broker.ca,
  discovery_prefix: broker.discoveryPrefix,
  topic_root: broker.topicRoot,
  enabled: broker.enabled ? (1 as const) : (0 as const),
  pictures: JSON.stringify(broker.pictures),
});

export function createHomeRecords({ db, change }: Database): HomeRecords {
  const find = (id: HomeBrokerId) => db.selectFrom('home_brokers').selectAll().where('id', '=', id).executeTakeFirst();
  return {
    async houseId() {
      const known = await db.selectFrom('home_house').select('id').executeTakeFirst();
      if (known !== undefined) return known.id;
      return change(async ({ tx }) => {
        // Of two control planes that ask first at once, one wins, and both read what it wrote.
        await tx
          .insertInto('home_house')
          .values({ number: 1, id: newHouseId() })
          .onConflict((conflict) => conflict.column('number').doNothing())
          .execute();
        return (await tx.selectFrom('home_house').select('id').executeTakeFirstOrThrow()).id;
      });
    },

    async homeBrokers() {
      return (await db.selectFrom('home_brokers').selectAll().orderBy('created_at').orderBy('id').execute()).map(view);
    },

    async homeBroker(id) {
      const row = await find(id);
      return row === undefined ? null : view(row);
    },

    createHomeBroker: (id, broker) =>
      change(async ({ tx, now }) => {
        const row = { id, ...columnsOf(broker), created_at: now };
        await tx.insertInto('home_brokers').values(row).execute();
        return view(row);
      }),

    changeHomeBroker: (id, wanted) =>
      change(async ({ tx }) => {
        const before = await tx.selectFrom('home_brokers').selectAll().where('id', '=', id).executeTakeFirst();
        if (before === undefined) return null;
        const row = columnsOf({ ...view(before), ...wanted });
        await tx.updateTable('home_brokers').set(row).where('id', '=', id).execute();
        return view({ ...before, ...row });
      }),

    deleteHomeBroker: (id) =>
      change(async ({ tx }) => {
        const gone = await tx.deleteFrom('home_brokers').where('id', '=', id).returning('id').executeTakeFirst();
        return gone !== undefined;
      }),

    async waitingPictures(agent) {
      const rows = await db
        .selectFrom('frames')
        .select(({ fn }) => ['camera_id', fn.countAll<number>().as('count')])
        .where('agent_id', '=', agent)
        .where('picture', '=', 'at-edge')
        .groupBy('camera_id')
        .execute();
      return new Map(rows.map((row) => [row.camera_id, Number(row.count)]));
    },
  };
}
