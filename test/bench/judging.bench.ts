import { judgeJpeg } from '@slowlight/agent/src/quality/judge-jpeg.ts';
import sharp from 'sharp';
import { photographs } from '../rig/pictures/photographs.ts';
import { CATEGORIES, labelledPicture } from '../rig/pictures/picture-set.ts';
import { encode, rasterOf } from '../rig/pictures/raster.ts';
import { SECOND_DAMAGE, SECOND_GOOD } from '../rig/pictures/second-set.ts';
import { seeded } from '../rig/seeded.ts';
import { fetchPhotographs } from './fetch-photographs.ts';
import { quantile } from './quantile.ts';
import type { Bench, Report } from './run.ts';

const ROUNDS = 25;

export const bench: Bench = {
  question:
    'What does judging a 1080p JPEG cost, decoding included, against sharp().stats(), and how many of the picture set does it tell right? [pictures of each category]',
  async run(report, args) {
    const why = await fetchPhotographs();
    const used = photographs('designed').length + photographs('heldOut').length;
    report(`photographs used beside the drawn scenes${why === null ? '' : ` (${why})`}`, used, 'pictures');
    await costs(report);
    const each = Number(args[0] ?? 6);
    for (const half of ['designed', 'heldOut'] as const) {
      report(`${half}: photographs`, photographs(half).length, 'pictures');
      await accuracy(report, half, each);
      await secondHand(report, half);
    }
  },
};

async function costs(report: Report): Promise<void> {
  const picture = await labelledPicture('day', 3, { size: { widthPx: 1920, heightPx: 1080 } });
  if (picture === null) throw new Error('no picture was made');
  const jpeg = picture.jpeg;
  report('size of the JPEG', jpeg.length / 1000, 'kB');
  // Turn by turn, so that a busy machine is busy for all of them.
  const ways = {
    'fast checks, CPU p50': () => judgeJpeg(jpeg, { checks: 'fast' }),
    'heavy checks, CPU p50': () => judgeJpeg(jpeg, { checks: 'heavy' }),
    'reference sharp().stats(), CPU p50': () => sharp(jpeg).stats(),
  };
  const times = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS + 3; round += 1)
    for (const [name, way] of Object.entries(ways)) {
      const began = process.cpuUsage();
      await way();
      const { user, system } = process.cpuUsage(began);
      if (round >= 3) times.get(name)?.push((user + system) / 1000);
    }
  for (const [name, list] of times) report(name, quantile(list, 0.5), 'ms');
}

async function accuracy(report: Report, half: 'designed' | 'heldOut', each: number): Promise<void> {
  const shares = { good: [] as number[], bad: [] as number[] };
  for (const category of CATEGORIES) {
    let [made, flagged, good] = [0, 0, false];
    // Other seeds than those that were looked at while the judge was made.
    for (let seed = 1000; seed < 1000 + each; seed += 1) {
      const picture = await labelledPicture(category, seed, { half });
      if (picture === null) continue;
      made += 1;
      good = picture.good;
      if ((await judgeJpeg(picture.jpeg)).score < 70) flagged += 1;
    }
    if (made === 0) continue;
    const share = flagged / made;
    shares[good ? 'good' : 'bad'].push(share);
    report(`${half}: ${good ? 'good, wrongly flagged' : 'fault, found'}: ${category}`, share * 100, '%');
  }
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / Math.max(1, list.length);
  report(`${half}: balanced accuracy`, (mean(shares.bad) + 1 - mean(shares.good)) * 50, '%');
}

/** The same faults by other means, on photographs alone: drawn scenes are the first hand's. */
async function secondHand(report: Report, half: 'designed' | 'heldOut'): Promise<void> {
  for (const [set, good] of [
    [SECOND_GOOD, true],
    [SECOND_DAMAGE, false],
  ] as const)
    for (const [name, make] of Object.entries(set)) {
      let [made, flagged] = [0, 0];
      for (const photograph of photographs(half)) {
        const base = await rasterOf(photograph, { widthPx: 1280, heightPx: 720 });
        const jpeg = await encode(await make(base, seeded(3000 + made)), 80);
        made += 1;
        if ((await judgeJpeg(jpeg)).score < 70) flagged += 1;
      }
      if (made > 0)
        report(
          `${half}, second hand: ${good ? 'good, wrongly flagged' : 'fault, found'}: ${name}`,
          (flagged / made) * 100,
          '%',
        );
    }
}
