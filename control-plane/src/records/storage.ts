import type { AgentId, StorageClass } from '@slowlight/protocol';
import { sql } from 'kysely';
import type { StorageRecords } from '../ports-storage.ts';
import type { Database } from './database.ts';

const DAY_MS = 86_400_000;

/** From counters and short lists: no frame is looked at, however many there are. */
export function createStorage({ db }: Database): StorageRecords {
  const sized = () =>
    [sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size_bytes), 0)`.as('bytes')] as const;
  return {
    async storage() {
      const [pictures, films, pieces, assets, running] = await Promise.all([
        db.selectFrom('totals').select(['frames as count', 'bytes']).executeTakeFirstOrThrow(),
        db.selectFrom('videos').select(sized()).where('state', '=', 'ready').executeTakeFirstOrThrow(),
        db.selectFrom('segments').select(sized()).where('state', '=', 'ready').executeTakeFirstOrThrow(),
        db.selectFrom('assets').select(sized()).executeTakeFirstOrThrow(),
        db
          .selectFrom('timelapses')
          .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
          .select(['cameras.agent_id', 'timelapses.frames', 'timelapses.bytes'])
          .select(['timelapses.first_frame_at', 'timelapses.last_frame_at'])
          .where('timelapses.state', '=', 'running')
          .execute(),
      ]);
      const counted = { pictures, films, pieces, assets } satisfies Record<StorageClass, unknown>;
      const perAgent = new Map<AgentId, number>();
      for (const { agent_id, frames, bytes, first_frame_at, last_frame_at } of running) {
        const perDay = bytesPerDay({ frames, bytes, firstAt: first_frame_at, lastAt: last_frame_at });
        if (perDay !== null) perAgent.set(agent_id, (perAgent.get(agent_id) ?? 0) + perDay);
      }
      return {
        classes: Object.entries(counted).map(([what, { count, bytes }]) => ({
          what: what as StorageClass,
          count: Number(count),
          bytes: Number(bytes),
        })),
        growth: [...perAgent].map(([agentId, perDay]) => ({ agentId, bytesPerDay: perDay })),
      };
    },
  };
}

/**
 * How much a timelapse takes a day: each picture but the last fills the time to the next one. Pure.
 * @returns null where there are not two pictures at different times
 */
export function bytesPerDay(of: {
  frames: number;
  bytes: number;
  firstAt: number | null;
  lastAt: number | null;
}): number | null {
  const { frames, bytes, firstAt, lastAt } = of;
  if (firstAt === null || lastAt === null || frames < 2 || lastAt <= firstAt) return null;
  return ((bytes * (frames - 1)) / frames / (lastAt - firstAt)) * DAY_MS;
}
