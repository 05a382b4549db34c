import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openBuffer } from '@slowlight/agent/src/buffer/open-buffer.ts';
import type { Picture } from '@slowlight/agent/src/frame.ts';
import { createJudge } from '@slowlight/agent/src/quality/judge.ts';
import { shapePicture } from '@slowlight/agent/src/quality/shape-picture.ts';
import { newAgentId, newCameraId, shape } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { labelledPicture } from '../rig/pictures/picture-set.ts';
import { rasterOf } from '../rig/pictures/raster.ts';
import { quantile } from './quantile.ts';
import type { Bench } from './run.ts';

const [WIDTH_PX, HEIGHT_PX] = [1920, 1080];
/** What judging costs depends on what there is to see. */
const SCENES = 5;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Arguments: how many pictures (100). ffmpeg and the camera are not in it: the picture is in memory already. */
export const bench: Bench = {
  question:
    'How long does our own code take from a captured 1080p picture to its commit: encoding, judging, committing?',
  async run(report, args) {
    const count = Number(args[0] ?? 100);
    const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    const buffer = await openBuffer(
      { clock: systemClock, log: quiet },
      { folder, agentId: newAgentId(), quarantineAfter: 5 },
    );
    try {
      const pictures = await makePictures();
      const judge = createJudge();
      const plain = shape.parse({});
      const camera = newCameraId();
      const times: Record<string, number[]> = { reference: [], judge: [], both: [], commit: [], whole: [] };
      const note = (name: string, since: number) => times[name]?.push(performance.now() - since);
      let bytes = 0;
      for (let number = 0; number < count + 5; number += 1) {
        const picture = pictures[number % SCENES] as Picture;
        if (number === 5) for (const list of Object.values(times)) list.length = 0;
        const bare = performance.now();
        await sharp(picture.pixels, { raw: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3 } })
          .jpeg({ quality: 90 })
          .toBuffer();
        note('reference', bare);
        const whole = performance.now();
        // As the agent does it: encoded on another thread, judged on this one.
        const shaping = shapePicture(picture, plain, 90);
        const judged = performance.now();
        const judging = judge(picture, shaping);
        note('judge', judged);
        const [shaped, verdict] = await Promise.all([shaping, judging]);
        note('both', whole);
        const commit = performance.now();
        const kept = await buffer.commitFrame({
          camera,
          slot: null,
          flagged: false,
          shaped,
          taken: picture.taken,
          sourceWidthPx: WIDTH_PX,
          sourceHeightPx: HEIGHT_PX,
          ageAtSlotMs: 0,
          verdict,
        });
        note('commit', commit);
        note('whole', whole);
        if (kept.kind !== 'kept') throw new Error(kept.kind);
        bytes += kept.frame.sizeBytes;
      }
      report('a picture', bytes / (count + 5) / 1000, 'KB');
      for (const [figure, name] of [
        ['reference: bare sharp to JPEG, quality 90', 'reference'],
        ['judging', 'judge'],
        ['encoding and judging side by side', 'both'],
        ['committing', 'commit'],
        ['all of it', 'whole'],
      ] as const) {
        report(`${figure}, p50`, quantile(times[name] ?? [], 0.5), 'ms');
        report(`${figure}, p99`, quantile(times[name] ?? [], 0.99), 'ms');
      }
    } finally {
      buffer.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Scenes with a sensor's noise, drawn as those of the bench `judging`. */
async function makePictures(): Promise<Picture[]> {
  const taken: Picture['taken'] = {
    wall: systemClock.now(),
    bootId: 'boot-of-the-bench' as never,
    monotonicMs: 0,
    clock: 'synchronised',
  };
  const pictures: Picture[] = [];
  for (let seed = 1; pictures.length < SCENES; seed += 1) {
    const drawn = await labelledPicture('day', seed, { size: { widthPx: WIDTH_PX, heightPx: HEIGHT_PX } });
    if (drawn === null) throw new Error('no picture was made');
    const { pixels, widthPx, heightPx } = await rasterOf(drawn.jpeg);
    pictures.push({ pixels, widthPx, heightPx, taken });
  }
  return pictures;
}
