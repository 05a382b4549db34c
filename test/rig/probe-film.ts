import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import type { openFilm } from './film.ts';
import { openFolder } from './folder.ts';

/** What ffprobe says of a film in the store; pictures are decoded and counted. */
export async function probeFilm({ store, told }: Pick<Awaited<ReturnType<typeof openFilm>>, 'store' | 'told'>) {
  const file = path.join(await openFolder(), 'film.mp4');
  const parts: Uint8Array[] = [];
  for await (const part of await store.read(told.ready?.key ?? '')) parts.push(part);
  await writeFile(file, Buffer.concat(parts));
  const args = ['-v', 'error', '-count_frames', '-count_packets', '-show_streams', '-show_format', '-of', 'json', file];
  const { stdout } = await promisify(execFile)('ffprobe', args);
  const { streams, format } = JSON.parse(stdout) as {
    streams: Record<string, string>[];
    format: Record<string, string>;
  };
  const [stream = {}] = streams;
  return {
    file,
    decoded: Number(stream.nb_read_frames),
    packets: Number(stream.nb_read_packets),
    seconds: Number(stream.duration),
    containerSeconds: Number(format.duration),
    size: [Number(stream.width), Number(stream.height)],
    aspect: stream.sample_aspect_ratio,
    pixels: stream.pix_fmt,
    codec: stream.codec_name,
  };
}

/** The colour of a picture of the film, at a place between 0 and 1. */
export async function colourAt(file: string, index: number, x: number, y: number): Promise<number[]> {
  const args = [
    '-v',
    'error',
    '-i',
    file,
    '-vf',
    `select=eq(n\\,${index})`,
    '-frames:v',
    '1',
    '-f',
    'image2pipe',
    '-c:v',
    'png',
    '-',
  ];
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer' });
  const { data, info } = await sharp(stdout).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * (info.height - 1)) * info.width + Math.floor(x * (info.width - 1))) * info.channels;
  return [...data.subarray(at, at + 3)];
}
