/** How a film is to look: pure decisions about its canvas, its quality and the arguments of ffmpeg. */
import type { FilmCodec, FilmFit, FilmShape, VideoInput } from '@slowlight/protocol';
import { type Fade, fadeFilter } from './cross-fade.ts';
import { encoderArguments, type Hardware } from './encoder-arguments.ts';
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
  /** Nothing: software. */
  encoder?: Hardware | undefined;
}

/** H.264 encoders and players give up above this. */
const LONGEST_SIDE_PX = 8192;
/** Inside of a segment time is only counted; how fast the film plays is decided when it is joined. */
export const INNER_FPS = 24;
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
 * @param fade how each picture fades into the next; then one more is fed than is shown
 */
export function segmentArguments(
  look: Look,
  gains: readonly number[],
  sheets: Pick<SheetFeed, 'input' | 'filter'> | null = null,
  fade: Fade | null = null,
): { input: string[]; second?: readonly string[]; output: string[] } {
  const encoder = encoderArguments(look, INNER_FPS);
  const chain = (...filters: string[]) => filters.filter((filter) => filter !== '').join(',');
  const faded = fade === null ? '' : fadeFilter(fade, INNER_FPS);
  const fitted = chain(fitFilter(look.canvas, look.fit), lightFilter(gains, INNER_FPS), faded);
  const filtered =
    sheets === null
      ? ['-vf', chain(fitted, encoder.filter)]
      : [
          '-filter_complex',
          encoder.filter === ''
            ? `[0:v]${fitted}[bare];${sheets.filter('bare', 'film')}`
            : `[0:v]${fitted}[bare];${sheets.filter('bare', 'laid')};[laid]${encoder.filter}[film]`,
          ...['-map', '[film]'],
        ];
  return {
    ...(sheets !== null && { second: sheets.input }),
    input: [...encoder.device, '-f', 'image2pipe', '-framerate', String(INNER_FPS), '-c:v', 'mjpeg'],
    output: [
      ...['-an', '-sn', '-dn', '-map_metadata', '-1'],
      ...filtered,
      // Every picture is one frame of the film, none is doubled and none dropped.
      ...['-fps_mode', 'cfr', '-r', String(INNER_FPS)],
      ...encoder.output,
      ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
      ...['-video_track_timescale', String(INNER_FPS * TICKS_PER_FRAME)],
      ...[
        '-movflags',
        `+frag_custom+empty_moov+default_base_moof${encoder.headLate ? '+delay_moov' : ''}`,
        '-f',
        'mp4',
      ],
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

const NO_TITLE = { pictures: 0, ms: 0 };

/** Why a film is not as planned; null: it is. Half a frame is what rounding may cost. */
export function whyNotAsPlanned(
  measured: FilmMeasures,
  {
    canvas,
    fps,
    title = NO_TITLE,
    steps = 1,
  }: { canvas: Canvas; fps: number; title?: { pictures: number; ms: number }; steps?: number },
  frames: number,
): string | null {
  const pictures = frames * steps + title.pictures;
  if (measured.frames !== pictures) return `it has ${measured.frames} pictures instead of ${pictures}`;
  const durationMs = (frames / fps) * 1000 + title.ms;
  if (Math.abs(measured.durationMs - durationMs) > 500 / fps)
    return `it lasts ${Math.round(measured.durationMs)} ms instead of ${Math.round(durationMs)} ms`;
  if (measured.widthPx !== canvas.widthPx || measured.heightPx !== canvas.heightPx)
    return `it measures ${measured.widthPx}×${measured.heightPx} instead of ${canvas.widthPx}×${canvas.heightPx}`;
  return null;
}
