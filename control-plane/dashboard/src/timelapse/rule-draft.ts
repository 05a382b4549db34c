/** A rule as its form holds it, and the way to what the API speaks. Pure. */
import type { RuleCovers, RuleInput, RuleTrigger, RuleView } from '@slowlight/protocol';
import { draftOfFilm, type FilmDraft, filmOf, newFilm } from '../pieces/film-draft.ts';

export interface RuleDraft {
  name: string;
  enabled: boolean;
  kind: RuleTrigger['kind'];
  /** Frames, parted by commas or spaces. */
  at: string;
  every: string;
  rhythm: 'day' | 'week' | 'month' | 'cron';
  /** At which time of the day. */
  time: string;
  cron: string;
  minutes: string;
  covers: RuleCovers;
  makes: 'new' | 'grow';
  film: FilmDraft;
}

export const newRule = (): RuleDraft => ({
  name: '',
  enabled: true,
  kind: 'scheduled',
  at: '',
  every: '1000',
  rhythm: 'day',
  time: '01:00',
  cron: '0 1 * * *',
  minutes: '15',
  covers: 'all',
  makes: 'grow',
  film: newFilm(),
});

/** null while something that is needed is missing. */
export function ruleInputOf(draft: RuleDraft): RuleInput | null {
  const when = triggerOf(draft);
  const film = filmOf(draft.film);
  const name = draft.name.trim();
  if (when === null || film === null || name === '') return null;
  return { name, enabled: draft.enabled, when, covers: draft.covers, makes: draft.makes, film };
}

function triggerOf(draft: RuleDraft): RuleTrigger | null {
  switch (draft.kind) {
    case 'manual':
      return { kind: 'manual' };
    case 'milestone': {
      const at = draft.at.split(/[\s,;]+/).filter((one) => one !== '');
      const numbers = at.map(Number);
      const every = draft.every.trim() === '' ? null : Number(draft.every);
      const whole = [...numbers, ...(every === null ? [] : [every])];
      if (whole.length === 0 || whole.some((one) => !Number.isInteger(one) || one < 2)) return null;
      return { kind: 'milestone', at: numbers, every };
    }
    case 'scheduled': {
      const expression = expressionOf(draft);
      return expression === null ? null : { kind: 'scheduled', expression };
    }
    case 'per-capture': {
      const throttleMinutes = Number(draft.minutes);
      return Number.isInteger(throttleMinutes) && throttleMinutes >= 1
        ? { kind: 'per-capture', throttleMinutes }
        : null;
    }
  }
}

const TAILS = { day: '* * *', week: '* * 1', month: '1 * *' } as const;

function expressionOf({ rhythm, time, cron }: RuleDraft): string | null {
  if (rhythm === 'cron') return cron.trim() === '' ? null : cron.trim();
  const [hour, minute] = time.split(':').map(Number);
  return hour === undefined || minute === undefined || time === '' ? null : `${minute} ${hour} ${TAILS[rhythm]}`;
}

export function draftOfRule({ name, enabled, when, covers, makes, film }: RuleView): RuleDraft {
  const draft = { ...newRule(), name, enabled, covers, makes, kind: when.kind, film: draftOfFilm(film) };
  switch (when.kind) {
    case 'manual':
      return draft;
    case 'milestone':
      return { ...draft, at: when.at.join(', '), every: when.every === null ? '' : String(when.every) };
    case 'scheduled':
      return { ...draft, cron: when.expression, ...rhythmOf(when.expression) };
    case 'per-capture':
      return { ...draft, minutes: String(when.throttleMinutes) };
  }
}

/** What people call an expression that fires once in a day, week or month. */
export function rhythmOf(expression: string): Pick<RuleDraft, 'rhythm'> & Partial<RuleDraft> {
  const read = /^(\d{1,2}) (\d{1,2}) (.+)$/.exec(expression);
  const rhythm = (['day', 'week', 'month'] as const).find((one) => TAILS[one] === read?.[3]);
  if (read === null || rhythm === undefined) return { rhythm: 'cron' };
  return { rhythm, time: `${read[2]?.padStart(2, '0')}:${read[1]?.padStart(2, '0')}` };
}
