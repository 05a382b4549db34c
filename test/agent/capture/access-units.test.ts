import { createLossWatch } from '@slowlight/agent/src/capture/rtsp/loss.ts';
import { createReorder } from '@slowlight/agent/src/capture/rtsp/reorder.ts';
import { type AccessUnit, createUnitSplitter } from '@slowlight/agent/src/capture/tap/access-units.ts';
import { createArrivals } from '@slowlight/agent/src/capture/tap/arrivals.ts';
import { createPpmReader } from '@slowlight/agent/src/capture/tap/ppm.ts';
import { createRunningGop } from '@slowlight/agent/src/capture/tap/running-gop.ts';
import { describe, expect, it } from 'vitest';

const nal = (...bytes: number[]) => Buffer.from([0, 0, 0, 1, ...bytes, 0x55, 0x66]);
const short = (...bytes: number[]) => Buffer.from([0, 0, 1, ...bytes, 0x55, 0x66]);

/** Units with the names that the tables below use. */
const h264 = {
  aud: nal(0x09, 0xf0),
  sps: nal(0x67, 0x42),
  pps: short(0x68, 0xce),
  sei: nal(0x06, 0x05),
  idr: nal(0x65, 0x88),
  /** A later slice of the same picture: first_mb_in_slice is not 0. */
  idrMore: short(0x65, 0x42),
  slice: nal(0x41, 0x9a),
  sliceMore: short(0x41, 0x1a),
};
const h265 = {
  vps: nal(0x40, 0x01, 0x0c),
  sps: nal(0x42, 0x01, 0x01),
  idr: nal(0x26, 0x01, 0xaf),
  cra: nal(0x2a, 0x01, 0xaf),
  slice: nal(0x02, 0x01, 0xd0),
  sliceMore: nal(0x02, 0x01, 0x50),
  suffixSei: nal(0x50, 0x01, 0x84),
};

function split(codec: 'h264' | 'hevc' | 'mjpeg', stream: Buffer, size: number): AccessUnit[] {
  const splitter = createUnitSplitter(codec);
  const units: AccessUnit[] = [];
  for (let at = 0; at < stream.length; at += size) units.push(...splitter.push(stream.subarray(at, at + size), at));
  return units;
}

describe('the splitter of access units', () => {
  const tables: [string, 'h264' | 'hevc', Buffer[][], boolean[]][] = [
    [
      'slices of one picture stay together',
      'h264',
      [[h264.idr, h264.idrMore], [h264.slice, h264.sliceMore], [h264.slice]],
      [true, false],
    ],
    [
      'parameter sets and SEI belong to what follows',
      'h264',
      [[h264.sps, h264.pps, h264.sei, h264.idr], [h264.sei, h264.slice], [h264.sps, h264.pps, h264.idr], [h264.slice]],
      [true, false, true],
    ],
    ['delimiters begin a unit', 'h264', [[h264.aud, h264.idr], [h264.aud, h264.slice], [h264.aud]], [true, false]],
    [
      'an open GOP is entered where SPS stand',
      'h264',
      [[h264.slice], [h264.sps, h264.pps, h264.slice], [h264.slice]],
      [false, true],
    ],
    [
      'H.265: CRA and IDR are keys, a suffix SEI stays behind its picture',
      'hevc',
      [[h265.vps, h265.sps, h265.idr, h265.suffixSei], [h265.slice, h265.sliceMore], [h265.cra], [h265.slice]],
      [true, false, true],
    ],
  ];
  it.each(tables)('%s', (_, codec, groups, keys) => {
    const stream = Buffer.concat(groups.flat());
    const expected = groups.slice(0, -1).map((group) => Buffer.concat(group));
    for (const size of [1, 2, 3, 7, stream.length]) {
      const units = split(codec, stream, size);
      expect(units.map((unit) => unit.key)).toEqual(keys);
      expect(units.map((unit) => unit.bytes)).toEqual(expected);
    }
  });

  it('shows what has come of the next unit, as unproven', () => {
    const splitter = createUnitSplitter('h264');
    expect(splitter.unproven()).toBeNull();
    splitter.push(Buffer.concat([h264.idr, h264.slice]), 5);
    expect(splitter.unproven()).toEqual({ bytes: h264.slice, key: false, beganAtMs: 5 });
  });

  it('cuts JPEGs at their ends, whatever lies between', () => {
    const one = Buffer.from([0xff, 0xd8, 0xff, 0xdb, 1, 2, 0xff, 0, 3, 0xff, 0xd9]);
    const stream = Buffer.concat([Buffer.from([9, 9]), one, one, one.subarray(0, 6)]);
    for (const size of [1, 3, stream.length])
      expect(split('mjpeg', stream, size).map((unit) => unit.bytes)).toEqual([one, one]);
  });
});

describe('the running GOP', () => {
  const unit = (key: boolean, size = 10): AccessUnit => ({ bytes: Buffer.alloc(size), key, beganAtMs: 0 });

  it('begins at a keyframe, grows, and begins anew at the next', () => {
    const gop = createRunningGop({ mostBytes: 100, mostAgeMs: 1000 });
    gop.add(unit(false), 1);
    expect(gop.newest()).toBeNull();
    gop.add(unit(true), 10);
    gop.add(unit(false), 20);
    const before = gop.newest();
    expect(before).toMatchObject({ arrivedAtMs: 20, units: { length: 2 } });
    gop.add(unit(true), 30);
    expect(gop.newest()).toMatchObject({ arrivedAtMs: 30, units: { length: 1 } });
    expect(gop.keyframeIntervalMs()).toBe(20);
    expect(before?.units.length).toBe(2);
  });

  it.each([
    ['bytes', (at: number) => at, 40],
    ['age', (at: number) => at * 400, 10],
  ])('that outgrows its %s is its keyframe alone until the next', (_, time, size) => {
    const gop = createRunningGop({ mostBytes: 100, mostAgeMs: 1000 });
    gop.add(unit(true, size), time(0));
    for (let at = 1; at < 6; at += 1) gop.add(unit(false, size), time(at));
    expect(gop.newest()).toMatchObject({ arrivedAtMs: time(0), units: { length: 1 } });
    expect(gop.isWhole()).toBe(false);
    gop.add(unit(true, size), time(7));
    gop.add(unit(false, size), time(7));
    expect(gop.newest()?.units.length).toBe(2);
  });

  it('that owns its pictures gives the old ones back at once, but for those that somebody was given', () => {
    const owned = (key: boolean): AccessUnit => ({ bytes: Buffer.allocUnsafeSlow(40_000), key, beganAtMs: 0 });
    const [gop, shared] = [true, false].map((own) => createRunningGop({ mostBytes: 1e6, mostAgeMs: 1000, owned: own }));
    const [unseen, seen, late] = [
      [owned(true), owned(false)],
      [owned(true), owned(false)],
      [owned(true), owned(false)],
    ];
    for (const one of unseen) gop?.add(one, 1);
    for (const one of seen) gop?.add(one, 2);
    expect(unseen.map(({ bytes }) => bytes.length)).toEqual([0, 0]);
    const given = gop?.newest();
    for (const one of late) gop?.add(one, 3);
    expect(given?.units.map(({ bytes }) => bytes.length)).toEqual([40_000, 40_000]);
    gop?.forget();
    expect(late.map(({ bytes }) => bytes.length)).toEqual([0, 0]);
    for (const one of [...seen, ...seen]) shared?.add(one, 1);
    expect(seen.map(({ bytes }) => bytes.length)).toEqual([40_000, 40_000]);
  });
});

describe('arrivals', () => {
  it('a unit that ffmpeg held back arrived when the one before it came out; a JPEG when it came out', () => {
    const at = (beganAtMs: number): AccessUnit => ({ bytes: Buffer.alloc(1), key: true, beganAtMs });
    const video = createArrivals(true);
    expect([video.add(at(100)), video.add(at(140)), video.estimate(at(181))]).toEqual([100, 100, 140]);
    expect(video.intervalMs()).toBe(40);
    expect(createArrivals(false).add(at(100))).toBe(100);
  });
});

describe('the reader of PPM', () => {
  it('keeps the last whole picture, however the stream is cut', () => {
    const picture = (level: number) => Buffer.concat([Buffer.from('P6\n3 2\n255\n'), Buffer.alloc(18, level)]);
    const stream = Buffer.concat([picture(1), picture(2), picture(3).subarray(0, 20)]);
    for (const size of [1, 5, 12, 30, stream.length]) {
      const reader = createPpmReader();
      for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
      expect(reader.last()).toEqual({ pixels: Buffer.alloc(18, 2), widthPx: 3, heightPx: 2 });
    }
  });

  it('takes nothing else for a picture', () => {
    expect(createPpmReader().last()).toBeNull();
    expect(() => createPpmReader().push(Buffer.alloc(100, 'x'))).toThrow(RangeError);
    expect(() => createPpmReader().push(Buffer.from('P6 99999 99999 255 '))).toThrow(RangeError);
  });
});

describe('a loss on the way', () => {
  const unit = (key: boolean): AccessUnit => ({ bytes: Buffer.alloc(4), key, beganAtMs: 0 });

  it('ends the running GOP at what came before it, until a keyframe that began after it', () => {
    const gop = createRunningGop({ mostBytes: 1000, mostAgeMs: 60_000 });
    gop.add(unit(true), 100);
    gop.add(unit(false), 200);
    gop.lost(250);
    gop.add(unit(false), 300);
    expect(gop.newest()).toMatchObject({ arrivedAtMs: 200, keyAtMs: 100, broken: true, units: { length: 2 } });
    expect(gop.isWhole()).toBe(false);
    // A keyframe of which a part was lost helps nobody.
    gop.lost(510);
    gop.add(unit(true), 500);
    gop.add(unit(false), 600);
    expect(gop.newest()?.arrivedAtMs).toBe(200);
    gop.add(unit(true), 1000);
    gop.add(unit(false), 1100);
    expect(gop.newest()).toMatchObject({ arrivedAtMs: 1100, keyAtMs: 1000, broken: false, units: { length: 2 } });
    expect(gop.keyframeIntervalMs()).toBe(500);
  });

  const packet = (number: number, channel = 0): Buffer => {
    const frame = Buffer.alloc(20);
    frame[1] = channel;
    frame.writeUInt16BE(number, 6);
    return frame;
  };

  it.each([
    ['none where numbers follow each other, over their end too', [65_534, 65_535, 0, 1], []],
    ['one where a number is missing', [1, 2, 4, 5, 8], [4, 8]],
    ['none where a camera begins anew', [40_000, 30_000], []],
    ['none of a packet that comes twice', [1, 2, 2, 3], []],
  ])('is %s', (_, numbers, expected) => {
    const watch = createLossWatch();
    expect(numbers.filter((number) => watch.sees(packet(number)))).toEqual(expected);
    // Control packets have other numbers.
    expect(watch.sees(packet(9999, 1))).toBe(false);
  });

  it.each([
    ['in order', [1, 2, 3], [1, 2, 3]],
    ['overtaken', [1, 3, 2, 5, 4], [1, 2, 3, 4, 5]],
    ['overtaken at the end of the numbers', [65_535, 1, 0, 2], [65_535, 0, 1, 2]],
    ['twice', [1, 2, 2, 1, 3], [1, 2, 3]],
    ['late', [1, 3, 4], [1]],
    [
      'lost',
      [1, ...Array.from({ length: 66 }, (_, index) => index + 3)],
      [1, ...Array.from({ length: 66 }, (_, index) => index + 3)],
    ],
  ])('packets that come %s are put in order', (_, numbers, expected) => {
    const reorder = createReorder();
    const given = numbers.flatMap((number) => reorder.push(packet(number).subarray(4), 0));
    expect(given.map((one) => one.readUInt16BE(2))).toEqual(expected);
  });

  it('a packet that is lost is waited for no longer than 80 ms', () => {
    const reorder = createReorder();
    const push = (number: number, at: number) =>
      reorder.push(packet(number).subarray(4), at).map((one) => one.readUInt16BE(2));
    expect([push(1, 0), push(3, 10), push(4, 80), push(5, 95)]).toEqual([[1], [], [], [3, 4, 5]]);
  });
});
