/**
 * Promise: every stored frame of a timelapse that asks for sidecars gets one, and one of what the timelapse shows now.
 * Invariants: only what was drawn of the present revision is noted; a frame without a note of the present revision is
 * pending. New frames have a job of their own; a new revision, or numbers that late frames have changed, have one job for
 * all, which goes on where a dead worker stopped.
 * When it fails: a frame stays pending until its job is done or dead, and a dead one says why.
 */
import type { FrameId, ResolvedOverlay, SidecarView, TimelapseId } from '@slowlight/protocol';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { FrameOverlayRecords } from '../ports-overlay.ts';
import { chunked, MOST_IDS } from './chunked.ts';
import type { Change, Database } from './database.ts';
import { PICTURE_COLUMNS, pictureOf } from './frames.ts';
import { overlayOf } from './overlay-rows.ts';
import { pageOf, readPageKey } from './page-key.ts';
import type { Tables } from './schema.ts';
import type { TimelapseOverlaysTable } from './schema-overlay.ts';

type Sidecars = Pick<FrameOverlayRecords, 'renumberSidecars' | 'sidecar' | 'sidecarsToMake' | 'sidecarsMade'>;
type Row = Selectable<TimelapseOverlaysTable>;

const MOST_NOTES_AT_ONCE = 500;

export function createSidecars({ db, change }: Database): Sidecars {
  return {
    renumberSidecars: (id) =>
      change(async (within) => {
        const query = within.tx.selectFrom('timelapse_overlays').selectAll().where('timelapse_id', '=', id);
        const row = await (within.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
        if (row === undefined || row.sidecars === 0) return null;
        const shown = await overlayOf(within.tx, row);
        if (shown !== null) await renumber(within, row, shown.overlay);
        return shown?.revision ?? null;
      }),

    async sidecar(frame): Promise<SidecarView | null> {
      const row = await db
        .selectFrom('frames')
        .innerJoin('timelapse_overlays as wanted', 'wanted.timelapse_id', 'frames.timelapse_id')
        .leftJoin('frame_overlays as made', 'made.frame_id', 'frames.id')
        .select(['wanted.revision as revision', 'made.revision as made', 'made.state', 'made.reason'])
        .where('frames.id', '=', frame)
        .where('wanted.sidecars', '=', 1)
        .executeTakeFirst();
      if (row === undefined) return null;
      const { revision, made, state, reason } = row;
      return made === revision && state !== null
        ? { state, reason, revision }
        : { state: 'pending', reason: null, revision };
    },

    async sidecarsToMake(id, revision, { after, limit }) {
      const row = await db
        .selectFrom('timelapse_overlays')
        .selectAll()
        .where('timelapse_id', '=', id)
        .executeTakeFirst();
      if (row === undefined || row.revision !== revision || row.sidecars === 0) return null;
      const key = readPageKey(after);
      let query = db
        .selectFrom('frames')
        .leftJoin('frame_overlays as made', 'made.frame_id', 'frames.id')
        .select([...PICTURE_COLUMNS, 'frames.at'])
        .where('frames.timelapse_id', '=', id)
        .where('frames.picture', '=', 'stored')
        .where((eb) => eb.or([eb('made.revision', 'is', null), eb('made.revision', '<', revision)]))
        .orderBy('frames.at')
        .orderBy('frames.id');
      if (key !== null)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('frames.at', 'frames.id'), '>', tuple(key.at, key.id as FrameId)),
        );
      const rows = await query.limit(limit + 1).execute();
      return pageOf(rows, { limit, keyOf: (one) => ({ at: one.at, id: one.id }), view: pictureOf });
    },

    sidecarsMade: (id, revision, made) =>
      change(async (within) => {
        const { tx, tell, dialect } = within;
        const query = tx.selectFrom('timelapse_overlays').selectAll().where('timelapse_id', '=', id);
        const row = await (dialect === 'postgres' ? query.forShare() : query).executeTakeFirst();
        if (row === undefined || row.revision !== revision) return false;
        for (const some of chunked(made, MOST_NOTES_AT_ONCE))
          await note(
            within,
            row,
            some.map(({ frameId, state, reason }) => ({ frame_id: frameId, state, reason })),
          );
        if (made.length === 1)
          for (const { frameId, state, reason } of made)
            tell(
              state === 'ready'
                ? { type: 'overlay.ready', body: { frameId, timelapseId: id } }
                : { type: 'overlay.failed', body: { frameId, timelapseId: id, fallback: true, reason: reason ?? '' } },
            );
        else {
          const { pending, ...done } = await countSidecars(tx, row);
          const count = done.ready + done.failed + done.fallback;
          tell({
            type: 'overlay.progressed',
            body: { timelapseId: id, revision, done: count, total: count + pending },
          });
        }
        return true;
      }),
  };
}

/** How many sidecars of the present revision there are, and how many are still to be drawn. */
export async function countSidecars(within: Kysely<Tables>, { timelapse_id, revision }: Row) {
  const rows = await within
    .selectFrom('frame_overlays')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .where('timelapse_id', '=', timelapse_id)
    .where('revision', '=', revision)
    .groupBy('state')
    .execute();
  const { frames } = await within
    .selectFrom('timelapses')
    .select('frames')
    .where('id', '=', timelapse_id)
    .executeTakeFirstOrThrow();
  const of = (state: string) => Number(rows.find((row) => row.state === state)?.count ?? 0);
  const done = { ready: of('ready'), failed: of('failed'), fallback: of('fallback') };
  return { ...done, pending: Math.max(0, frames - done.ready - done.failed - done.fallback) };
}

async function note(
  { tx }: Change,
  { timelapse_id, revision }: Row,
  made: readonly { frame_id: FrameId; state: 'ready' | 'failed' | 'fallback'; reason: string | null }[],
): Promise<void> {
  if (made.length === 0) return;
  await tx
    .insertInto('frame_overlays')
    .values(made.map((one) => ({ ...one, timelapse_id, revision })))
    .onConflict((conflict) =>
      conflict.column('frame_id').doUpdateSet((eb) => ({
        timelapse_id: eb.ref('excluded.timelapse_id'),
        revision: eb.ref('excluded.revision'),
        state: eb.ref('excluded.state'),
        reason: eb.ref('excluded.reason'),
      })),
    )
    .execute();
}

/** Late frames come in crowds: what they change is drawn again together, after this pause, ms. */
const PAUSE_MS = 60_000;

type Stored = { id: FrameId; timelapse_id: TimelapseId | null; at: number };

/**
 * Plans the sidecars of frames whose pictures have just been stored, where their timelapses ask for them. One that comes late
 * changes the numbers of those after it, which are drawn again after a pause.
 */
export async function planSidecars(within: Change, frames: readonly Stored[]): Promise<void> {
  for (const [id, ofTimelapse] of Map.groupBy(frames, (frame) => frame.timelapse_id)) {
    if (id === null) continue;
    const wanted = await within.tx
      .selectFrom('timelapse_overlays')
      .select('sidecars')
      .where('timelapse_id', '=', id)
      .executeTakeFirst();
    if (wanted?.sidecars !== 1) continue;
    // What comes in the same breath is not drawn yet, and has its number when it is.
    const together = ofTimelapse.map((frame) => frame.id);
    for (const frame of ofTimelapse) await planSidecar(within, { id, frame, together });
  }
}

async function planSidecar(
  { tx, plan, now }: Change,
  { id, frame, together }: { id: TimelapseId; frame: Stored; together: readonly FrameId[] },
): Promise<void> {
  const { at } = frame;
  plan('overlay', frame.id);
  const later = await tx
    .selectFrom('frames')
    .select('id')
    .where('timelapse_id', '=', id)
    .where('at', '>', at)
    .where('picture', '=', 'stored')
    .where('id', 'not in', together)
    .limit(1)
    .executeTakeFirst();
  if (later === undefined) return;
  await tx
    .updateTable('timelapse_overlays')
    .set({ renumber_from: sql<number>`case when renumber_from < ${at} then renumber_from else ${at} end` })
    .where('timelapse_id', '=', id)
    .execute();
  // Another pause is another job, so that one which is already at work is never taken for one that is still to come.
  plan('overlay-remake', `${id}.late${Math.floor(now / PAUSE_MS)}`, { inMs: 2 * PAUSE_MS - (now % PAUSE_MS) });
}

/** Frames have learned their weather after their pictures came: where an overlay shows it, they are drawn again together. */
export async function redrawSidecars(
  within: Change,
  frames: readonly { id: FrameId; timelapse_id: TimelapseId | null }[],
): Promise<void> {
  const { tx, plan, now } = within;
  for (const [id, ofTimelapse] of Map.groupBy(frames, (frame) => frame.timelapse_id)) {
    if (id === null) continue;
    const row = await tx
      .selectFrom('timelapse_overlays')
      .selectAll()
      .where('timelapse_id', '=', id)
      .where('sidecars', '=', 1)
      .executeTakeFirst();
    const shown = row === undefined ? null : await overlayOf(tx, row);
    if (shown === null || !showsWeather(shown.overlay)) continue;
    for (const some of chunked(ofTimelapse, MOST_IDS))
      await tx
        .updateTable('frame_overlays')
        .set({ revision: 0 })
        .where(
          'frame_id',
          'in',
          some.map((frame) => frame.id),
        )
        .execute();
    plan('overlay-remake', `${id}.late${Math.floor(now / PAUSE_MS)}`, { inMs: 2 * PAUSE_MS - (now % PAUSE_MS) });
  }
}

/** Makes the sidecars pending whose numbers late frames have changed, where numbers are shown at all. */
async function renumber({ tx }: Change, row: Row, overlay: ResolvedOverlay): Promise<void> {
  if (row.renumber_from === null) return;
  if (countsFrames(overlay))
    await tx
      .updateTable('frame_overlays')
      .set({ revision: 0 })
      .where('timelapse_id', '=', row.timelapse_id)
      .where('frame_id', 'in', (eb) =>
        eb
          .selectFrom('frames')
          .select('id')
          .where('timelapse_id', '=', row.timelapse_id)
          .where('at', '>', row.renumber_from),
      )
      .execute();
  await tx
    .updateTable('timelapse_overlays')
    .set({ renumber_from: null })
    .where('timelapse_id', '=', row.timelapse_id)
    .execute();
}

const countsFrames = ({ elements }: ResolvedOverlay): boolean =>
  elements.some((one) => one.kind === 'frame-number' || (one.kind === 'text' && /\{ *frame\b/.test(one.text)));

const showsWeather = ({ elements }: ResolvedOverlay): boolean =>
  elements.some(
    (one) =>
      one.kind === 'temperature' ||
      one.kind === 'conditions' ||
      one.kind === 'wind' ||
      (one.kind === 'text' && /\{ *(temperature|conditions|wind)\b/.test(one.text)),
  );

/** The job of a frame's sidecar is dead: not even a transparent picture could be left. */
export async function failSidecar(within: Change, frame: FrameId, reason: string): Promise<void> {
  const row = await within.tx
    .selectFrom('frames')
    .innerJoin('timelapse_overlays as wanted', 'wanted.timelapse_id', 'frames.timelapse_id')
    .selectAll('wanted')
    .where('frames.id', '=', frame)
    .where('wanted.sidecars', '=', 1)
    .executeTakeFirst();
  if (row === undefined) return;
  await note(within, row, [{ frame_id: frame, state: 'failed', reason }]);
  const { timelapse_id: timelapseId } = row;
  within.tell({ type: 'overlay.failed', body: { frameId: frame, timelapseId, fallback: false, reason } });
}
