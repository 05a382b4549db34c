/** The labelled picture set: good pictures of every category and every fault, made anew from seeds each time. */
import type { Fault } from '@slowlight/protocol';
import { seeded } from '../seeded.ts';
import { packetsLost, withoutKeyframe } from './broken-streams.ts';
import { cutAndSavedAgain, DAMAGE, FILE_DAMAGE, stamp } from './damage.ts';
import { type Base, GOOD } from './good.ts';
import { photographs } from './photographs.ts';
import { between, encode, oneOf, type Random, type Raster, rasterOf, type Size } from './raster.ts';
import { drawScene, SCENE_KINDS } from './scenes.ts';

export interface LabelledPicture {
  name: string;
  /** The good category or the fault. */
  category: string;
  good: boolean;
  /** Any of these names is right. */
  faults: readonly Fault[];
  jpeg: Buffer;
}

const SIZES: readonly Size[] = [
  { widthPx: 640, heightPx: 360 },
  { widthPx: 1280, heightPx: 720 },
  { widthPx: 1280, heightPx: 720 },
  { widthPx: 1280, heightPx: 960 },
  { widthPx: 1920, heightPx: 1080 },
];
const LARGE: Size = { widthPx: 3840, heightPx: 2160 };

async function baseOf(random: Random, photos: readonly string[], size: Size): Promise<Base> {
  if (photos.length > 0 && random() < 0.6)
    return { ...(await rasterOf(oneOf(random, photos), size)), horizon: between(random, 0.35, 0.5) };
  return drawScene(oneOf(random, SCENE_KINDS), size, random);
}

const MIXED: Readonly<
  Record<string, { faults: readonly Fault[]; make: (base: Base, random: Random) => Promise<Raster | null> }>
> = {
  'h264-packets-lost': { faults: ['smeared', 'torn', 'grey-lower-part', 'wrong-colour', 'uniform'], make: packetsLost },
  'h264-no-keyframe': { faults: ['grey-lower-part', 'smeared', 'uniform'], make: withoutKeyframe },
  'jpeg-cut-saved-again': { faults: ['grey-lower-part', 'truncated', 'smeared'], make: cutAndSavedAgain },
};

export const CATEGORIES: readonly string[] = [
  ...Object.keys(GOOD),
  ...Object.keys(DAMAGE),
  ...Object.keys(FILE_DAMAGE),
  ...Object.keys(MIXED),
];

export interface PictureChoice {
  /** Whose base pictures and seeds: nothing was ever set by looking at the held-out half. */
  half?: 'designed' | 'heldOut';
  /** Without any, all scenes are drawn. */
  photos?: readonly string[];
  /** Left out: of many sizes. */
  size?: Size;
}

/** One picture of the category; null where the damage cannot be seen. */
export async function labelledPicture(
  category: string,
  seed: number,
  { half = 'designed', photos = photographs(half), ...asked }: PictureChoice = {},
): Promise<LabelledPicture | null> {
  const random = seeded(hash(`${half}/${category}/${seed}`));
  const mixed = MIXED[category];
  const size = asked.size
    ? asked.size
    : mixed
      ? (SIZES[seed % 2] ?? LARGE)
      : random() < 0.04
        ? LARGE
        : oneOf(random, SIZES);
  const base = await baseOf(random, photos, size);
  const quality = Math.round(between(random, 30, 95));
  const stamped = random() < 0.4;
  const label = (good: boolean, faults: readonly Fault[], jpeg: Buffer): LabelledPicture => ({
    name: `${category}-${seed}`,
    category,
    good,
    faults,
    jpeg,
  });
  const finish = async (raster: Raster) => encode(stamped ? await stamp(raster, random) : raster, quality);

  const good = GOOD[category];
  if (good) return label(true, [], await finish(await good(base, random)));
  const damage = DAMAGE[category as Fault];
  if (damage) return label(false, [category as Fault], await finish(await damage(base, random)));
  const file = FILE_DAMAGE[category as Fault];
  if (file)
    return label(
      false,
      [category as Fault, ...(category === 'truncated' ? ['undecodable' as const] : [])],
      file(await finish(base), random),
    );
  if (!mixed) throw new RangeError(`there is no category ${category}`);
  const broken = await mixed.make(base, random);
  return broken === null ? null : label(false, mixed.faults, await finish(broken));
}

function hash(words: string): number {
  let state = 2_166_136_261;
  for (const letter of words) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  return state >>> 0;
}
