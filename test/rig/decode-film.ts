import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The pictures of a film of this size as raw RGB. */
export async function decodeFilm(
  film: string,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
): Promise<Buffer[]> {
  const child = spawn(
    'ffmpeg',
    [
      '-v',
      'error',
      '-i',
      film,
      '-vf',
      'scale=in_color_matrix=bt709:in_range=tv',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      '-',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  await once(child, 'close');
  const bytes = Buffer.concat(parts);
  const size = widthPx * heightPx * 3;
  return Array.from({ length: bytes.length / size }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** How far two raw pictures are from each other, mean of all bytes. */
export function meanOff(a: Buffer, b: Buffer): number {
  let sum = 0;
  for (let at = 0; at < b.length; at += 1) sum += Math.abs((a[at] ?? 0) - (b[at] ?? 0));
  return sum / b.length;
}
