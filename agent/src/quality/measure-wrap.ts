/**
 * Whether a picture was rolled over its own edge: its first row goes on where its last one ends, as no scene does, and
 * somewhere inside it breaks off along much of the width. Pure.
 */
import { apart, COARSE, coarse, type Lines, pairOf, rowOf } from './rows.ts';
import { quantileOf } from './small-picture.ts';

/** Of the width: nearer shifts fit nearly as well. */
const APART = 0.06;
/** Levels between rows that do not fit. */
const LEAST = 2.5;

/** `wrapLeft`: levels between last and first row; `wrapUsual`: between neighbours beside them; `wrapAlone`: how much worse others fit. */
export function measureWrap(lines: Lines) {
  const { heightPx } = lines;
  const [last, first] = [rowOf(lines, heightPx - 1), rowOf(lines, 0)];
  const usual = Math.max(
    apart(pairOf(rowOf(lines, heightPx - 2), last, 1), 0).left,
    apart(pairOf(first, rowOf(lines, 1), 1), 0).left,
  );
  const pair = pairOf(coarse(last), coarse(first), COARSE);
  const width = pair.upper.length;
  const others: number[] = [];
  for (let shift = Math.ceil(width * APART); shift < width / 2; shift += 4)
    others.push(apart(pair, shift).left, apart(pair, -shift).left);
  const elsewhere = quantileOf(others, 0.1);
  return {
    wrapLeft: apart(pairOf(last, first, 1), 0).left,
    wrapUsual: usual,
    // Rows without any texture fit everywhere.
    wrapAlone: elsewhere < LEAST ? 0 : Math.max(0, 1 - apart(pair, 0).left / elsewhere),
  };
}
