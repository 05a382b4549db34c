/** Pictures for benches that make films: few scenes that move a little, in as many files as are wanted, each another one. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** @param folder where they are drawn; it is not cleaned up */
export async function drawScenes(
  folder: string,
  { widthPx, heightPx, count }: { widthPx: number; heightPx: number; count: number },
): Promise<Buffer[]> {
  const own = await mkdtemp(path.join(folder, 'scenes-'));
  const source = `testsrc2=s=${widthPx}x${heightPx}:r=24,noise=alls=6:allf=t,gblur=sigma=0.8`;
  const args = ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', String(count), '-q:v', '3'];
  await promisify(execFile)('ffmpeg', [...args, path.join(own, '%04d.jpg')]);
  const names = (await readdir(own)).sort();
  return Promise.all(names.map((name) => readFile(path.join(own, name))));
}

/** One of the scenes, with its number in a comment (COM) behind the first marker, so that none is another one's copy. */
export function pictureOf(scenes: readonly Buffer[], number: number): Buffer {
  const jpeg = scenes[number % scenes.length] as Buffer;
  const comment = Buffer.from(`frame ${number}`);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([head, comment, jpeg.subarray(2)]);
}
