/** One occurrence of a rule: its film and its line, in the transaction of whoever decided it. */
import type { RuleInput, VideoId, VideoInput } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { Selectable } from 'kysely';
import { countFrames, type GivenTimelapse } from './choose-frames.ts';
import type { Change } from './database.ts';
import { localDate } from './day-number.ts';
import { insertRows } from './insert-rows.ts';
import { filmName, makeVideo, tooFew } from './make-video.ts';
import { coveredTime, type DueOccurrence } from './rule-decisions.ts';
import type { RuleOccurrencesTable, RulesTable } from './schema-automation.ts';
import { remakeVideo, UNFINISHED } from './video-steps.ts';

type Row = Selectable<RulesTable>;

/** `busy`: the film that it lets grow is being made, so it is looked at again later; nothing is written. */
export type Fired = { kind: 'made'; videoId: VideoId } | { kind: 'skipped'; failure: Failure } | { kind: 'busy' };

export interface Occasion {
  content: Omit<RuleInput, 'enabled'>;
  timelapse: GivenTimelapse;
  due: DueOccurrence;
  /** Which films go before its film: `FILM_RANK`. */
  rank: number;
}

const KEPT_OCCURRENCES = 1000;
/** Why a rule has no film to make; anything else is a fault, and is tried again. */
const EXPECTED = new Set(['video.too-few-frames', 'request.place-needed']);

export async function fireRule(within: Change, row: Row, occasion: Occasion): Promise<Fired> {
  const { content, due } = occasion;
  const growing = content.makes === 'grow' ? await growingFilmOf(within, row) : undefined;
  if (growing !== undefined && UNFINISHED.some((state) => state === growing.state)) return { kind: 'busy' };
  const input = await inputOf(within, row, occasion);
  const fault = await whyNoFilm(within, input, occasion.timelapse);
  if (fault !== null) {
    await note(within, row, due, { outcome: 'skipped', videoId: null, reason: fault.message });
    const body = { ruleId: row.id, timelapseId: row.timelapse_id, occurrence: due.occurrence, reason: fault.message };
    within.tell({ type: 'rule.skipped', body });
    return { kind: 'skipped', failure: fault };
  }
  const videoId =
    growing === undefined
      ? (await makeVideo(within, input, { timelapse: occasion.timelapse, rank: occasion.rank, rule: row.id })).id
      : await grow(within, growing.id, input, occasion.rank);
  await note(within, row, due, { outcome: 'made', videoId, reason: null });
  const body = { ruleId: row.id, timelapseId: row.timelapse_id, occurrence: due.occurrence, videoId };
  within.tell({ type: 'rule.fired', body });
  return { kind: 'made', videoId };
}

/** The film that the rule lets grow; on PostgreSQL nobody else begins to make it before the commit. */
async function growingFilmOf({ tx, dialect }: Change, row: Row) {
  let query = tx.selectFrom('videos').select(['id', 'state']).where('rule_id', '=', row.id).where('grows', '=', 1);
  if (dialect === 'postgres') query = query.forUpdate();
  return query.orderBy('created_at', 'desc').limit(1).executeTakeFirst();
}

async function inputOf(within: Change, row: Row, { content, timelapse, due }: Occasion): Promise<VideoInput> {
  const grows = content.makes === 'grow';
  const covered = coveredTime(content.covers, due.at, timelapse.siteZone);
  // A milestone shows the frames up to it, also when more have come since.
  const until = due.milestone === null || grows ? null : await afterFrame(within, row, due.milestone);
  const to = covered.to === null ? until : Math.min(covered.to, until ?? covered.to);
  const about =
    due.milestone === null ? localDate(covered.from ?? due.at, timelapse.siteZone) : `${due.milestone} frames`;
  const name = filmName(timelapse.name, `· ${grows ? content.name : about}`.slice(0, 100));
  return { ...content.film, timelapseId: row.timelapse_id, name, from: covered.from, to, grows };
}

/** Just behind the n-th stored frame in the order of the slots; null where there are not so many any more. */
async function afterFrame({ tx }: Change, row: Row, frames: number): Promise<number | null> {
  const found = await tx
    .selectFrom('frames')
    .select('at')
    .where('timelapse_id', '=', row.timelapse_id)
    .where('picture', '=', 'stored')
    .orderBy('at')
    .orderBy('id')
    .offset(frames - 1)
    .limit(1)
    .executeTakeFirst();
  return found === undefined ? null : found.at + 1;
}

async function whyNoFilm({ tx }: Change, input: VideoInput, timelapse: GivenTimelapse): Promise<Failure | null> {
  try {
    const frames = await countFrames(tx, input, timelapse);
    return frames < 2 ? tooFew(frames) : null;
  } catch (thrown) {
    if (thrown instanceof Failure && EXPECTED.has(thrown.code)) return thrown;
    throw thrown;
  }
}

async function grow(within: Change, id: VideoId, input: VideoInput, rank: number): Promise<VideoId> {
  const { name: _, ...rest } = input;
  // Its name may be somebody's own by now.
  await within.tx
    .updateTable('videos')
    .set({ input: JSON.stringify(rest), codec: input.codec ?? 'h264' })
    .where('id', '=', id)
    .execute();
  await remakeVideo(within, id, rank);
  return id;
}

/** The key refuses the same occurrence a second time, and the whole commit with it. */
async function note(
  within: Change,
  row: Row,
  due: DueOccurrence,
  outcome: Pick<RuleOccurrencesTable, 'outcome' | 'reason'> & { videoId: VideoId | null },
): Promise<void> {
  const { tx } = within;
  const lines: RuleOccurrencesTable[] = [];
  const line = (what: Partial<RuleOccurrencesTable>): void => {
    lines.push({
      rule_id: row.id,
      occurrence: due.occurrence,
      number: row.runs + lines.length + 1,
      at: due.at,
      outcome: outcome.outcome,
      count: 1,
      video_id: outcome.videoId,
      reason: outcome.reason,
      ...what,
    });
  };
  if (due.passed !== null) {
    const { first, count } = due.passed;
    const reason = 'They fell due before anybody could look; the newest one stands for them.';
    line({ occurrence: first, outcome: 'skipped', count, video_id: null, reason });
  }
  line({});
  await insertRows(within, 'rule_occurrences', lines);
  const runs = row.runs + lines.length;
  await tx.updateTable('rules').set({ runs }).where('id', '=', row.id).execute();
  await tx
    .deleteFrom('rule_occurrences')
    .where('rule_id', '=', row.id)
    .where('number', '<=', runs - KEPT_OCCURRENCES)
    .execute();
}
