/** How a film comes into the records, whoever asks for it: a person, or a rule. */
import { decideFilmSpeed, newVideoId, type RuleId, type VideoId, type VideoInput } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { Selectable } from 'kysely';
import { countFrames, type GivenTimelapse, rememberFrames } from './choose-frames.ts';
import type { Change } from './database.ts';
import { localDate } from './day-number.ts';
import type { VideosTable } from './schema-work.ts';

const LONGEST_NAME = 120;

/** Which films go first: what somebody waits for, then milestones, then what the calendar asks for, then what only grows. */
export const FILM_RANK = { manual: 0, milestone: 1, scheduled: 2, 'per-capture': 3 } as const;

/** Inserts the film, its frames and its job. @throws Failure `video.too-few-frames` */
export async function makeVideo(
  within: Change,
  input: VideoInput,
  { timelapse, rank, rule = null }: { timelapse: GivenTimelapse; rank: number; rule?: RuleId | null },
): Promise<Selectable<VideosTable>> {
  const { tx, now, tell, plan } = within;
  const { name, timeZone, frames: framesSeen } = timelapse;
  const id = newVideoId();
  await tx
    .insertInto('videos')
    .values({
      id,
      timelapse_id: input.timelapseId,
      name: input.name ?? filmName(name, localDate(now, timeZone)),
      state: 'queued',
      input: JSON.stringify(input),
      fps: input.fps,
      codec: input.codec ?? 'h264',
      grows: input.grows === true ? 1 : 0,
      frames_seen: framesSeen,
      frames_total: 0,
      frames_done: 0,
      frames_left_out: 0,
      created_at: now,
      rule_id: rule,
      rank,
    })
    .execute();
  const frames =
    input.grows === true ? await countFrames(tx, input, timelapse) : await rememberFrames(within, id, input, timelapse);
  if (frames < 2) throw tooFew(frames);
  const { fps, reason } = decideFilmSpeed(frames, input);
  const row = await tx
    .updateTable('videos')
    .set({ frames_total: frames, fps, speed_reason: reason })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  plan('video', id, { rank });
  tell({ type: 'video.queued', body: { videoId: id, timelapseId: input.timelapseId } });
  return row;
}

export const filmName = (timelapse: string, about: string): string =>
  `${timelapse.slice(0, LONGEST_NAME - about.length - 1)} ${about}`;

/** A film that grew keeps the frames that it shows now. */
export async function settleFrames(
  within: Change,
  id: VideoId,
  input: VideoInput,
  timelapse: GivenTimelapse,
): Promise<void> {
  await within.tx.deleteFrom('video_frames').where('video_id', '=', id).execute();
  await rememberFrames(within, id, input, timelapse);
}

export const tooFew = (frames: number): Failure =>
  new Failure({
    code: 'video.too-few-frames',
    message: `There ${frames === 0 ? 'is no frame' : 'is only one frame'} to film in this choice; a film needs two.`,
    hint: 'Wait for more pictures to arrive, choose a longer time, or include flagged frames.',
    retry: 'later',
  });
