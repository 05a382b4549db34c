/** Damage that only a codec makes: real H.264 with bytes lost or without its keyframe, decoded by ffmpeg as it conceals. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Base } from './good.ts';
import { asSharp, between, mapped, normal, type Random, type Raster } from './raster.ts';

const PICTURES = 14;

/** The stream of a camera that pans slowly over the picture. */
async function encodeStream(base: Base, random: Random, slices: number): Promise<{ stream: Buffer; last: Raster }> {
  const wide = Math.floor((base.widthPx * 0.9) / 16) * 16;
  const high = Math.floor((base.heightPx * 0.9) / 16) * 16;
  const step = between(random, 0.1, 1);
  const grain = Float32Array.from({ length: 4096 }, () => normal(random) * 1.5);
  const frames: Buffer[] = [];
  for (let k = 0; k < PICTURES; k += 1) {
    const share = (k / PICTURES) * step;
    const cut = asSharp(base).extract({
      left: Math.floor(base.widthPx * 0.1 * share),
      top: Math.floor(base.heightPx * 0.1 * share),
      width: wide,
      height: high,
    });
    const part = { widthPx: wide, heightPx: high, pixels: await cut.raw().toBuffer() };
    const walker = wide * (0.1 + (k / PICTURES) * 0.5);
    const noise = Math.floor(random() * 4096);
    frames.push(
      mapped(part, (x, y, r, g, b) => {
        if (x > walker && x < walker + wide * 0.07 && y > high * 0.45 && y < high * 0.9)
          return [60 + (y % 40), 40, 50 + (x % 30)];
        const own = grain[(noise + x * 7 + y * 131) & 4095] ?? 0;
        return [r + own, g + own, b + own];
      }).pixels,
    );
  }
  const size = `${wide}x${high}`;
  const stream = await ffmpeg(
    [
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      '-s',
      size,
      '-r',
      '15',
      '-i',
      'pipe:0',
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-crf',
      '24',
      '-g',
      '100',
      '-bf',
      '0',
      '-x264-params',
      `slices=${slices}:scenecut=0`,
      '-f',
      'h264',
      'pipe:1',
    ],
    Buffer.concat(frames),
  );
  return { stream, last: { widthPx: wide, heightPx: high, pixels: frames.at(-1) ?? Buffer.alloc(0) } };
}

interface Nal {
  type: number;
  bytes: Buffer;
}
function nalsOf(stream: Buffer): Nal[] {
  const starts: number[] = [];
  for (let at = 0; at + 3 < stream.length; at += 1)
    if (stream[at] === 0 && stream[at + 1] === 0 && stream[at + 2] === 1) starts.push(at);
  return starts.map((start, k) => ({
    type: (stream[start + 3] ?? 0) & 31,
    bytes: stream.subarray(start, starts[k + 1] ?? stream.length),
  }));
}

async function decodeLast(stream: Buffer, like: Raster): Promise<Raster | null> {
  const out = await ffmpeg(
    ['-flags', '+output_corrupt', '-f', 'h264', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
    stream,
  );
  const bytes = like.pixels.length;
  const whole = Math.floor(out.length / bytes);
  return whole === 0 ? null : { ...like, pixels: out.subarray((whole - 1) * bytes, whole * bytes) };
}

/** Share of the picture that differs plainly from what the camera saw. */
function damageOf(a: Raster, b: Raster): number {
  let off = 0;
  for (let at = 1; at < a.pixels.length; at += 12)
    if (Math.abs((a.pixels[at] ?? 0) - (b.pixels[at] ?? 0)) > 30) off += 1;
  return off / (a.pixels.length / 12);
}

/** Null when ffmpeg hid the damage so well that there is nothing to see. */
export async function packetsLost(base: Base, random: Random, visible = 0.06): Promise<Raster | null> {
  const slices = random() < 0.5 ? 1 : 4;
  const { stream, last } = await encodeStream(base, random, slices);
  const damaged = nalsOf(stream).map(({ type, bytes }, k) => {
    if (type !== 1 && type !== 5) return bytes;
    if (type === 5 && random() < 0.5) {
      // A keyframe is many packets; some in its middle are lost.
      const from = Math.floor(bytes.length * between(random, 0.15, 0.6));
      return Buffer.concat([
        bytes.subarray(0, from),
        bytes.subarray(Math.min(bytes.length, from + 1400 * Math.ceil(random() * 4))),
      ]);
    }
    if (k > 4 && random() < 0.18) return Buffer.alloc(0);
    if (random() < 0.25) {
      const from = Math.floor(bytes.length * between(random, 0.1, 0.8));
      return bytes.subarray(0, from);
    }
    return bytes;
  });
  const decoded = await decodeLast(Buffer.concat(damaged), last);
  return decoded !== null && damageOf(decoded, last) > visible ? decoded : null;
}

/** Decoding that begins after the keyframe: mid-grey with what has moved since. */
export async function withoutKeyframe(base: Base, random: Random): Promise<Raster | null> {
  const { stream, last } = await encodeStream(base, random, 1);
  const kept = nalsOf(stream).filter(({ type }) => type !== 5);
  const decoded = await decodeLast(Buffer.concat(kept.map(({ bytes }) => bytes)), last);
  return decoded !== null && damageOf(decoded, last) > 0.3 ? decoded : null;
}

async function ffmpeg(args: string[], input: Buffer): Promise<Buffer> {
  const child = spawn('ffmpeg', ['-v', 'quiet', '-threads', '1', ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  await once(child, 'close');
  return Buffer.concat(chunks);
}
