/**
 * Sets a line of text: which font has each letter, which way it runs, where each glyph stands. Letters are joined and
 * reordered as HarfBuzz and the Unicode bidirectional algorithm (UAX #9) say, so Arabic and Hebrew read as they should.
 */
import bidiFactory from 'bidi-js';
import { Direction, Buffer as GlyphBuffer, shape } from 'harfbuzzjs';
import type { FontChoice, Fonts, LoadedFont } from './fonts.ts';

export interface SetGlyph {
  font: LoadedFont;
  glyph: number;
  /** From the line's left end and upwards from its base line, in em. */
  xEm: number;
  yEm: number;
}
export interface SetLine {
  widthEm: number;
  glyphs: readonly SetGlyph[];
}

interface Run {
  text: string;
  font: LoadedFont;
  level: number;
  script: string;
}

/** What stands for a letter that no font has. */
const NO_LETTER = '□';
/** Scripts whose letters take their shape from their neighbours, and so are shaped apart from other scripts. */
const SCRIPTS = ['Arabic', 'Hebrew', 'Syriac', 'Nko', 'Lao', 'Thai', 'Devanagari'] as const;
const SCRIPT_PATTERNS = SCRIPTS.map((name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const);
const MOST_REMEMBERED = 500;

// The library is one function; its types describe it as a module that has that function as its default.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)();
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Pure: what people see as single letters. */
export function lettersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Sets lines in the fonts; the newest ones are remembered. */
export function createTypesetter(fonts: Fonts) {
  const remembered = new Map<string, SetLine>();

  function set(text: string, choice: FontChoice): SetLine {
    const key = `${choice.font} ${choice.weight} ${text}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const line = place(inVisualOrder(runsOf(text, choice, fonts)));
    if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
    remembered.set(key, line);
    return line;
  }

  return {
    set,
    /** Breaks a text at its line ends and, where a line is wider than allowed, at spaces or, at worst, between letters. */
    breakLines(
      text: string,
      choice: FontChoice,
      { mostWidthEm, mostLines }: { mostWidthEm: number; mostLines: number },
    ) {
      const fits = (line: string) => set(line, choice).widthEm <= mostWidthEm;
      const lines = text.split('\n').flatMap((line) => breakLine(line, fits));
      if (lines.length <= mostLines) return lines;
      const last = lettersOf(`${lines[mostLines - 1] ?? ''}`);
      while (last.length > 0 && !fits(`${last.join('')}…`)) last.pop();
      return [...lines.slice(0, mostLines - 1), `${last.join('')}…`];
    },
  };
}

export type Typesetter = ReturnType<typeof createTypesetter>;

/** Pure but for `fits`: one line of a text as the few that fit. */
export function breakLine(line: string, fits: (line: string) => boolean): string[] {
  if (fits(line)) return [line];
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/ +/)) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (fits(longer)) {
      current = longer;
      continue;
    }
    if (current !== '') lines.push(current);
    current = '';
    for (const letter of lettersOf(word)) {
      if (current !== '' && !fits(current + letter)) {
        lines.push(current);
        current = '';
      }
      current += letter;
    }
  }
  return current === '' && lines.length > 0 ? lines : [...lines, current];
}

/** The text in pieces of one font, one direction and one script, in the order in which it is read. */
function runsOf(given: string, choice: FontChoice, fonts: Fonts): Run[] {
  const letters = lettersOf(given).map((letter) => drawable(letter, choice, fonts));
  const text = letters.map(({ letter }) => letter).join('');
  const { levels } = bidi.getEmbeddingLevels(text, 'auto');
  const runs: Run[] = [];
  let at = 0;
  for (const { letter, font } of letters) {
    const level = levels[at] ?? 0;
    const last = runs.at(-1);
    const script = scriptOf(letter) ?? last?.script ?? '';
    if (last !== undefined && last.font === font && last.level === level && last.script === script) last.text += letter;
    else runs.push({ text: letter, font, level, script });
    at += letter.length;
  }
  return runs;
}

function drawable(letter: string, choice: FontChoice, fonts: Fonts): { letter: string; font: LoadedFont } {
  // Pictures of emoji come in one colour, without their variants.
  const plain = /\p{Extended_Pictographic}/u.test(letter)
    ? letter.replace(/[\u200d\ufe0e\ufe0f]|\p{Emoji_Modifier}/gu, '')
    : letter;
  const codePoints = Array.from(plain, (one) => one.codePointAt(0) ?? 0).filter((one) => !isUnseen(one));
  const font = fonts.withLetters(choice, codePoints);
  return font === null ? { letter: NO_LETTER, font: fonts.chosen(choice) } : { letter: plain, font };
}

/** Marks of direction and joining: they are obeyed and not drawn. */
const isUnseen = (codePoint: number): boolean =>
  (codePoint >= 0x200b && codePoint <= 0x200f) ||
  (codePoint >= 0x202a && codePoint <= 0x202e) ||
  (codePoint >= 0x2060 && codePoint <= 0x2069);

function scriptOf(letter: string): string | null {
  if (!/\p{Letter}/u.test(letter)) return null;
  return SCRIPT_PATTERNS.find(([, pattern]) => pattern.test(letter))?.[0] ?? 'other';
}

/** Rule L2 of UAX #9: from the highest level to the lowest odd one, turn round whatever is at that level or above. */
function inVisualOrder(runs: readonly Run[]): Run[] {
  const order = [...runs];
  for (let level = Math.max(0, ...runs.map((run) => run.level)); level >= 1; level -= 1)
    for (let from = 0; from < order.length; from += 1) {
      let to = from;
      while ((order[to]?.level ?? -1) >= level) to += 1;
      if (to > from) order.splice(from, to - from, ...order.slice(from, to).reverse());
      from = Math.max(from, to);
    }
  return order;
}

function place(runs: readonly Run[]): SetLine {
  const glyphs: SetGlyph[] = [];
  let xEm = 0;
  for (const { text, font, level } of runs) {
    const buffer = new GlyphBuffer();
    buffer.addText(text);
    buffer.guessSegmentProperties();
    buffer.setDirection(level % 2 === 1 ? Direction.RTL : Direction.LTR);
    shape(font.font, buffer);
    const em = (units: number | undefined) => (units ?? 0) / font.unitsPerEm;
    for (const { codepoint, xAdvance, xOffset, yOffset } of buffer.getGlyphInfosAndPositions()) {
      glyphs.push({ font, glyph: codepoint, xEm: xEm + em(xOffset), yEm: em(yOffset) });
      xEm += em(xAdvance);
    }
  }
  return { widthEm: xEm, glyphs };
}
