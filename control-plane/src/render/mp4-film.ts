/**
 * The head of a film that is made of segments: an MP4 file whose index stands before its pictures (ISO/IEC 14496-12), so
 * that it plays while it loads. Pure. What describes the pictures is taken from the segments as it is; only the tables of
 * sizes, times and places are written here, so the film's speed is one number in it.
 */
import { boxesOf, findBox, type Sample, type SegmentLayout, TICKS_PER_FRAME } from './mp4-boxes.ts';

export interface Piece {
  /** ftyp and moov of the segment. */
  init: Uint8Array;
  layout: Pick<SegmentLayout, 'delayTicks' | 'fixed' | 'steps'>;
  samples: readonly Sample[];
}

/** When the pictures of a piece are decoded and shown, in the film's ticks from the piece's beginning. */
interface Times {
  lastsTicks: number;
  decodedAt: (sample: number) => number;
  /** Without the delay. */
  shownAt: (sample: number) => number;
  /** How much earlier than shown its pictures must be decoded. */
  delayTicks: number;
}

/** Where 32 bits do not reach any more. */
const WIDE = 2 ** 32 - 1;

/**
 * Everything of the film that stands before its first picture; behind it the pictures of the pieces follow, one piece after
 * the other.
 * @param fps frames a second, to a thousandth
 */
export function composeFilmHead(pieces: readonly Piece[], fps: number): Buffer {
  const [first] = pieces;
  if (first === undefined) throw new Error('a film needs a piece');
  const payloadBytes = pieces.reduce((sum, { samples }) => sum + bytesOf(samples), 0);
  const ftyp = box('ftyp', Buffer.from('isom'), u32([0x200]), Buffer.from('isomiso2mp41'));
  const wide = payloadBytes + 16 > WIDE;
  const mdat = wide
    ? Buffer.concat([u32([1]), Buffer.from('mdat'), u64(payloadBytes + 16)])
    : Buffer.concat([u32([payloadBytes + 8]), Buffer.from('mdat')]);
  // The places of the pictures depend on the size of the index, which does not depend on the places.
  const size =
    ftyp.length + composeMoov(pieces, { fps, payloadAt: 0, far: payloadBytes > WIDE / 2 }).length + mdat.length;
  const moov = composeMoov(pieces, { fps, payloadAt: size, far: payloadBytes > WIDE / 2 });
  return Buffer.concat([ftyp, moov, mdat]);
}

const bytesOf = (samples: readonly Sample[]) => samples.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

function composeMoov(
  pieces: readonly Piece[],
  { fps, payloadAt, far }: { fps: number; payloadAt: number; far: boolean },
): Buffer {
  const init = pieces[0]?.init ?? new Uint8Array();
  const frames = pieces.reduce((sum, { samples }) => sum + samples.length, 0);
  // A film that fades has as many more pictures a second.
  const steps = Math.max(1, ...pieces.map(({ layout }) => layout.steps ?? 1));
  const timescale = Math.round(fps * TICKS_PER_FRAME) * steps;
  const times = pieces.map((piece) => timesIn(piece, timescale));
  const duration = times.reduce((sum, { lastsTicks }) => sum + lastsTicks, 0);
  // Each piece begins at its own delay; all are brought to the longest.
  const delay = times.reduce((most, { delayTicks }) => Math.max(most, delayTicks), 0);
  const mvhd = patched(init, 'moov/mvhd', (view, at) => {
    view.setUint32(at + 12, timescale);
    view.setUint32(at + 16, duration);
  });
  const tkhd = patched(init, 'moov/trak/tkhd', (view, at) => view.setUint32(at + 20, duration));
  const mdhd = box('mdhd', u32([0, 0, 0, timescale, duration]), Buffer.from([0x55, 0xc4, 0, 0]));
  const edts = box('edts', box('elst', u32([0, 1, duration, delay, 0x0001_0000])));
  const { table, ids } = descriptionsOf(pieces);
  const stbl = box(
    'stbl',
    table,
    durationsOf(pieces, times),
    offsetsOf(pieces, times, delay),
    box('stss', u32([0, pieces.length]), u32(firsts(pieces))),
    chunksOf(pieces, ids),
    box('stsz', u32([0, 0, frames]), u32(pieces.flatMap(({ samples }) => samples.map(({ sizeBytes }) => sizeBytes)))),
    placesOf(pieces, payloadAt, far),
  );
  const minf = box('minf', copied(init, 'moov/trak/mdia/minf/vmhd'), copied(init, 'moov/trak/mdia/minf/dinf'), stbl);
  const mdia = box('mdia', mdhd, copied(init, 'moov/trak/mdia/hdlr'), minf);
  return box('moov', mvhd, box('trak', tkhd, edts, mdia));
}

/** How the pictures are encoded (`stsd`): pieces that say the same share an entry. */
function descriptionsOf(pieces: readonly Piece[]): { table: Buffer; ids: number[] } {
  const entries: Buffer[] = [];
  const ids = pieces.map(({ init }) => {
    const stsd = findBox(init, 'moov/trak/mdia/minf/stbl/stsd');
    const [entry] = [...boxesOf(init, stsd.body + 8, stsd.to)];
    const bytes = Buffer.from(entry === undefined ? new Uint8Array() : init.subarray(entry.from, entry.to));
    const known = entries.findIndex((other) => other.equals(bytes));
    return known >= 0 ? known + 1 : entries.push(bytes);
  });
  return { table: box('stsd', u32([0, entries.length]), ...entries), ids };
}

/**
 * A picture lasts as long as the film's speed says. Those of a piece whose time is its own share that time: its ticks are
 * stretched to the film's, and rounded where they stand, so that its end is exact.
 */
function timesIn({ samples, layout }: Piece, timescale: number): Times {
  const ticks = samples.length * TICKS_PER_FRAME;
  const lastsTicks = layout.fixed === undefined ? ticks : Math.round((layout.fixed.ms * timescale) / 1000);
  const stretch = (at: number) => (lastsTicks === ticks ? at : Math.round((at * lastsTicks) / ticks));
  return {
    lastsTicks,
    decodedAt: (sample) => stretch(sample * TICKS_PER_FRAME),
    shownAt: (sample) => stretch(sample * TICKS_PER_FRAME + (samples[sample]?.offsetTicks ?? 0) - layout.delayTicks),
    // Two rounded places lie no farther from each other than this.
    delayTicks: Math.ceil((layout.delayTicks * lastsTicks) / ticks),
  };
}

/** How long each picture is the newest decoded one (`stts`), equal neighbours as one entry. */
function durationsOf(pieces: readonly Piece[], times: readonly Times[]): Buffer {
  const runs: number[] = [];
  for (const [index, { samples }] of pieces.entries()) {
    const { decodedAt = () => 0, lastsTicks = 0 } = times[index] ?? {};
    for (let sample = 0; sample < samples.length; sample += 1)
      addToRun(runs, (sample + 1 < samples.length ? decodedAt(sample + 1) : lastsTicks) - decodedAt(sample));
  }
  return box('stts', u32([0, runs.length / 2]), u32(runs));
}

/** From decoding to showing (`ctts`), equal neighbours as one entry. */
function offsetsOf(pieces: readonly Piece[], times: readonly Times[], delay: number): Buffer {
  const runs: number[] = [];
  for (const [index, { samples }] of pieces.entries()) {
    const { decodedAt = () => 0, shownAt = () => 0 } = times[index] ?? {};
    for (let sample = 0; sample < samples.length; sample += 1)
      addToRun(runs, shownAt(sample) - decodedAt(sample) + delay);
  }
  return box('ctts', u32([0, runs.length / 2]), u32(runs));
}

function addToRun(runs: number[], value: number): void {
  const last = runs.length - 2;
  if (last >= 0 && runs[last + 1] === value) runs[last] = (runs[last] ?? 0) + 1;
  else runs.push(1, value);
}

/** Each piece is one chunk (`stsc`); its first picture can be jumped to. */
function chunksOf(pieces: readonly Piece[], ids: readonly number[]): Buffer {
  const runs: number[] = [];
  for (const [index, { samples }] of pieces.entries()) {
    const [count, id] = [samples.length, ids[index] ?? 1];
    if (runs.length === 0 || runs.at(-2) !== count || runs.at(-1) !== id) runs.push(index + 1, count, id);
  }
  return box('stsc', u32([0, runs.length / 3]), u32(runs));
}

function firsts(pieces: readonly Piece[]): number[] {
  let next = 1;
  return pieces.map(({ samples }) => {
    const first = next;
    next += samples.length;
    return first;
  });
}

function placesOf(pieces: readonly Piece[], payloadAt: number, far: boolean): Buffer {
  let at = payloadAt;
  const places = pieces.map(({ samples }) => {
    const place = at;
    at += bytesOf(samples);
    return place;
  });
  if (far) return box('co64', u32([0, places.length]), Buffer.concat(places.map(u64)));
  return box('stco', u32([0, places.length]), u32(places));
}

function copied(init: Uint8Array, path: string): Buffer {
  const { from, to } = findBox(init, path);
  return Buffer.from(init.subarray(from, to));
}

function patched(init: Uint8Array, path: string, patch: (view: DataView, body: number) => void): Buffer {
  const bytes = copied(init, path);
  patch(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 8);
  return bytes;
}

function box(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32([body.length + 8]), Buffer.from(type), body]);
}

function u32(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
