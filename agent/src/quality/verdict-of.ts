/**
 * What the fast judge makes of a picture's measures: named faults, each with the most points that it leaves. Pure.
 * Fog, dusk, infrared night, noise, snow, a flat sky and a calm sea are good pictures: no rule looks at contrast or colour
 * alone, and every rule asks for what cameras and decoders do and nature does not.
 */
import type { Fault, Verdict } from '@slowlight/protocol';
import type { Measures } from './measure-picture.ts';

export const JUDGE = 'fast-1';

interface Rule {
  fault: Fault;
  /** The most points that a picture with this fault can have; below the default threshold of 70. */
  most: number;
  applies: (measures: Measures) => boolean;
}

const RULES: readonly Rule[] = [
  // A night without light still has the noise of its sensor or a lamp: the lightest 0.5 % of the pixels say so.
  { fault: 'black', most: 0, applies: (m) => m.lightest < 24 },
  { fault: 'white', most: 0, applies: (m) => m.darkest > 248 },
  { fault: 'no-signal', most: 0, applies: (m) => m.oneColourShare > 0.85 && m.oneColourSaturation > 120 },
  { fault: 'wrong-colour', most: 20, applies: (m) => m.decoderGreenShare > 0.2 },
  // Even dense fog grows denser with distance: five levels of luma are less than any scene has.
  { fault: 'uniform', most: 10, applies: (m) => m.lightest - m.darkest <= 5 && m.lightest >= 24 && m.darkest <= 248 },
  { fault: 'over-exposed', most: 40, applies: (m) => m.nearWhiteShare > 0.85 && m.darkest <= 248 },
  { fault: 'grey-lower-part', most: 40, applies: (m) => m.greyLowerShare > 0.06 && m.greyLowerShare < 1 },
  { fault: 'smeared', most: 40, applies: (m) => m.repeatedLowerShare > 0.08 },
  { fault: 'half-black', most: 30, applies: (m) => m.blackBandShare > 0.2 },
];

/** Points that a picture without a fault can lose for blown-out light. */
const MOST_LIGHT_LOSS = 15;

export function verdictOf(measures: Measures): Verdict {
  const found = RULES.filter((rule) => rule.applies(measures));
  const lightLoss = Math.min(MOST_LIGHT_LOSS, Math.max(0, measures.nearWhiteShare - 0.4) * 30);
  const score = Math.min(100 - lightLoss, ...found.map((rule) => rule.most));
  return {
    score: Math.round(score),
    faults: found.map((rule) => rule.fault),
    measures: Object.fromEntries(
      Object.entries(measures).map(([name, value]) => [name, Math.round(value * 1000) / 1000]),
    ),
    judge: JUDGE,
  };
}
