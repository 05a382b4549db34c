/**
 * What the judge makes of a picture's measures: named faults, each with the most points that it leaves. Pure, so that what was
 * measured years ago can be judged anew without the pictures.
 *
 * Fog, dusk, infrared night, noise, snow, a flat sky and a calm sea are good pictures: no rule looks at contrast or colour
 * alone, and every rule asks for what cameras, lenses and decoders do and nature does not.
 */
import type { Fault, Verdict } from '@slowlight/protocol';
import type { Measures } from './measure-picture.ts';

export const JUDGE = 'judge-7';

type Read = (name: string) => number;
interface Rule {
  fault: Fault;
  /** The most points that a picture with this fault can have; below the default threshold of 70. */
  most: number;
  applies: (m: Read) => boolean;
}

/** The first of a group that applies is named, and keeps those after it from being named for the same cause. */
const NOTHING_TO_SEE: readonly Rule[] = [
  { fault: 'undecodable', most: 0, applies: (m) => m('undecodable') > 0 },
  {
    fault: 'no-signal',
    most: 0,
    // Of static an eighth is left where 8 × 8 pixels are averaged, of scenes more than half; a fine meadow has a colour.
    applies: (m) =>
      ((m('coarseShare') < 0.45 && m('noise') > 14) ||
        (m('coarseShare') < 0.2 && m('noise') > 10 && m('saturation') < 10)) &&
      m('sideways') < m('noise'),
  },
  { fault: 'no-signal', most: 0, applies: (m) => m('oneColourShare') > 0.6 && m('oneColourSaturation') > 100 },
  {
    fault: 'black',
    most: 0,
    applies: (m) =>
      m('brightestMiddle') < 56 && m('cellHigh') < 20 && m('cellHigh') - m('cellLow') < 3 && m('cellBright') < 34,
  },
  { fault: 'white', most: 0, applies: (m) => m('cellDark') > 246 },
  {
    fault: 'no-signal',
    most: 0,
    applies: (m) =>
      m('oneColourShare') > 0.6 &&
      m('oneColourShare') < 0.985 &&
      m('edgeShare') > 0.01 &&
      m('cellHigh') - m('cellLow') < 3 &&
      m('cellHigh') < 249,
  },
  { fault: 'no-signal', most: 0, applies: (m) => m('repeatedAllShare') > 0.5 && m('stillShare') > 0.8 },
  {
    fault: 'uniform',
    most: 10,
    applies: (m) =>
      m('brightestMiddle') - m('cellHigh') < 20 &&
      (m('cellBright') - m('cellDark') < 4 || (m('cellHigh') - m('cellLow') < 2 && m('sharpShare') < 0.002)),
  },
];

const DAMAGED: readonly Rule[] = [
  { fault: 'truncated', most: 20, applies: (m) => m('truncated') > 0 || m('brokenCodes') > 0 },
  {
    fault: 'grey-lower-part',
    most: 30,
    applies: (m) =>
      m('oneColourShare') > 0.08 && Math.abs(m('oneColourLuma') - 128) < 4 && m('oneColourSaturation') < 5,
  },
  {
    fault: 'grey-lower-part',
    most: 30,
    applies: (m) => m('deadLowerShare') > 0.1 && Math.abs(m('deadLowerLevel') - 128) < 8 && m('deadLowerTint') < 6,
  },
  // Decoded from before a keyframe: changes are drawn on grey.
  {
    fault: 'grey-lower-part',
    most: 30,
    applies: (m) =>
      Math.abs(m('median') - 129) <= 3 &&
      // A grey wall is seldom just that grey. 0 if not measured.
      (m('exactGreyShare') === 0 || m('exactGreyShare') > 0.03) &&
      ((m('deadGreyShare') > 0.4 && m('cellHigh') - m('cellLow') < 12) ||
        (m('deadGreyShare') > 0.16 && m('exactGreyShare') > 0)),
  },
  { fault: 'smeared', most: 30, applies: smeared },
  { fault: 'torn', most: 40, applies: (m) => torn(m) || rolled(m) },
  // A decoder's black is one black; the ground before a low sun is not.
  { fault: 'half-black', most: 30, applies: (m) => m('blackBandShare') > 0.2 && m('blackBandUneven') < 0.8 },
  { fault: 'wrong-colour', most: 40, applies: wrongColour },
  {
    fault: 'over-exposed',
    most: 45,
    applies: (m) =>
      m('nearWhiteShare') > 0.55 ||
      (m('nearWhiteShare') > 0.38 && m('cellLow') > 90) ||
      // Washed out: nothing is dark, and yet much is white.
      (m('nearWhiteShare') > 0.2 && m('cellLow') > 150 && m('darkest') > 110),
  },
  {
    fault: 'under-exposed',
    most: 45,
    applies: (m) => m('cellHigh') < 24 && m('cellBrightest') < 44 && m('brightestMiddle') < 70,
  },
];

const VIEW: readonly Rule[] = [
  { fault: 'blurred', most: 50, applies: shaken },
  { fault: 'covered', most: 30, applies: covered },
  // A web: light threads before everything.
  { fault: 'obstructed', most: 50, applies: webbed },
  {
    fault: 'obstructed',
    most: 50,
    applies: (m) =>
      ((m('nearLargest') > 0.1 || m('nearShare') > 0.2) && m('median') > 40) ||
      m('nearInTheDark') > 0.1 ||
      m('nearPlainly') > 0 ||
      (m('nearAlike') > 0.1 && m('median') > 40),
  },
  { fault: 'blurred', most: 50, applies: (m) => (m('edgeShare') > 0.01 && m('steepness') < 0.45) || steep(m) },
];

/** The last good pixels said again, or what a decoder makes of zeros. Strips that are drawn out lie in few true scenes. */
function smeared(m: Read): boolean {
  return (
    m('repeatedShare') > 0.06 ||
    m('deadGreenShare') > 0.03 ||
    m('streakUpright') > 0.025 ||
    m('streakLying') > 0.2 ||
    m('drawnTogether') > 0.078 ||
    (m('drawnRowsShare') > 0.22 && m('drawnRowsShare') < 0.9) ||
    (m('drawnRowsLow') > 0.12 && m('drawnRowsLow') < 0.9) ||
    // Pure magenta along a row of blocks, or with pure green and blue beside it.
    (m('gaudyMagentaStrip') > 0.4 && m('gaudyMagenta') > 0.004) ||
    combed(m) ||
    m('gaudyWorst') > 0.019 ||
    signsOfLoss(m) > 1.1
  );
}

/**
 * Some rows of blocks were made out of those above and below them. Lamps in a river at night look like that, and all of a
 * picture does when the camera shook downwards, or when it shows grass.
 */
function combed(m: Read): boolean {
  const low = m('drawnRowsLow');
  // The last rows of blocks have nothing below them to be made out of: they are drawn out as well.
  if (m('combed') > 0.7 && low > 0.06 && low < 0.9 && m('median') >= 40 && !shaken(m) && !steep(m)) return true;
  return m('combed') > 0.96 && m('combedLeast') < 0.3 && !shaken(m) && !steep(m);
}

/** One lost stream leaves several signs, each too faint to tell by itself. Of good pictures hardly any has two. */
function signsOfLoss(m: Read): number {
  const rows = m('drawnRowsShare') < 0.9 ? m('drawnRowsShare') / 0.22 : 0;
  const strips = m('streakUpright') / 0.05 + m('streakLying') / 0.2 + m('drawnTogether') / 0.078;
  const gaudy = Math.max(0, m('gaudyWorst') - 0.014) / 0.01;
  return rows + strips + m('repeatedShare') / 0.09 + Math.max(0, gridExcess(m)) / 10 + gaudy;
}

/** Blocks that begin and end on the codec's grid, beyond those that do anyway. */
const gridExcess = (m: Read) => m('gridCuts') - 1.5 * m('gridCutsHalf') - m('gridCutsOther');

/** Threads nearly everywhere, more light ones than dark, and all as light: what is lit before the scene. */
function webbed(m: Read): boolean {
  const [light, dark, even] = [m('threadLight'), m('threadDark'), m('threadEven')];
  return (
    (light > 0.045 && light > dark * 1.5 && even < 0.75 && m('threadParts') > 0.4) ||
    (light > 0.06 && light > dark * 4 && m('threadParts') > 0.5) ||
    (light > 0.03 && light > dark * 2.2 && even < 0.62 && m('threadParts') > 0.28)
  );
}

/** Edges are soft one way and sharp the other: the camera shook, or was turned while it looked. */
function shaken(m: Read): boolean {
  // The halo of a lamp is soft as well, but the rest of the night is not. 0 if not measured.
  const slope = m('shakeSlope');
  return m('shakenSoft') > 0.89 && m('shakenSharp') > 0.1 && (slope === 0 || slope > 1.4);
}

/** Light is drawn out, at least one way; where few parts of the picture say so they must say it plainly. */
function steep(m: Read): boolean {
  const parts = m('shakeParts');
  // Of a night only the halos of lamps may have anything to say, and they are soft all around.
  if (m('median') < 40 && m('shakeAcross') > 1.5) return false;
  return parts >= 8 && m('shakeLow') > 1.3 && m('shakeSlope') > (parts >= 26 ? 1.53 : 1.65);
}

/**
 * A row breaks off within one pixel along much of the width, and pushed sideways it fits as well as rows do here anyway; or
 * runs of blocks begin and end on the codec's grid.
 */
function torn(m: Read): boolean {
  const displaced = gridExcess(m) >= 14;
  const [heal, alone] = [m('tearHeal'), m('tearAlone')];
  const asUsual = m('tearLeft') < m('tearUsual') * 1.35 + 0.75;
  // Pushed by half the width, only half of it is left to compare: a beach and its horizon fit as well.
  const far = Math.abs(m('tearShift')) > 0.45;
  const heals = heal > 0.42 && alone > 0.25 && (far ? asUsual && heal * alone > 0.35 : asUsual || heal * alone > 0.35);
  return displaced || (heals && m('tearShare') > 0.4 && m('tearStep') > 5) || tornAsJudged4(m);
}

/** The first row goes on where the last one ends, and somewhere inside nothing fits. */
function rolled(m: Read): boolean {
  const [left, usual, alone] = [m('wrapLeft'), m('wrapUsual'), m('wrapAlone')];
  if (m('cutWidest') < (alone > 0.6 ? 0.35 : 0.7)) return false;
  return alone > 0.5 ? left < usual * 2 + 2 : alone > 0.35 && left < usual * 1.3 + 1;
}

/** Frames that were measured by judge 4, at the small scale alone. */
function tornAsJudged4(m: Read): boolean {
  const shift = Math.abs(m('seamShift'));
  if (shaken(m) || m('seamRivals') > 8 || shift < 0.0125 || shift > 0.415) return false;
  const [heal, alone, step] = [m('seamHeal'), m('seamAlone'), m('seamStep')];
  const [breadth, wide] = [m('seamBreadth'), m('seamWidth')];
  // What breaks off so plainly need not vary much beside the seam; nor what breaks off from one end to the other.
  if (heal > 0.6 && alone > 0.45 && step > 1.9 && breadth > 0.45) return true;
  if (breadth > 0.8 && step > 1.6 && alone > 0.25 && heal + alone > 0.85) return true;
  if (breadth < 0.6 || wide < 0.19) return false;
  const healsWell = heal > 0.4 && alone > 0.3 && breadth > 0.7;
  if (!healsWell && (step < 1.6 || (wide < 0.35 && step < 2))) return false;
  if (heal < (shift > 0.3 ? 0.34 : 0.22) || alone < 0.15) return false;
  return heal + alone + 0.5 * wide + 0.1 * Math.min(4, step) > 0.95;
}

function wrongColour(m: Read): boolean {
  if (m('deadGreenShare') > 0.2) return true;
  // Dusk makes mountains purple, and a filter a forest teal: a wrong channel spares not even the light. 0 if not measured.
  const [light, unknown] = [m('tintOfLight'), m('tintOfLight') === 0];
  if (underPinkLamps(m)) return false;
  if (m('litShare') > 0.1 && m('magentaShare') > 0.34 && (light < -0.6 || unknown)) return true;
  if (m('litShare') < 0.3) return false;
  // No light is that magenta, or that green, on everything; in the dark, colours are guesses.
  if (m('litShare') > 0.75 && (m('tintMost') < -0.5 || m('tintOfLight') < -0.52)) return true;
  // Meadows are as green, but have more red than blue.
  if (m('litShare') > 0.75 && (m('tintLeast') > 2.4 || (m('tintLeast') > 1.7 && m('warmthAbove') < 0.12))) return true;
  if ((m('brightGreenShare') > 0.9 || m('tealShare') > 0.6) && (light > (m('litShare') > 0.75 ? 0.6 : 1.4) || unknown))
    return true;
  // A channel that says the same everywhere; frames that were measured before this was, are not judged by it.
  if (m('stuckLevel') > 0 && m('stuckChannel') < (m('stuckLevel') > 30 ? 0.08 : 0.05)) return true;
  // Red and blue exchanged: the sky is warm and the ground below it cold.
  return m('brightness') > 60 && m('warmthAbove') > 0.08 && m('warmthBelow') < -0.12;
}

/**
 * Lamps for plants have little green and some: black stays black, and green follows the rest everywhere. A channel that was
 * lost says nothing, and a colour that was added is added to black as well.
 */
function underPinkLamps(m: Read): boolean {
  const gain = m('greenGain');
  if (gain < 0.39 || gain > 0.75 || m('greenFit') < 0.95) return false;
  return m('greenOffset') > -3 && m('greenOffset') < 18 && m('tintOfLight') < -0.7;
}

function covered(m: Read): boolean {
  if (m('nearLargest') > 0.4 && m('median') > 30) return true;
  if (
    m('patchLargest') > 0.6 &&
    m('patchThrough') > 0.6 &&
    m('sharpShare') < 0.1 &&
    m('median') > 30 &&
    m('median') < 150 &&
    m('sideways') > 2.4
  )
    return true;
  // Nothing sharp at all, and no layers as in fog, sky and sea, or too dark for them.
  return (
    (m('patchLargest') > 0.55 || (m('noise') < 1.5 && m('edgeShare') < 0.002)) &&
    m('sharpShare') < 0.002 &&
    m('median') > 45 &&
    (m('median') < 115 || m('sideways') > 3)
  );
}

/** Points that a picture without a fault can lose for blown-out light. */
const MOST_LIGHT_LOSS = 15;

export function verdictOf(measures: Measures): Verdict {
  const read: Read = (name) => measures[name] ?? 0;
  const applying = (rules: readonly Rule[]) => rules.filter((rule) => rule.applies(read));
  const nothing = applying(NOTHING_TO_SEE).slice(0, 1);
  const damaged = nothing.length > 0 ? [] : applying(DAMAGED);
  const view = nothing.length + damaged.length > 0 ? [] : applying(VIEW).slice(0, 1);
  const found = [...nothing, ...damaged, ...view];
  const lightLoss = Math.min(MOST_LIGHT_LOSS, Math.max(0, read('nearWhiteShare') - 0.4) * 30);
  const score = Math.min(100 - lightLoss, ...found.map((rule) => rule.most));
  return {
    score: Math.round(score),
    faults: [...new Set(found.map((rule) => rule.fault))],
    measures: Object.fromEntries(
      Object.entries(measures).map(([name, value]) => [name, Math.round(value * 1000) / 1000]),
    ),
    judge: JUDGE,
  };
}
