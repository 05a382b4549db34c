/**
 * Patterns of dates and times, and texts with variables: read once, here, so that what cannot be drawn is said when it is
 * typed in. The tokens of patterns are those of Unicode TR35 that people use, and the localised ones (`D`, `t`, `f` …).
 */
import { z } from 'zod';

const TOKENS = new Set([
  ...['S', 'SSS', 'u', 'uu', 'uuu', 's', 'ss', 'm', 'mm', 'h', 'hh', 'H', 'HH', 'a'],
  ...['Z', 'ZZ', 'ZZZ', 'ZZZZ', 'ZZZZZ', 'z'],
  ...['d', 'dd', 'c', 'ccc', 'cccc', 'ccccc', 'E', 'EEE', 'EEEE', 'EEEEE'],
  ...['L', 'LL', 'LLL', 'LLLL', 'LLLLL', 'M', 'MM', 'MMM', 'MMMM', 'MMMMM'],
  ...['y', 'yy', 'yyyy', 'yyyyyy', 'G', 'GG', 'GGGGG', 'kk', 'kkkk', 'W', 'WW', 'n', 'nn', 'ii', 'iiii'],
  ...['o', 'ooo', 'q', 'qq', 'X', 'x'],
  ...['D', 'DD', 'DDD', 'DDDD', 't', 'tt', 'ttt', 'tttt', 'T', 'TT', 'TTT', 'TTTT'],
  ...['f', 'ff', 'fff', 'ffff', 'F', 'FF', 'FFF', 'FFFF'],
]);
/** What people write who know other libraries, and what it is called here. */
const MEANT: Readonly<Record<string, string>> = { YYYY: 'yyyy', YY: 'yy', DD: 'dd', A: 'a', dddd: 'cccc', ddd: 'ccc' };

/** Pure: why a pattern cannot be used; null: it can. Letters between single quotes stand for themselves. */
export function faultOfPattern(pattern: string): string | null {
  const withoutQuoted = pattern.replace(/'[^']*'/g, ' ');
  if (withoutQuoted.includes("'")) return 'has a quotation mark that is not closed';
  for (const [run] of withoutQuoted.matchAll(/([A-Za-z])\1*/g)) {
    if (TOKENS.has(run)) continue;
    const meant = MEANT[run];
    return `holds “${run}”, which stands for nothing${meant === undefined ? '' : ` (is ${meant} meant?)`}; put words between single quotes`;
  }
  return null;
}

/** A pattern of a date or time, such as `yyyy-MM-dd HH:mm` or `cccc d LLLL`. */
export const datePattern = z
  .string()
  .min(1, 'must not be empty')
  .max(80, 'is longer than 80 characters')
  .superRefine((pattern, context) => {
    const fault = faultOfPattern(pattern);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

/** A language with or without its land, such as `de`, `de-AT`, `zh-Hant-TW`, that this run time knows. */
export const locale = z.string().min(2).max(35).refine(isLocale, 'is not a language such as en, de-AT or ar');

function isLocale(name: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(name).length === 1;
  } catch {
    return false;
  }
}

const VARIABLES = {
  date: 'pattern',
  time: 'pattern',
  frame: 'digits',
  day: 'digits',
  timelapse: null,
  camera: null,
  site: null,
  temperature: 'temperature',
  conditions: null,
  wind: null,
  sun: null,
  score: null,
} as const;
export type TextVariable = keyof typeof VARIABLES;

/** A piece of a text: words, or a variable with what stands behind its colon. */
export type TextPiece =
  | { kind: 'words'; words: string }
  | { kind: 'variable'; name: TextVariable; option: string | null };

/**
 * Pure: reads a text such as `Day {day} · {date:d LLLL yyyy}`. `{{` and `}}` stand for single braces.
 * @returns its pieces, or why it cannot be read
 */
export function readText(text: string): { pieces: TextPiece[] } | { fault: string } {
  const pieces: TextPiece[] = [];
  const words = (more: string) => {
    const last = pieces.at(-1);
    if (last?.kind === 'words') last.words += more;
    else pieces.push({ kind: 'words', words: more });
  };
  const part = /\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/gy;
  for (const [whole, inside] of text.matchAll(part)) {
    if (inside !== undefined) {
      const read = readVariable(inside);
      if (typeof read === 'string') return { fault: read };
      pieces.push(read);
    } else if (whole === '{{' || whole === '}}') words(whole.slice(1));
    else if (whole === '{' || whole === '}') return { fault: `has a single “${whole}”; write ${whole}${whole}` };
    else words(whole);
  }
  return { pieces };
}

function readVariable(inside: string): TextPiece | string {
  const colon = inside.indexOf(':');
  const name = (colon === -1 ? inside : inside.slice(0, colon)).trim();
  const option = colon === -1 ? null : inside.slice(colon + 1);
  if (!Object.hasOwn(VARIABLES, name))
    return `holds {${name}}, which is not known; there are ${Object.keys(VARIABLES).join(', ')}`;
  const takes = VARIABLES[name as TextVariable];
  if (option !== null) {
    if (takes === null) return `holds {${inside}}: ${name} takes nothing behind a colon`;
    if (takes === 'digits' && !/^([1-9]|1[0-2])$/.test(option)) return `holds {${inside}}: digits are 1 to 12`;
    if (takes === 'temperature' && !/^[CF]$/.test(option)) return `holds {${inside}}: the unit is C or F`;
    const fault = takes === 'pattern' ? faultOfPattern(option) : null;
    if (option === '' || fault !== null) return `holds {${inside}}, whose pattern ${fault ?? 'is empty'}`;
  }
  return { kind: 'variable', name: name as TextVariable, option };
}

/** A text with variables. */
export const overlayText = z
  .string()
  .min(1, 'must not be empty')
  .max(500, 'is longer than 500 characters')
  .regex(/^(?:[^\p{Cc}\p{Cs}]|\n)*$/u, 'holds a character that cannot be shown')
  .superRefine((text, context) => {
    const read = readText(text);
    if ('fault' in read) context.addIssue({ code: 'custom', message: read.fault });
  });
