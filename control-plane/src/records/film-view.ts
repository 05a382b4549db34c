/** A film as people see it. */
import type { VideoInput, VideoView } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { VideosTable } from './schema-work.ts';

export function filmView(row: Selectable<VideosTable>, now: number): VideoView {
  const { title, crossFade = 0 } = readInput(row);
  return {
    id: row.id,
    timelapseId: row.timelapse_id,
    name: row.name,
    state: row.state,
    fps: row.fps,
    heightPx: row.height_px,
    widthPx: row.width_px,
    framesTotal: row.frames_total,
    framesDone: row.frames_done,
    framesLeftOut: row.frames_left_out,
    durationMs: row.duration_ms,
    sizeBytes: row.size_bytes,
    reason: row.reason,
    speedReason: row.speed_reason,
    codec: row.codec,
    encoder: row.encoder,
    encoderReason: row.encoder_reason,
    crossFade,
    title: title ?? null,
    playable: row.object_key !== null,
    animation: animationOf(row),
    timeLeftMs: timeLeft(row, now),
    grows: row.grows === 1,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

const animationOf = (row: Selectable<VideosTable>): VideoView['animation'] =>
  row.animation_state === null
    ? null
    : {
        state: row.animation_state,
        reason: row.animation_reason,
        gifBytes: row.gif_bytes,
        webpBytes: row.webp_bytes,
      };

/** As long as the frames that are left would take at the speed of those that were encoded since it was begun. */
export function timeLeft(
  row: Pick<VideosTable, 'state' | 'frames_total' | 'frames_done'> & {
    begun_at: number | null;
    frames_reused: number;
  },
  now: number,
): number | null {
  const encoded = row.frames_done - row.frames_reused;
  if (row.state !== 'rendering' || row.begun_at === null || encoded <= 0 || now <= row.begun_at) return null;
  return Math.round(((now - row.begun_at) / encoded) * Math.max(0, row.frames_total - row.frames_done));
}

export const readInput = (row: Pick<VideosTable, 'input'>): VideoInput => JSON.parse(row.input) as VideoInput;
