import { spawn } from 'node:child_process';
import { createRtspReader } from '@slowlight/agent/src/capture/rtsp/message.ts';
import { createRtpClock } from '@slowlight/agent/src/capture/rtsp/rtp-clock.ts';
import { createRtpUnits, type Loss } from '@slowlight/agent/src/capture/rtsp/rtp-units.ts';
import { type AccessUnit, createUnitSplitter } from '@slowlight/agent/src/capture/tap/access-units.ts';
import { tapArguments } from '@slowlight/agent/src/capture/tap/arguments.ts';
import { describe, expect, it } from 'vitest';
import { type RtpRecording, recordRtp, replayRtp } from '../../rig/rtp-recording.ts';

type Codec = 'h264' | 'hevc';

function hearing(codec: Codec) {
  const units: AccessUnit[] = [];
  const told: (Loss | 'foreign' | 'unit')[] = [];
  const heard = createRtpUnits(
    {
      arrivedAtMs: (timestamp) => timestamp,
      onUnit(unit) {
        units.push(unit);
        told.push('unit');
      },
      onLoss: (what) => void told.push(what),
      onForeign: () => void told.push('foreign'),
    },
    { codec, payloadType: 96 },
  );
  return { units, told, heard, bytes: () => units.map((unit) => unit.bytes) };
}

/** As the agent hears it: bytes of the line, cut into these pieces, in a buffer that is used again. */
function hear(codec: Codec, pieces: readonly Buffer[]) {
  const one = hearing(codec);
  const reader = createRtspReader();
  const buffer = Buffer.alloc(Math.max(...pieces.map((piece) => piece.length)));
  for (const piece of pieces) {
    piece.copy(buffer);
    reader.read(buffer.subarray(0, piece.length), (bytes, from, to) => {
      if (bytes[from + 1] === 0) one.heard.push(bytes, from + 4, to);
    });
    buffer.fill(0xee, 0, piece.length);
  }
  return one;
}

/** What ffmpeg copies of it, cut into access units; the last is not known to be whole. */
async function copiedByFfmpeg(recording: RtpRecording, codec: Codec): Promise<AccessUnit[]> {
  const child = spawn('ffmpeg', tapArguments(await replayRtp(recording), codec, true), {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const splitter = createUnitSplitter(codec);
  const units: AccessUnit[] = [];
  for await (const chunk of child.stdout) {
    units.push(...splitter.push(chunk as Buffer, 0));
  }
  return units;
}

const videoOnly = ({ frames }: RtpRecording) => frames.filter((frame) => frame[1] === 0);
const x264 = (more: string) => [
  '-map',
  '0:v',
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-x264-params',
  `keyint=8:${more}`,
];
const inBand = ['-bsf:v', 'dump_extra=freq=keyframe'];

describe('access units put together from RTP', () => {
  const x265 = (more: string) => [
    '-map',
    '0:v',
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    `log-level=error:keyint=8:${more}`,
  ];
  const streams: [string, Codec, string[]][] = [
    ['H.264, one slice, parameter sets in the description alone', 'h264', x264('slices=1:bframes=0')],
    [
      'H.264, four slices, delimiters, parameter sets in the stream, sound beside it',
      'h264',
      [...x264('slices=4:aud=1:bframes=0:b-pyramid=0'), ...inBand, '-map', '1:a', '-c:a', 'aac'],
    ],
    ['H.264 with B pictures', 'h264', x264('bframes=2:b-adapt=0')],
    ['H.265', 'hevc', x265('bframes=0')],
    [
      'H.265, two slices, B pictures, delimiters, parameter sets in the stream',
      'hevc',
      x265('slices=2:bframes=2:aud=1:repeat-headers=1'),
    ],
  ];
  it.each(streams)('are byte for byte what ffmpeg copies: %s', async (_, codec, encoding) => {
    const recording = await recordRtp(encoding);
    const { units, told } = hear(codec, [Buffer.concat(recording.frames)]);
    expect(units.length).toBe(24);
    expect(new Set(told)).toEqual(new Set(['unit']));
    const copied = await copiedByFfmpeg(recording, codec);
    // ffmpeg leaves out what comes before its first sure keyframe, and puts parameter sets before that.
    const bare = (unit: AccessUnit | undefined) => unit?.bytes.subarray(4) ?? Buffer.alloc(0);
    const from = units.findIndex((unit) => copied[0]?.bytes.subarray(-bare(unit).length).equals(bare(unit)));
    expect(copied.length).toBeGreaterThanOrEqual(15);
    const same = units.slice(from + 1, from + copied.length);
    expect(
      sameUnits(
        same.map((unit) => unit.bytes),
        copied.slice(1).map((unit) => unit.bytes),
      ),
    ).toBe(true);
    expect(units.slice(from, from + copied.length).map((unit) => unit.key)).toEqual(copied.map((unit) => unit.key));
  });

  it('are the same wherever the network cut the bytes, and whatever comes into their buffer afterwards', async () => {
    const { frames } = await recordRtp([...x264('slices=2:bframes=0'), '-crf', '45', '-map', '1:a', '-c:a', 'aac'], 4);
    const stream = Buffer.concat(frames);
    const expected = hear('h264', [stream]).bytes();
    expect(expected.length).toBe(4);
    for (let cut = 1; cut < stream.length; cut += 1)
      if (!sameUnits(hear('h264', [stream.subarray(0, cut), stream.subarray(cut)]).bytes(), expected))
        throw new Error(`cut at ${cut}`);
    const single = Array.from({ length: stream.length }, (_, at) => stream.subarray(at, at + 1));
    expect(hear('h264', single).bytes()).toEqual(expected);
  });

  it.each([
    ['h264', x264('slices=3:bframes=0')],
    [
      'hevc',
      ['-map', '0:v', '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error:keyint=8:bframes=0'],
    ],
  ] as const)(
    'of which any packet was lost (%s): it is told before anything else comes, and nothing cut is given out',
    async (codec, encoding) => {
      const frames = videoOnly(await recordRtp(encoding, 12)).filter((frame) => frame.length > 16);
      const whole = hear(codec, [Buffer.concat(frames)]).bytes();
      for (let gone = 1; gone < frames.length - 1; gone += 1) {
        const { told, bytes } = hear(codec, frames.toSpliced(gone, 1));
        const before = told.indexOf('packets');
        expect(before).toBeGreaterThanOrEqual(0);
        const given = bytes();
        expect(given.slice(0, before)).toEqual(whole.slice(0, before));
        // At most the pictures on both sides of the hole are missing.
        expect(given.length).toBeGreaterThanOrEqual(whole.length - 2);
        for (const one of given) expect(whole.some((other) => other.equals(one))).toBe(true);
      }
    },
  );

  it('go on over the end of sequence numbers and timestamps, and come once of packets that come twice', async () => {
    const frames = videoOnly(await recordRtp(x264('slices=1:bframes=0'), 8));
    const expected = hear('h264', frames).bytes();
    const [first] = frames;
    const from = first?.readUInt16BE(6) ?? 0;
    const late = frames.map((frame) => {
      const copy = Buffer.from(frame);
      copy.writeUInt16BE((copy.readUInt16BE(6) - from + 65_530) & 0xffff, 6);
      copy.writeUInt32BE((copy.readUInt32BE(8) - (first?.readUInt32BE(8) ?? 0) + 2 ** 32 - 9000) % 2 ** 32, 8);
      return copy;
    });
    const { bytes, told, heard } = hear(
      'h264',
      late.flatMap((frame) => [frame, frame]),
    );
    expect(bytes()).toEqual(expected);
    expect(told).not.toContain('packets');
    const last = from - (from - 65_530) + frames.length - 1;
    expect(heard.heard()).toMatchObject({ sequence: last, lost: 0 });
  });

  it('of a camera that marks every slice are whole all the same, from the first that shows it', async () => {
    const frames = videoOnly(await recordRtp(x264('slices=4:bframes=0')));
    const whole = hear('h264', frames);
    const lying = frames.map((frame) => {
      const copy = Buffer.from(frame);
      const fragment = ((copy[16] ?? 0) & 0x1f) === 28;
      if (!fragment || ((copy[17] ?? 0) & 0x40) !== 0) copy[5] = (copy[5] ?? 0) | 0x80;
      return copy;
    });
    const { bytes, told, heard, units } = hear('h264', lying);
    expect(told.slice(0, 2)).toEqual(['unit', 'given']);
    expect(heard.marked()).toBe(false);
    expect(bytes().slice(1)).toEqual(whole.bytes().slice(1, -1));
    expect([...units.slice(1), heard.unproven()].at(-1)).toEqual(whole.units.at(-1));
    const unmarked = frames.map((frame) => {
      const copy = Buffer.from(frame);
      copy[5] = (copy[5] ?? 0) & 0x7f;
      return copy;
    });
    expect(hear('h264', unmarked).bytes()).toEqual(whole.bytes().slice(0, -1));
  });

  it('are not made of what is none of this codec, of other payloads, or of a picture that was joined in its middle', async () => {
    const frames = videoOnly(await recordRtp(x264('slices=1:bframes=0'), 8)).filter((frame) => frame.length > 100);
    const whole = hear('h264', frames).bytes();
    const joined = hear('h264', frames.slice(2));
    expect(joined.told[0]).toBe('picture');
    expect(joined.bytes()).toEqual(whole.slice(1));
    const other = Buffer.from(frames[0] ?? '');
    other[5] = 98;
    expect(hear('h264', [other]).told).toEqual([]);
    expect(hear('hevc', frames).units.some(({ key }) => key)).toBe(false);
    expect(hear('hevc', frames).told).toContain('foreign');
    for (let size = 0; size < 40; size += 1) {
      const odd = Buffer.alloc(size, 0xff);
      expect(() => hearing('h264').heard.push(odd, 0, size)).not.toThrow();
      odd[0] = 0xbf;
      odd[1] = 96;
      expect(() => hearing('hevc').heard.push(odd, 0, size)).not.toThrow();
    }
  });
});

const sameUnits = (some: readonly Buffer[], others: readonly Buffer[]) =>
  some.length === others.length && some.every((one, index) => one.equals(others[index] ?? Buffer.alloc(0)));

describe('when RTP packets arrived', () => {
  it('is told by their timestamps, where many are read at once, and never lies outside of the time between two looks', () => {
    const clock = createRtpClock(90_000);
    const begin = 2 ** 32 - 9000;
    const stamp = (ms: number) => (begin + ms * 90) % 2 ** 32;
    // Sent every 50 ms, read every 200 ms.
    const seen: number[] = [];
    for (let read = 200; read <= 2000; read += 200)
      for (let sent = read - 200; sent < read; sent += 50) seen.push(clock.arrivedAtMs(stamp(sent), read, read - 200));
    const apart = seen.slice(4).map((at, index) => at - (seen[index + 3] ?? 0));
    for (const ms of apart) expect(ms).toBeCloseTo(50, 0);
    expect(clock.arrivedAtMs(12_345, 5000, 4900)).toBeGreaterThanOrEqual(4900);
    expect(clock.arrivedAtMs(3_000_000_000, 5100, 5000)).toBeLessThanOrEqual(5100);
  });
});
