/** The argument lists of ffmpeg for the tap and the decoder. Pure. They hold for ffmpeg 5.1 to 7.1. */
import type { VideoCodec } from '../rtsp/sdp.ts';

const QUIET = ['-hide_banner', '-nostdin', '-nostats'] as const;

/**
 * Copies the video as it comes, never decoded: RTSP over TCP in, the raw stream out, each picture as soon as it is whole.
 * @param sizeKnown whether the SDP tells the picture's size
 */
export function tapArguments(localUrl: string, codec: VideoCodec, sizeKnown: boolean): string[] {
  // What the SDP says need not be found out; without it, ffmpeg needs the first keyframe to know the size, and no more.
  const probing =
    sizeKnown || codec === 'mjpeg'
      ? ['-analyzeduration', '0', '-probesize', '32']
      : ['-analyzeduration', '15000000', '-probesize', '10000000', '-fpsprobesize', '0'];
  return [
    ...QUIET,
    ...['-loglevel', 'error'],
    ...['-protocol_whitelist', 'rtsp,rtp,tcp'],
    ...['-rtsp_transport', 'tcp', '-allowed_media_types', 'video'],
    ...['-fflags', 'nobuffer', ...probing],
    ...['-i', localUrl],
    ...['-map', '0:v:0', '-c:v', 'copy', '-an'],
    ...['-flush_packets', '1', '-f', codec, 'pipe:1'],
  ];
}

/**
 * A decoder that stays: pictures in IVF in, those with odd numbers out as PPM, at once. The codec is named because IVF has no
 * agreed name for H.265; one thread, because more would hold pictures back; every complaint, also when it is the same again.
 */
export function residentArguments(codec: 'h264' | 'hevc'): string[] {
  return [
    ...QUIET.filter((option) => option !== '-nostdin'),
    ...['-loglevel', 'repeat+warning'],
    ...['-protocol_whitelist', 'pipe'],
    // The numbers stay what they are: nothing is filled in, and the first is not taken off.
    ...['-copyts', '-fflags', 'nofillin'],
    ...['-probesize', '32', '-analyzeduration', '0', '-threads', '1', '-flags', 'low_delay'],
    ...['-c:v', codec, '-f', 'ivf', '-i', 'pipe:0'],
    ...['-an', '-vf', 'select=mod(pts\\,2)', '-fps_mode', 'passthrough'],
    ...['-pix_fmt', 'rgb24', '-f', 'image2pipe', '-c:v', 'ppm', '-flush_packets', '1', 'pipe:1'],
  ];
}

/**
 * Decodes a GOP and gives its last pictures as PPM, one after the other: the newest is the last.
 * @param first the number of the first picture that is wanted, from 0
 */
export function decodeOnceArguments(codec: 'h264' | 'hevc', first: number): string[] {
  return [
    ...QUIET.filter((option) => option !== '-nostdin'),
    ...['-loglevel', 'warning'],
    ...['-protocol_whitelist', 'pipe'],
    ...['-threads', '2', '-f', codec, '-i', 'pipe:0'],
    ...['-an', '-vf', `select=gte(n\\,${first})`, '-fps_mode', 'passthrough'],
    ...['-pix_fmt', 'rgb24', '-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'],
  ];
}
