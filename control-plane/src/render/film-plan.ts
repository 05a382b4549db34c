/** How a film is to look: pure decisions about its canvas, its quality and the arguments of ffmpeg. */
import type { VideoInput } from '@slowlight/protocol';

export interface Canvas {
  widthPx: number;
  heightPx: number;
}

export interface FilmTerms {
  canvas: Canvas;
  fps: number;
  quality: VideoInput['quality'];
}

/** Constant rate factor of libx264: lower is better and larger. */
const CRF = { low: 28, medium: 23, high: 18, archive: 14 } as const satisfies Record<VideoInput['quality'], number>;
/** H.264 encoders and players give up above this. */
const LONGEST_SIDE_PX = 8192;
/** A keyframe at least this often, so that a player can jump. */
const SECONDS_BETWEEN_KEYFRAMES = 2;

/**
 * The size of a film whose first picture has this size: its aspect, nothing enlarged, both sides even (4:2:0 asks for it).
 * @param heightPx the wanted height; null: as the picture
 */
export function canvasOf(first: Canvas, heightPx: number | null): Canvas {
  const shrink = Math.min(1, LONGEST_SIDE_PX / Math.max(first.widthPx, first.heightPx));
  const height = even(Math.min(heightPx ?? first.heightPx, first.heightPx * shrink), Math.floor);
  const width = even((first.widthPx * height) / first.heightPx, Math.round);
  return { widthPx: Math.min(width, even(LONGEST_SIDE_PX, Math.floor)), heightPx: height };
}

const even = (px: number, round: (px: number) => number): number => Math.max(2, 2 * round(px / 2));

/**
 * Fits pictures of any size on the canvas: shrunk with their aspect kept, never enlarged, black bars around what is left.
 * A picture whose aspect is the canvas's but for rounding gets no bars.
 */
export function fitFilter({ widthPx, heightPx }: Canvas): string {
  const scale = `min(1,min(${widthPx}/iw,${heightPx}/ih))`;
  const side = (from: 'iw' | 'ih', most: number) => `'max(2,min(${most},2*round(${from}*${scale}/2)))'`;
  return [
    `scale=w=${side('iw', widthPx)}:h=${side('ih', heightPx)}:flags=lanczos:out_range=tv:out_color_matrix=bt709`,
    `pad=${widthPx}:${heightPx}:(ow-iw)/2:(oh-ih)/2:black`,
    'setsar=1',
    'format=yuv420p',
  ].join(',');
}

/** What stands before and after the input: JPEG pictures, one after the other, on standard input. */
export function filmArguments({ canvas, fps, quality }: FilmTerms): { input: string[]; output: string[] } {
  return {
    input: ['-f', 'image2pipe', '-framerate', String(fps), '-c:v', 'mjpeg'],
    output: [
      ...['-an', '-sn', '-dn', '-map_metadata', '-1'],
      ...['-vf', fitFilter(canvas)],
      // Every picture is one frame of the film, none is doubled and none dropped.
      ...['-fps_mode', 'cfr', '-r', String(fps)],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', String(CRF[quality]), '-pix_fmt', 'yuv420p'],
      ...['-g', String(Math.max(1, Math.round(fps * SECONDS_BETWEEN_KEYFRAMES)))],
      ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
      ...['-movflags', '+faststart', '-f', 'mp4'],
    ],
  };
}

/** What a film of so many pictures must measure. */
export interface FilmMeasures {
  frames: number;
  durationMs: number;
  widthPx: number;
  heightPx: number;
  sizeBytes: number;
}

/** Why a film is not as planned; null: it is. Half a frame is what rounding may cost. */
export function whyNotAsPlanned(measured: FilmMeasures, { canvas, fps }: FilmTerms, frames: number): string | null {
  if (measured.frames !== frames) return `it has ${measured.frames} pictures instead of ${frames}`;
  const durationMs = (frames / fps) * 1000;
  if (Math.abs(measured.durationMs - durationMs) > 500 / fps)
    return `it lasts ${Math.round(measured.durationMs)} ms instead of ${Math.round(durationMs)} ms`;
  if (measured.widthPx !== canvas.widthPx || measured.heightPx !== canvas.heightPx)
    return `it measures ${measured.widthPx}×${measured.heightPx} instead of ${canvas.widthPx}×${canvas.heightPx}`;
  return null;
}
