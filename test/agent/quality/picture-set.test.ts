import { judgeJpeg } from '@slowlight/agent/src/quality/judge-jpeg.ts';
import { describe, expect, it } from 'vitest';
import { labelledPicture } from '../../rig/pictures/picture-set.ts';
import { encode } from '../../rig/pictures/raster.ts';
import { drawScene } from '../../rig/pictures/scenes.ts';
import { SECOND_DAMAGE, SECOND_GOOD } from '../../rig/pictures/second-set.ts';
import { seeded } from '../../rig/seeded.ts';

/** A sample of the set, of drawn scenes alone; all of it, with photographs, is in the bench `judging`. */
const drawn = { photos: [], size: { widthPx: 640, heightPx: 360 } };
const verdictsOf = async (category: string, seeds: readonly number[]) => {
  const verdicts = [];
  for (const seed of seeds) {
    const picture = await labelledPicture(category, seed, drawn);
    if (picture !== null) verdicts.push({ seed, ...(await judgeJpeg(picture.jpeg)) });
  }
  return verdicts;
};

describe('of the picture set', () => {
  it.each([
    'day',
    'fog',
    'dusk',
    'infrared-night',
    'lit-night',
    'noise',
    'snow',
    'flat-sky',
    'calm-sea',
    'rain',
    'low-sun',
    'in-front',
    'fisheye',
    'letterboxed',
  ])('%s is good', async (category) => {
    for (const { faults } of await verdictsOf(category, [1, 2])) expect(faults).toEqual([]);
  });

  it.each([
    'black',
    'white',
    'uniform',
    'grey-lower-part',
    'smeared',
    'blurred',
    'covered',
    'no-signal',
    'over-exposed',
    'under-exposed',
    'half-black',
    'jpeg-cut-saved-again',
    'h264-no-keyframe',
  ])('%s is bad', async (category) => {
    const verdicts = await verdictsOf(category, [1, 2, 3]);
    expect(verdicts.length).toBeGreaterThan(0);
    expect(verdicts.filter(({ score }) => score < 70).length).toBeGreaterThanOrEqual(verdicts.length - 1);
  });
});

describe('made by a second hand', () => {
  const kinds = ['site', 'street', 'landscape'] as const;
  const flagged = async (make: (typeof SECOND_GOOD)[string]) => {
    let count = 0;
    for (const [k, kind] of kinds.entries()) {
      const scene = await drawScene(kind, { widthPx: 640, heightPx: 360 }, seeded(40 + k));
      if ((await judgeJpeg(await encode(await make(scene, seeded(60 + k)), 85))).score < 70) count += 1;
    }
    return count;
  };

  it.each(Object.entries(SECOND_GOOD))('%s is good', async (_, make) => {
    expect(await flagged(make)).toBe(0);
  });

  it.each(Object.entries(SECOND_DAMAGE))('%s is bad', async (_, make) => {
    expect(await flagged(make)).toBeGreaterThanOrEqual(2);
  });
});
