/**
 * Reads what ffmpeg writes as a segment, an MP4 file of one fragment (ISO/IEC 14496-12): ftyp, moov, moof, mdat. Pure, on
 * bytes in memory; what is not as expected is said, never guessed.
 */
import { Failure } from '@slowlight/protocol/kit';

/** How a segment's file lies in its object. All in bytes from its start, or in ticks. */
export interface SegmentLayout {
  /** ftyp and moov: what a player needs first. */
  initBytes: number;
  /** Where the time scale of the track stands, 32 bits: ticks a second. */
  timescaleAt: number;
  /** The fragment: moof, then mdat up to `mediaUntil`. */
  mediaFrom: number;
  mediaUntil: number;
  /** Where the decoding time of the fragment's first picture stands, 64 bits. */
  decodeTimeAt: number;
  /** The pictures' bytes. */
  payloadFrom: number;
  /** How far the first shown picture lies behind the first decoded one, ticks. */
  delayTicks: number;
  /** Of a piece that lasts so long whatever the film's speed is, with the time scale at which its own ticks come to that. */
  fixed?: { ms: number; timescale: number };
  /** Pictures that the film has of each frame, because it fades from one to the next; nothing: one. */
  steps?: number;
}

/** A picture of a segment in the order of decoding. */
export interface Sample {
  sizeBytes: number;
  /** From decoding to showing, ticks. */
  offsetTicks: number;
}

/** Ticks of a picture's duration in every segment; the time scale is then the film's speed in thousandths. */
export const TICKS_PER_FRAME = 1000;

export interface Box {
  type: string;
  /** Of the whole box, from the start of the bytes. */
  from: number;
  to: number;
  /** Where its content begins. */
  body: number;
}

export function* boxesOf(bytes: Uint8Array, from = 0, to = bytes.length): Generator<Box> {
  const view = viewOf(bytes);
  for (let at = from; at + 8 <= to; ) {
    const short = view.getUint32(at);
    const long = short === 1 && at + 16 <= to;
    const size = long ? Number(view.getBigUint64(at + 8)) : short === 0 ? to - at : short;
    if (size < (long ? 16 : 8)) throw unreadable('a box has no size');
    yield { type: typeAt(bytes, at + 4), from: at, to: at + size, body: at + (long ? 16 : 8) };
    at += size;
  }
}

/** The box at the end of a path such as `moov/trak/mdia`. @throws Failure `render.segment-unreadable` */
export function findBox(bytes: Uint8Array, path: string): Box {
  let within: { body: number; to: number } = { body: 0, to: bytes.length };
  let found: Box | undefined;
  for (const type of path.split('/')) {
    found = undefined;
    for (const box of boxesOf(bytes, within.body, Math.min(within.to, bytes.length)))
      if (box.type === type) {
        found = box;
        break;
      }
    if (found === undefined) throw unreadable(`${path} is missing`);
    within = found;
  }
  if (found === undefined) throw unreadable(`${path} is missing`);
  return found;
}

/**
 * @param bytes the segment, at least up to its pictures
 * @throws Failure `render.segment-unreadable`
 */
export function readSegment(bytes: Uint8Array): { layout: SegmentLayout; samples: Sample[] } {
  const view = viewOf(bytes);
  const moov = findBox(bytes, 'moov');
  const mdhd = findBox(bytes, 'moov/trak/mdia/mdhd');
  const moof = findBox(bytes, 'moof');
  const tfdt = findBox(bytes, 'moof/traf/tfdt');
  if (view.getUint8(tfdt.body) !== 1) throw unreadable('its decoding time has 32 bits');
  const mdat = [...boxesOf(bytes, moof.to)].find(({ type }) => type === 'mdat');
  if (mdat === undefined) throw unreadable('mdat is missing');
  if ([...boxesOf(bytes, moof.body, moof.to)].filter(({ type }) => type === 'traf').length !== 1)
    throw unreadable('it has more than one track');
  const samples = readSamples(bytes, moof);
  return {
    samples,
    layout: {
      initBytes: moov.to,
      // Version 1 has times of 64 bits before it.
      timescaleAt: mdhd.body + (view.getUint8(mdhd.body) === 1 ? 20 : 12),
      mediaFrom: moof.from,
      mediaUntil: mdat.to,
      decodeTimeAt: tfdt.body + 4,
      payloadFrom: mdat.body,
      delayTicks: Math.min(...samples.map(({ offsetTicks }, index) => index * TICKS_PER_FRAME + offsetTicks)),
    },
  };
}

/** The pictures of all runs of the fragment (`trun`, 8.8.8); what a run does not say, the fragment's default (`tfhd`) does. */
function readSamples(bytes: Uint8Array, moof: Box): Sample[] {
  const view = viewOf(bytes);
  const tfhd = findBox(bytes, 'moof/traf/tfhd');
  const usual = usualSize(view, tfhd);
  const samples: Sample[] = [];
  const traf = findBox(bytes, 'moof/traf');
  for (const run of boxesOf(bytes, traf.body, Math.min(traf.to, moof.to))) {
    if (run.type !== 'trun') continue;
    const flags = view.getUint32(run.body) & 0xffffff;
    const count = view.getUint32(run.body + 4);
    let at = run.body + 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
    for (let index = 0; index < count; index += 1) {
      if (flags & 0x100) at += 4;
      const sizeBytes = flags & 0x200 ? view.getUint32(at) : usual;
      if (flags & 0x200) at += 4;
      if (flags & 0x400) at += 4;
      const offsetTicks = flags & 0x800 ? view.getInt32(at) : 0;
      if (flags & 0x800) at += 4;
      samples.push({ sizeBytes, offsetTicks });
    }
  }
  if (samples.length === 0) throw unreadable('it has no pictures');
  return samples;
}

function usualSize(view: DataView, { body }: Box): number {
  const flags = view.getUint32(body) & 0xffffff;
  if (!(flags & 0x10)) return 0;
  return view.getUint32(body + 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0) + (flags & 0x8 ? 4 : 0));
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const typeAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));

const unreadable = (why: string): Failure =>
  new Failure({
    code: 'render.segment-unreadable',
    message: `a segment that ffmpeg wrote is not as expected: ${why}`,
    hint: 'Look which ffmpeg this is (5.1 and 7.1 are known to work) and whether the disk is full.',
    retry: 'later',
  });
