/** How each encoder is told what to do: pure. */
import type { FilmCodec, FilmEncoder, VideoInput } from '@slowlight/protocol';

export type Hardware = Exclude<FilmEncoder, 'software'>;
type Quality = VideoInput['quality'];

export interface EncoderArguments {
  /** Before the inputs. */
  device: readonly string[];
  /** Behind all other filters; empty: nothing is to be done. */
  filter: string;
  output: readonly string[];
  /** What describes the pictures is known only with the first of them: it is written with that. */
  headLate: boolean;
}

/**
 * Constant rate factors: lower is better and larger. The scales of the encoders differ; the values of a row are of like
 * sight.
 */
const CRF = {
  h264: { low: 28, medium: 23, high: 18, archive: 14 },
  h265: { low: 32, medium: 27, high: 22, archive: 18 },
  av1: { low: 45, medium: 36, high: 28, archive: 22 },
} as const satisfies Record<FilmCodec, Record<Quality, number>>;
/**
 * A film of pieces has a key picture for each of them, some 40 to 64 pictures apart, where one piece would have one in 250.
 * That costs 2.5 to 4 % of its size, which a factor so much higher takes back (SSIM −0.0002; docs/decisions/0029-making.md).
 */
const FOR_PIECES = 0.15;
/** More than a segment has pictures: only its first one is a key picture. */
const KEY_EVERY = 250;
const KEYS = ['-g', String(KEY_EVERY)];

/** As ffmpeg names them; what is missing there is none of. */
const NAMES: Record<Hardware, Partial<Record<FilmCodec, string>>> = {
  vaapi: { h264: 'h264_vaapi', h265: 'hevc_vaapi', av1: 'av1_vaapi' },
  qsv: { h264: 'h264_qsv', h265: 'hevc_qsv', av1: 'av1_qsv' },
  nvenc: { h264: 'h264_nvenc', h265: 'hevc_nvenc', av1: 'av1_nvenc' },
  v4l2m2m: { h264: 'h264_v4l2m2m', h265: 'hevc_v4l2m2m' },
};
/** Of a scale from 1 to 51. Hardware decides less than a program does, and takes more bits for the same sight. */
const QUANTISER = { low: 30, medium: 25, high: 20, archive: 16 } as const satisfies Record<Quality, number>;
/** AV1 counts to 255 where its quantiser is given as it is. */
const AV1_QUANTISER = { low: 160, medium: 120, high: 90, archive: 60 } as const satisfies Record<Quality, number>;
/** Of an encoder that knows bit rates only. */
const BITS_PER_PIXEL = { low: 0.05, medium: 0.1, high: 0.2, archive: 0.35 } as const satisfies Record<Quality, number>;
/** Against H.264, for the same sight. */
const H265_SHARE = 0.65;

/** Whether ffmpeg knows such an encoder at all, whatever the machine has. */
export const hasEncoder = (encoder: Hardware, codec: FilmCodec): boolean => NAMES[encoder][codec] !== undefined;

/** @param fps pictures a second inside of a segment, for bit rates */
export function encoderArguments(
  look: {
    codec: FilmCodec;
    quality: Quality;
    encoder?: Hardware | undefined;
    canvas: { widthPx: number; heightPx: number };
  },
  fps: number,
): EncoderArguments {
  const { codec, quality, encoder, canvas } = look;
  if (encoder === undefined)
    return {
      device: [],
      filter: '',
      output: [...software(codec, quality), '-pix_fmt', 'yuv420p', ...KEYS],
      headLate: false,
    };
  const name = NAMES[encoder][codec];
  if (name === undefined) throw new Error(`${encoder} has no encoder for ${codec}`);
  const q = String(QUANTISER[quality]);
  const tag = codec === 'h265' ? ['-tag:v', 'hvc1'] : [];
  // Pictures that are shown in another order than they are encoded in are an encoder's own business; without them all are alike.
  const common = ['-c:v', name, ...tag, '-bf', '0', ...KEYS];
  switch (encoder) {
    case 'vaapi':
      return {
        device: ['-init_hw_device', 'vaapi=device', '-filter_hw_device', 'device'],
        filter: 'format=nv12,hwupload',
        output: [
          ...[...common, '-rc_mode', 'CQP'],
          ...(codec === 'av1' ? ['-global_quality', String(AV1_QUANTISER[quality])] : ['-qp', q]),
        ],
        headLate: false,
      };
    case 'qsv':
      return {
        device: [],
        filter: 'format=nv12',
        output: [...common, '-preset', 'medium', '-global_quality', q, '-pix_fmt', 'nv12'],
        headLate: false,
      };
    case 'nvenc':
      return {
        device: [],
        filter: '',
        output: [...common, '-preset', 'p5', '-rc', 'vbr', '-cq', q, '-b:v', '0', '-pix_fmt', 'yuv420p'],
        headLate: false,
      };
    case 'v4l2m2m': {
      const share = codec === 'h265' ? H265_SHARE : 1;
      const bits = Math.round(canvas.widthPx * canvas.heightPx * fps * BITS_PER_PIXEL[quality] * share);
      return {
        device: [],
        filter: '',
        output: [...common, '-b:v', String(bits), '-pix_fmt', 'yuv420p'],
        headLate: true,
      };
    }
  }
}

function software(codec: FilmCodec, quality: Quality): string[] {
  const crf = String(CRF[codec][quality]);
  switch (codec) {
    case 'h264':
      return [
        ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', String(CRF.h264[quality] + FOR_PIECES)],
        ...['-flags', '+cgop'],
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
