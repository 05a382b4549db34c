/** Every word in German. It imports nothing that the pages need before it, so that it can be waited for. */

import type { english } from './english.ts';
import { alarms } from './german/alarms.ts';
import { faults, many, outcomes, reason } from './german/codes.ts';
import { enrolment } from './german/enrolment.ts';
import { failures } from './german/failures.ts';
import { films } from './german/films.ts';
import { fleet } from './german/fleet.ts';
import { general } from './german/general.ts';
import { houses } from './german/houses.ts';
import { machinery } from './german/machinery.ts';
import { overlays } from './german/overlays.ts';
import { people } from './german/people.ts';
import { pictures } from './german/pictures.ts';
import { places } from './german/places.ts';
import { rules } from './german/rules.ts';
import { schedules } from './german/schedules.ts';
import { timelapses } from './german/timelapses.ts';
import { wizard } from './german/wizard.ts';

export const german: typeof english = {
  locale: 'de-DE',
  product: 'Slowlight',
  many,
  outcomes,
  faults,
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
