/**
 * Every word that the pages say. Nothing else on the pages holds text: another language is another folder beside
 * `words/english` whose parts make an object of type `Words`. Numbers and dates are written by `Intl` in `locale`.
 */
import { faults, many, outcomes, reason } from './words/english/codes.ts';
import { general } from './words/english/general.ts';
import { machinery } from './words/english/machinery.ts';
import { pictures } from './words/english/pictures.ts';
import { places } from './words/english/places.ts';
import { schedules } from './words/english/schedules.ts';

const english = {
  locale: 'en-GB',
  product: 'Slowlight',
  /** A count with its noun. */
  many,
  outcomes,
  faults,
  /** A code that says why, in words. */
  reason,
  ...general,
  ...places,
  ...schedules,
  ...pictures,
  ...machinery,
};
export type Words = typeof english;
export const words: Words = english;
