/** How a film is to look: pure decisions about its canvas, its quality and the arguments of ffmpeg. */
import type { FilmCodec, FilmFit, FilmShape, VideoInput } from '@slowlight/protocol';
import { lightFilter } from './light-filter.ts';
import { TICKS_PER_FRAME } from './mp4-boxes.ts';
import type { SheetFeed } from './overlay/sheet-feed.ts';

export interface Canvas {
  widthPx: number;
  heightPx: number;
}

/** All that decides how a picture looks in a segment. */
export interface Look {
  canvas: Canvas;
  fit: FilmFit;
  codec: FilmCodec;
  quality: VideoInput['quality'];
}

/**
 * Constant rate factors: lower is better and larger. The scales of the encoders differ; the values of a row are of like
 * sight.
 */
const CRF = {
  h264: { low: 28, medium: 23, high: 18, archive: 14 },
  h265: { low: 32, medium: 27, high: 22, archive: 18 },
  av1: { low: 45, medium: 36, high: 28, archive: 22 },
} as const satisfies Record<FilmCodec, Record<VideoInput['quality'], number>>;
/**
 * A film of pieces has a key picture for each of them, some 40 to 64 pictures apart, where one piece would have one in 250.
 * That costs 2.5 to 4 % of its size, which a factor so much higher takes back (SSIM −0.0002; docs/decisions/0029-making.md).
 */
const FOR_PIECES = 0.15;
/** H.264 encoders and players give up above this. */
const LONGEST_SIDE_PX = 8192;
/** Inside of a segment time is only counted; how fast the film plays is decided when it is joined. */
export const INNER_FPS = 24;
/** More than a segment has frames: only its first picture is a key picture. */
const KEY_EVERY = 250;
/** Width to height. */
const ASPECTS = { landscape: 16 / 9, square: 1, portrait: 9 / 16 } as const;

/**
 * The size of a film of pictures of this size: nothing enlarged, both sides even (4:2:0 asks for it).
 * @param heightPx the wanted height, of another shape than the pictures' the shorter side; null: as the pictures
 */
export function canvasOf(picture: Canvas, heightPx: number | null, shape: FilmShape = 'source'): Canvas {
  const longest = even(LONGEST_SIDE_PX, Math.floor);
  if (shape !== 'source') {
    const short = Math.min(heightPx ?? Number.POSITIVE_INFINITY, picture.widthPx, picture.heightPx);
    const aspect = ASPECTS[shape];
    const side = (stretch: number) => Math.min(longest, even(Math.max(1, stretch) * short, Math.round));
    return { widthPx: side(aspect), heightPx: side(1 / aspect) };
  }
  const shrink = Math.min(1, LONGEST_SIDE_PX / Math.max(picture.widthPx, picture.heightPx));
  const height = even(Math.min(heightPx ?? picture.heightPx, picture.heightPx * shrink), Math.floor);
  const width = even((picture.widthPx * height) / picture.heightPx, Math.round);
  return { widthPx: Math.min(width, longest), heightPx: height };
}

const even = (px: number, round: (px: number) => number): number => Math.max(2, 2 * round(px / 2));

/** The size that most pictures have, so that one odd picture, early or late, changes nothing; of equals the larger. */
export function usualSize(pictures: Iterable<Canvas>): Canvas {
  const counts = new Map<string, { size: Canvas; count: number }>();
  for (const { widthPx, heightPx } of pictures) {
    const key = `${widthPx}x${heightPx}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { size: { widthPx, heightPx }, count: 1 });
    else known.count += 1;
  }
  const area = ({ size }: { size: Canvas }) => size.widthPx * size.heightPx;
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count || area(b) - area(a));
  return most?.size ?? { widthPx: 2, heightPx: 2 };
}

const COLOURS = 'out_range=tv:out_color_matrix=bt709';

/**
 * Fits pictures of any size on the canvas with their aspect kept. `bars` and `blurred` never enlarge; `fill` does where it
 * must. A picture whose aspect is the canvas's but for rounding gets no bars.
 */
export function fitFilter({ widthPx, heightPx }: Canvas, fit: FilmFit): string {
  const scale = `min(1,min(${widthPx}/iw,${heightPx}/ih))`;
  const side = (from: 'iw' | 'ih', most: number) => `'max(2,min(${most},2*round(${from}*${scale}/2)))'`;
  const whole = `scale=w=${side('iw', widthPx)}:h=${side('ih', heightPx)}:flags=lanczos:${COLOURS}`;
  const cover = (width: number, height: number) =>
    `scale=w=${width}:h=${height}:force_original_aspect_ratio=increase:flags=lanczos:${COLOURS},crop=${width}:${height}`;
  switch (fit) {
    case 'bars':
      return [whole, `pad=${widthPx}:${heightPx}:(ow-iw)/2:(oh-ih)/2:black`, 'setsar=1', 'format=yuv420p'].join(',');
    case 'fill':
      return [cover(widthPx, heightPx), 'setsar=1', 'format=yuv420p'].join(',');
    case 'blurred': {
      // Blurred small and drawn large: a blur costs with the number of pixels, and nobody sees the difference.
      const small = { width: even(widthPx / 8, Math.ceil), height: even(heightPx / 8, Math.ceil) };
      const behind = `${cover(small.width, small.height)},format=yuv420p,gblur=sigma=4,scale=${widthPx}:${heightPx}:flags=bicubic`;
      return (
        `split[near][far];[far]${behind},setsar=1[behind];[near]${whole},setsar=1,format=yuv420p[before];` +
        '[behind][before]overlay=(W-w)/2:(H-h)/2:format=yuv420,setsar=1,format=yuv420p'
      );
    }
  }
}

/**
 * What stands before and after the input of a segment: JPEG pictures, one after the other, on standard input.
 * @param gains how much brighter each picture is made; 1: as it is
 * @param sheets what is laid over the pictures, from a second input; null: nothing
 */
export function segmentArguments(
  look: Look,
  gains: readonly number[],
  sheets: Pick<SheetFeed, 'input' | 'filter'> | null = null,
): { input: string[]; second?: readonly string[]; output: string[] } {
  const filters = [fitFilter(look.canvas, look.fit), lightFilter(gains, INNER_FPS)].filter((filter) => filter !== '');
  const filtered =
    sheets === null
      ? ['-vf', filters.join(',')]
      : ['-filter_complex', `[0:v]${filters.join(',')}[bare];${sheets.filter('bare', 'film')}`, '-map', '[film]'];
  return {
    ...(sheets !== null && { second: sheets.input }),
    input: ['-f', 'image2pipe', '-framerate', String(INNER_FPS), '-c:v', 'mjpeg'],
    output: [
      ...['-an', '-sn', '-dn', '-map_metadata', '-1'],
      ...filtered,
      // Every picture is one frame of the film, none is doubled and none dropped.
      ...['-fps_mode', 'cfr', '-r', String(INNER_FPS)],
      ...encoderArguments(look),
      ...['-pix_fmt', 'yuv420p', '-g', String(KEY_EVERY)],
      ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
      ...['-video_track_timescale', String(INNER_FPS * TICKS_PER_FRAME)],
      ...['-movflags', '+frag_custom+empty_moov+default_base_moof', '-f', 'mp4'],
    ],
  };
}

function encoderArguments({ codec, quality }: Pick<Look, 'codec' | 'quality'>): string[] {
  const crf = String(CRF[codec][quality]);
  switch (codec) {
    case 'h264':
      return [
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-crf',
        String(CRF.h264[quality] + FOR_PIECES),
        '-flags',
        '+cgop',
      ];
    case 'h265':
      return [
        ...['-c:v', 'libx265', '-preset', 'veryfast', '-crf', crf, '-tag:v', 'hvc1'],
        ...['-x265-params', `keyint=${KEY_EVERY}:min-keyint=${KEY_EVERY}:open-gop=0:log-level=error`],
      ];
    case 'av1':
      return ['-c:v', 'libsvtav1', '-preset', '8', '-crf', crf];
  }
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
export function whyNotAsPlanned(
  measured: FilmMeasures,
  { canvas, fps }: { canvas: Canvas; fps: number },
  frames: number,
): string | null {
  if (measured.frames !== frames) return `it has ${measured.frames} pictures instead of ${frames}`;
  const durationMs = (frames / fps) * 1000;
  if (Math.abs(measured.durationMs - durationMs) > 500 / fps)
    return `it lasts ${Math.round(measured.durationMs)} ms instead of ${Math.round(durationMs)} ms`;
  if (measured.widthPx !== canvas.widthPx || measured.heightPx !== canvas.heightPx)
    return `it measures ${measured.widthPx}×${measured.heightPx} instead of ${canvas.widthPx}×${canvas.heightPx}`;
  return null;
}
