import { readDescription, resolveControl } from '@slowlight/agent/src/capture/rtsp/sdp.ts';
import { describe, expect, it } from 'vitest';

const base = 'rtsp://10.0.0.5/live/';
const sdp = (...media: string[]) => ['v=0', 'o=- 1 1 IN IP4 10.0.0.5', 's=x', 't=0 0', ...media, ''].join('\r\n');
const audio = ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/16000', 'a=control:trackID=1'];
const h264 = [
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0IAKeKQFAe2AtwEBAaQeJEV,aM48gA==; profile-level-id=420029',
  'a=control:trackID=2',
];

describe('the description of a stream', () => {
  it('finds the video behind the sound, its URLs and its parameter sets', () => {
    const found = readDescription(sdp(...audio, ...h264), base);
    if (found.kind !== 'video') throw new Error(found.kind);
    expect(found).toMatchObject({ codec: 'h264', sessionUrl: base, trackUrl: `${base}trackID=2`, sizeKnown: true });
    expect(found.parameterSets.subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 1, 0x67]));
    expect(found.parameterSets.indexOf(Buffer.from([0, 0, 0, 1, 0x68]))).toBeGreaterThan(5);
  });

  it('is handed on with the video alone, under the reader’s own URL', () => {
    const found = readDescription(sdp('a=control:rtsp://10.0.0.5/all', ...audio, ...h264), base);
    if (found.kind !== 'video') throw new Error(found.kind);
    const handedOn = found.withTrackAt('rtsp://127.0.0.1:1/x/video');
    expect(handedOn).toContain('a=control:rtsp://127.0.0.1:1/x/video\r\n');
    expect(handedOn).not.toContain('m=audio');
    expect(handedOn).not.toContain('trackID');
    expect(handedOn).not.toContain('10.0.0.5/');
    expect(found.sessionUrl).toBe('rtsp://10.0.0.5/all');
  });

  it.each([
    [['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H265/90000'], 'hevc'],
    [['m=video 0 RTP/AVP 26'], 'mjpeg'],
    [['m=video 0 RTP/AVP 96', 'a=rtpmap:96 VP8/90000', ...h264], 'h264'],
  ])('reads the codec of %j as %s', (media, codec) => {
    expect(readDescription(sdp(...media), base)).toMatchObject({ kind: 'video', codec });
  });

  it('tells sound alone from a codec that is not read', () => {
    expect(readDescription(sdp(...audio), base)).toEqual({ kind: 'no-video' });
    expect(readDescription('', base)).toEqual({ kind: 'no-video' });
    expect(readDescription(sdp('m=video 0 RTP/AVP 96', 'a=rtpmap:96 VP8/90000'), base)).toEqual({
      kind: 'unknown-codec',
      codec: 'VP8',
    });
  });

  it.each([
    [null, 'rtsp://h/a', 'rtsp://h/a'],
    ['*', 'rtsp://h/a/', 'rtsp://h/a/'],
    ['track1', 'rtsp://h/a', 'rtsp://h/a/track1'],
    ['track1', 'rtsp://h/a/', 'rtsp://h/a/track1'],
    ['track1', 'rtsp://h/a?x=1', 'rtsp://h/a?x=1/track1'],
    ['rtsp://other/track1', 'rtsp://h/a', 'rtsp://other/track1'],
  ])('a control of %s at %s is %s', (control, at, expected) => {
    expect(resolveControl(control, at)).toBe(expected);
  });
});
