/** Every word in English: the type that the other languages have too. */

import { alarms } from './english/alarms.ts';
import { faults, many, outcomes, reason } from './english/codes.ts';
import { enrolment } from './english/enrolment.ts';
import { failures } from './english/failures.ts';
import { films } from './english/films.ts';
import { fleet } from './english/fleet.ts';
import { general } from './english/general.ts';
import { houses } from './english/houses.ts';
import { machinery } from './english/machinery.ts';
import { overlays } from './english/overlays.ts';
import { people } from './english/people.ts';
import { pictures } from './english/pictures.ts';
import { places } from './english/places.ts';
import { rules } from './english/rules.ts';
import { schedules } from './english/schedules.ts';
import { timelapses } from './english/timelapses.ts';
import { wizard } from './english/wizard.ts';

export const english = {
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
  ...timelapses,
  ...pictures,
  ...films,
  ...overlays,
  ...wizard,
  ...rules,
  ...people,
  ...machinery,
  ...fleet,
  ...houses,
  ...enrolment,
  ...alarms,
  ...failures,
};
