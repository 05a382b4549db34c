/** What the server or an agent says of a failure, in the language of the page where it is known there. */
import { words } from '../words.ts';

interface Told {
  code: string;
  message: string;
  hint: string | null;
  fields: readonly { path: string; problem: string }[];
}
const MOST_FIELDS = 3;

export function sayFailure({ code, message, hint, fields: told }: Told): Omit<Told, 'code'> {
  const fields = told.map((field) => ({ ...field, problem: words.fieldProblem(field.problem) }));
  const own = ownWords(code);
  if (own === null) return { message, hint, fields };
  const wrong = fields
    .slice(0, MOST_FIELDS)
    .map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`));
  return { message: wrong.length === 0 ? own[0] : `${own[0]} (${wrong.join('; ')})`, hint: own[1], fields };
}

/** Why an agent did not do what it was asked; null: it did not say. */
export function sayRefusal({ code, hint }: { code: string | null; hint: string | null }): string | null {
  // What an agent does not find is on its own side: the server has the same code for what it does not know itself.
  const own = code === null || code.endsWith('.not-found') ? null : ownWords(code);
  return own === null ? hint : own.join(' ');
}

function ownWords(code: string): readonly [message: string, hint: string] | null {
  return Object.hasOwn(words.failures, code) ? (words.failures[code] ?? null) : null;
}
