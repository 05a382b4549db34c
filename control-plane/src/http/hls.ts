/**
 * A film as a stream (HLS, RFC 8216, fMP4): the pieces as they are stored, each a fragment of its own. Where a piece stands
 * in the film and how fast the film plays is written into a few bytes as they pass, so another speed or another frame
 * changes no piece. Pure but for the streams.
 */
import { Readable } from 'node:stream';
import { z } from 'zod';

/** A picture's duration in every piece; the film's speed in thousandths is then its time scale. */
const TICKS_PER_FRAME = 1000;

const byte = z.int().min(0);
const layout = z.object({
  initBytes: byte,
  timescaleAt: byte,
  mediaFrom: byte,
  mediaUntil: byte,
  decodeTimeAt: byte,
  delayTicks: z.int(),
  /** Of a piece that lasts so long whatever the film's speed is. */
  fixed: z.object({ ms: z.number(), timescale: z.int() }).optional(),
  /** Pictures of each frame, in a film that fades from one to the next. */
  steps: z.int().min(1).optional(),
});
export type PieceLayout = z.infer<typeof layout>;

export const readLayout = (json: string): PieceLayout => layout.parse(JSON.parse(json));

export interface StreamPiece {
  address: string;
  frames: number;
  layout: PieceLayout;
}

/** @param fps pictures a second, to a thousandth */
export function writePlaylist(pieces: readonly StreamPiece[], fps: number): string {
  const steps = Math.max(1, ...pieces.map(({ layout }) => layout.steps ?? 1));
  const scale = Math.round(fps * TICKS_PER_FRAME) * steps;
  const timed = pieces.map((piece) => ({
    ...piece,
    scale: piece.layout.fixed?.timescale ?? scale,
    fixedMs: piece.layout.fixed?.ms ?? null,
  }));
  const seconds = ({ frames, fixedMs }: (typeof timed)[number]) => (fixedMs === null ? frames / fps : fixedMs / 1000);
  const longest = Math.max(...timed.map(seconds));
  // Pieces begin with different delays between decoding and showing: all are brought to the longest.
  const delay = Math.max(...timed.map((piece) => piece.layout.delayTicks / piece.scale));
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.ceil(longest))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ];
  let frames = 0;
  let fixedMs = 0;
  let head = '';
  for (const piece of timed) {
    // One head for all pieces that count their time in the same ticks.
    const own = `${piece.fixedMs === null ? 'film' : 'own'} ${piece.scale}`;
    if (own !== head) lines.push(`#EXT-X-MAP:URI="${piece.address}/init.mp4?scale=${piece.scale}"`);
    head = own;
    // In whole ticks as long as the film has one speed.
    const before = piece.scale === scale ? frames * TICKS_PER_FRAME * steps : (frames / fps) * piece.scale;
    const at = Math.round(before + (fixedMs / 1000 + delay) * piece.scale) - piece.layout.delayTicks;
    lines.push(`#EXTINF:${seconds(piece).toFixed(6)},`, `${piece.address}/media.m4s?at=${at}`);
    if (piece.fixedMs === null) frames += piece.frames;
    else fixedMs += piece.fixedMs;
  }
  return `${[...lines, '#EXT-X-ENDLIST'].join('\n')}\n`;
}

type Bytes = AsyncIterable<Uint8Array>;

/** The head of a piece with another time scale. */
export function patchedInit(bytes: Bytes, of: { layout: PieceLayout; timescale: number }): Readable {
  const patch = Buffer.alloc(4);
  patch.writeUInt32BE(of.timescale);
  return Readable.from(patched(bytes, { patch, at: of.layout.timescaleAt }));
}

/** The fragment of a piece, at another place in the film. */
export function patchedMedia(bytes: Bytes, of: { layout: PieceLayout; decodeTime: number }): Readable {
  const patch = Buffer.alloc(8);
  patch.writeBigUInt64BE(BigInt(of.decodeTime));
  return Readable.from(patched(bytes, { patch, at: of.layout.decodeTimeAt - of.layout.mediaFrom }));
}

async function* patched(bytes: Bytes, { patch, at }: { patch: Uint8Array; at: number }): AsyncGenerator<Uint8Array> {
  let from = 0;
  for await (const part of bytes) {
    const [first, last] = [Math.max(at, from), Math.min(at + patch.length, from + part.length)];
    if (first >= last) yield part;
    else {
      const copy = Uint8Array.from(part);
      copy.set(patch.subarray(first - at, last - at), first - from);
      yield copy;
    }
    from += part.length;
  }
}
