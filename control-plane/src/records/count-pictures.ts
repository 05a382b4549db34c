/** What is counted of pictures in the store: for a timelapse, a camera, the house. */
import { type Selectable, sql } from 'kysely';
import type { Change } from './database.ts';
import type { FramesTable } from './schema.ts';

type New = Pick<Selectable<FramesTable>, 'id' | 'timelapse_id' | 'camera_id' | 'flagged' | 'size_bytes' | 'at'>;

/** Pictures are in the store now that were not: each timelapse and camera is written once, however many there are. */
export async function countPictures({ tx }: Change, rows: readonly New[]): Promise<void> {
  if (rows.length === 0) return;
  const sum = (some: readonly New[], of: (row: New) => number) => some.reduce((all, row) => all + of(row), 0);
  for (const [id, some] of inOrder(Map.groupBy(rows, (row) => row.timelapse_id))) {
    if (id === null) continue;
    const first = some.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
    const last = some.reduce((most, { at }) => Math.max(most, at), Number.NEGATIVE_INFINITY);
    await tx
      .updateTable('timelapses')
      .set((eb) => ({
        frames: eb('frames', '+', some.length),
        flagged: eb(
          'flagged',
          '+',
          sum(some, (row) => row.flagged),
        ),
        bytes: eb(
          'bytes',
          '+',
          sum(some, (row) => row.size_bytes),
        ),
        first_frame_at: sql<number>`case when first_frame_at <= ${first} then first_frame_at else ${first} end`,
        last_frame_at: sql<number>`case when last_frame_at >= ${last} then last_frame_at else ${last} end`,
      }))
      .where('id', '=', id)
      .execute();
  }
  for (const [id, some] of inOrder(Map.groupBy(rows, (row) => row.camera_id))) {
    const newest = some.reduce((a, b) => (b.at > a.at || (b.at === a.at && b.id > a.id) ? b : a));
    await tx
      .updateTable('cameras')
      .set({ newest_frame_id: newest.id, newest_at: newest.at })
      .where('id', '=', id)
      .where((eb) =>
        eb.or([
          eb('newest_at', 'is', null),
          eb('newest_at', '<', newest.at),
          eb.and([eb('newest_at', '=', newest.at), eb('newest_frame_id', '<', newest.id)]),
        ]),
      )
      .execute();
  }
  await tx
    .updateTable('totals')
    .set((eb) => ({
      frames: eb('frames', '+', rows.length),
      bytes: eb(
        'bytes',
        '+',
        sum(rows, (row) => row.size_bytes),
      ),
    }))
    .execute();
}

/** Always in one order, so that two who count at the same time never wait for each other in a ring. */
const inOrder = <Id extends string | null, Row>(groups: ReadonlyMap<Id, Row[]>): [Id, Row[]][] =>
  [...groups].sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1));

type Counted = Pick<Selectable<FramesTable>, 'id' | 'timelapse_id' | 'camera_id' | 'flagged' | 'size_bytes'>;

/** Pictures that were in the store are not any more; to be called when their rows no longer say so. */
export async function uncountPictures({ tx }: Change, gone: readonly Counted[]): Promise<void> {
  const bytesOf = (rows: readonly Counted[]) => rows.reduce((sum, row) => sum + row.size_bytes, 0);
  for (const [id, rows] of Map.groupBy(gone, (row) => row.timelapse_id)) {
    if (id === null) continue;
    const edge = (order: 'asc' | 'desc') =>
      tx
        .selectFrom('frames')
        .select('at')
        .where('timelapse_id', '=', id)
        .where('picture', '=', 'stored')
        .orderBy('at', order)
        .limit(1);
    await tx
      .updateTable('timelapses')
      .set((eb) => ({
        frames: eb('frames', '-', rows.length),
        flagged: eb('flagged', '-', rows.filter((row) => row.flagged === 1).length),
        bytes: eb('bytes', '-', bytesOf(rows)),
        first_frame_at: edge('asc'),
        last_frame_at: edge('desc'),
      }))
      .where('id', '=', id)
      .execute();
  }
  for (const camera of new Set(gone.map((row) => row.camera_id))) {
    const newest = await tx
      .selectFrom('frames')
      .select(['id', 'at'])
      .where('camera_id', '=', camera)
      .where('picture', '=', 'stored')
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    await tx
      .updateTable('cameras')
      .set({ newest_frame_id: newest?.id ?? null, newest_at: newest?.at ?? null })
      .where('id', '=', camera)
      .execute();
  }
  await tx
    .updateTable('totals')
    .set((eb) => ({ frames: eb('frames', '-', gone.length), bytes: eb('bytes', '-', bytesOf(gone)) }))
    .execute();
}
