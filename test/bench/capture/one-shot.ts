/** The reference: ffmpeg started at the slot, as most systems do it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import sharp from 'sharp';
import { readClock } from '../../rig/picture-clock.ts';

/** One picture of a camera, as a JPEG. */
export async function oneShot(url: string): Promise<Buffer> {
  const args = [
    '-v',
    'error',
    '-rtsp_transport',
    'tcp',
    '-i',
    url,
    '-frames:v',
    '1',
    '-q:v',
    '2',
    '-f',
    'image2pipe',
    '-',
  ];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return Buffer.concat(chunks);
}

/** The time that a JPEG shows, ms; NaN where none can be read. */
export async function clockIn(picture: Buffer): Promise<number> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return readClock(data, info.width, info.height) ?? Number.NaN;
}
