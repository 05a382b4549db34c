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
  const scale = Math.round(fps * TICKS_PER_FRAME);
  const longest = Math.max(...pieces.map(({ frames }) => frames)) / fps;
  // Pieces begin with different delays between decoding and showing: all are brought to the longest.
  const delay = Math.max(...pieces.map(({ layout: { delayTicks } }) => delayTicks));
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.ceil(longest))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${pieces[0]?.address}/init.mp4?scale=${scale}"`,
  ];
  let frames = 0;
  for (const piece of pieces) {
    const at = frames * TICKS_PER_FRAME + delay - piece.layout.delayTicks;
    lines.push(`#EXTINF:${(piece.frames / fps).toFixed(6)},`, `${piece.address}/media.m4s?at=${at}`);
    frames += piece.frames;
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
