/**
 * A stream in IVF, the simplest wrapping that ffmpeg reads: each picture with its length and a number. So a decoder knows
 * where a picture ends without seeing the next, and the number tells it which pictures are wanted: the odd ones. Pure.
 */
const HEAD_BYTES = 32;
const PACKET_HEAD_BYTES = 12;

/** The head of the stream; 25 ticks a second, so that ffmpeg need not reckon the numbers over. */
export function ivfHead(codec: 'h264' | 'hevc'): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write('DKIF', 0, 'latin1');
  head.writeUInt16LE(HEAD_BYTES, 6);
  head.write(codec === 'h264' ? 'H264' : 'HEVC', 8, 'latin1');
  head.writeUInt32LE(25, 16);
  head.writeUInt32LE(1, 20);
  return head;
}

/** One picture's bytes, in pieces, under a number that is larger than the one before. */
export function ivfPacket(pieces: readonly Buffer[], number: number): Buffer {
  const head = Buffer.alloc(PACKET_HEAD_BYTES);
  head.writeUInt32LE(
    pieces.reduce((sum, piece) => sum + piece.length, 0),
    0,
  );
  head.writeBigUInt64LE(BigInt(number), 4);
  return Buffer.concat([head, ...pieces]);
}
