/** Pieces of an overlay as pixels, and where they lie: the narrow ground between the renderer and whoever shows what it drew. */

export interface Size {
  widthPx: number;
  heightPx: number;
}

/** A rectangle of whole pixels on the picture. */
export interface Box extends Size {
  leftPx: number;
  topPx: number;
}

/** Pixels of a box: red, green, blue, alpha, one byte each, row by row, colour not multiplied by alpha. */
export interface Piece extends Box {
  rgba: Uint8Array;
}

/** What is put on the picture beside it, as large as this and no larger. */
export interface Strip extends Box {
  /** Where it begins in the sheet of all strips, which lie below each other from its left edge on. */
  sheetTopPx: number;
}

/** All strips of a film's pieces: every frame brings one sheet of this size. */
export interface StripPlan extends Size {
  strips: readonly Strip[];
}

/** A strip more is a filter more, which costs about as much as covering so many pixels. */
const COST_OF_A_STRIP_PX = 20_000;
const MOST_STRIPS = 4;

const areaOf = ({ widthPx, heightPx }: Size): number => widthPx * heightPx;

/** Pure: the smallest box around both. */
export function around(a: Box, b: Box): Box {
  const leftPx = Math.min(a.leftPx, b.leftPx);
  const topPx = Math.min(a.topPx, b.topPx);
  return {
    leftPx,
    topPx,
    widthPx: Math.max(a.leftPx + a.widthPx, b.leftPx + b.widthPx) - leftPx,
    heightPx: Math.max(a.topPx + a.heightPx, b.topPx + b.heightPx) - topPx,
  };
}

/** Pure: what of a box lies on the canvas; null: nothing. */
export function clip(box: Box, canvas: Size): Box | null {
  const leftPx = Math.max(0, box.leftPx);
  const topPx = Math.max(0, box.topPx);
  const widthPx = Math.min(canvas.widthPx, box.leftPx + box.widthPx) - leftPx;
  const heightPx = Math.min(canvas.heightPx, box.topPx + box.heightPx) - topPx;
  return widthPx > 0 && heightPx > 0 ? { leftPx, topPx, widthPx, heightPx } : null;
}

/**
 * Pure: the few strips that cover all the boxes of all frames of a film. Their edges are even, as pictures of half the
 * colour resolution ask for. Boxes are put together as long as that is cheaper than a strip more, and so that no two strips
 * lie over each other.
 * @returns null when nothing is drawn on any frame
 */
export function planStrips(boxes: Iterable<Box>, canvas: Size): StripPlan | null {
  const kept = new Map<string, Box>();
  for (const box of boxes) {
    const on = clip(evenOut(box), canvas);
    if (on !== null) kept.set(`${on.leftPx} ${on.topPx} ${on.widthPx} ${on.heightPx}`, on);
  }
  let strips = [...kept.values()];
  for (let pair = bestPair(strips); pair !== null; pair = bestPair(strips))
    strips = [...strips.filter((one) => one !== pair?.a && one !== pair?.b), around(pair.a, pair.b)];
  if (strips.length === 0) return null;
  let sheetTopPx = 0;
  const placed = strips
    .toSorted((a, b) => a.topPx - b.topPx || a.leftPx - b.leftPx)
    .map((strip) => {
      const one = { ...strip, sheetTopPx };
      sheetTopPx += strip.heightPx;
      return one;
    });
  return { strips: placed, widthPx: Math.max(...strips.map(({ widthPx }) => widthPx)), heightPx: sheetTopPx };
}

function bestPair(strips: readonly Box[]): { a: Box; b: Box } | null {
  let best: { a: Box; b: Box; gain: number } | null = null;
  for (const [index, a] of strips.entries())
    for (const b of strips.slice(index + 1)) {
      const gain = overlap(a, b)
        ? Number.POSITIVE_INFINITY
        : areaOf(a) + areaOf(b) + COST_OF_A_STRIP_PX - areaOf(around(a, b));
      if (best === null || gain > best.gain) best = { a, b, gain };
    }
  return best !== null && (best.gain > 0 || strips.length > MOST_STRIPS) ? best : null;
}

const overlap = (a: Box, b: Box): boolean =>
  a.leftPx < b.leftPx + b.widthPx &&
  b.leftPx < a.leftPx + a.widthPx &&
  a.topPx < b.topPx + b.heightPx &&
  b.topPx < a.topPx + a.heightPx;

function evenOut({ leftPx, topPx, widthPx, heightPx }: Box): Box {
  const left = 2 * Math.floor(leftPx / 2);
  const top = 2 * Math.floor(topPx / 2);
  const right = 2 * Math.ceil((leftPx + widthPx) / 2);
  const bottom = 2 * Math.ceil((topPx + heightPx) / 2);
  return { leftPx: left, topPx: top, widthPx: right - left, heightPx: bottom - top };
}

/** One frame's sheet: all strips below each other, as raw RGBA; what of a piece lies outside every strip is not drawn. */
export function fillSheet(pieces: readonly Piece[], plan: StripPlan): Buffer {
  const rgba = Buffer.alloc(plan.widthPx * plan.heightPx * 4);
  for (const strip of plan.strips)
    layAll(pieces, {
      rgba,
      rowPx: plan.widthPx,
      shiftXPx: -strip.leftPx,
      shiftYPx: strip.sheetTopPx - strip.topPx,
      within: strip,
    });
  return rgba;
}

/** All pieces on a transparent canvas, as raw RGBA. */
export function fillCanvas(pieces: readonly Piece[], { widthPx, heightPx }: Size): Buffer {
  const rgba = Buffer.alloc(widthPx * heightPx * 4);
  const within = { leftPx: 0, topPx: 0, widthPx, heightPx };
  layAll(pieces, { rgba, rowPx: widthPx, shiftXPx: 0, shiftYPx: 0, within });
  return rgba;
}

interface Ground {
  /** Transparent at first. */
  rgba: Buffer;
  rowPx: number;
  /** From a place on the picture to one on the ground. */
  shiftXPx: number;
  shiftYPx: number;
  /** The part of the picture that the ground holds. */
  within: Box;
}

/** Lays pieces over each other; where nothing is below, rows are copied whole. */
function layAll(pieces: readonly Piece[], ground: Ground): void {
  pieces.forEach((piece, index) => {
    const alone = !pieces.slice(0, index).some((below) => overlap(below, piece));
    lay(piece, ground, alone);
  });
}

/** Source of the formula where something is below: Porter and Duff, 1984, “over”. */
function lay(piece: Piece, { rgba, rowPx, shiftXPx, shiftYPx, within }: Ground, alone: boolean): void {
  const fromX = Math.max(piece.leftPx, within.leftPx);
  const toX = Math.min(piece.leftPx + piece.widthPx, within.leftPx + within.widthPx);
  const fromY = Math.max(piece.topPx, within.topPx);
  const toY = Math.min(piece.topPx + piece.heightPx, within.topPx + within.heightPx);
  if (fromX >= toX) return;
  for (let y = fromY; y < toY; y += 1) {
    let from = ((y - piece.topPx) * piece.widthPx + fromX - piece.leftPx) * 4;
    let to = ((y + shiftYPx) * rowPx + fromX + shiftXPx) * 4;
    if (alone) rgba.set(piece.rgba.subarray(from, from + (toX - fromX) * 4), to);
    else for (let x = fromX; x < toX; x += 1, from += 4, to += 4) layPixel(piece.rgba, from, rgba, to);
  }
}

function layPixel(piece: Uint8Array, from: number, ground: Uint8Array, to: number): void {
  const above = piece[from + 3] ?? 0;
  if (above === 0) return;
  const below = ground[to + 3] ?? 0;
  if (above === 255 || below === 0) {
    ground[to] = piece[from] ?? 0;
    ground[to + 1] = piece[from + 1] ?? 0;
    ground[to + 2] = piece[from + 2] ?? 0;
    ground[to + 3] = above;
    return;
  }
  const shown = below * (255 - above);
  const alpha = above * 255 + shown;
  for (let channel = 0; channel < 3; channel += 1)
    ground[to + channel] = Math.round(
      ((piece[from + channel] ?? 0) * above * 255 + (ground[to + channel] ?? 0) * shown) / alpha,
    );
  ground[to + 3] = Math.round(alpha / 255);
}

/**
 * Pure: the filter that lays the sheets (input 1, raw RGBA, one a frame) over the frames.
 * @param from the label of the frames, such as `0:v` or what another filter gives; @param to the label of the result
 */
export function overlayFilter({ strips }: StripPlan, from: string, to: string): string {
  const sheets = strips.length === 1 ? ['1:v'] : strips.map((_, index) => `sheet${index}`);
  const parts = strips.length === 1 ? [] : [`[1:v]split=${strips.length}${sheets.map((one) => `[${one}]`).join('')}`];
  strips.forEach(({ leftPx, topPx, widthPx, heightPx, sheetTopPx }, index) => {
    const below = index === 0 ? from : `laid${index - 1}`;
    const result = index === strips.length - 1 ? to : `laid${index}`;
    parts.push(
      `[${sheets[index]}]crop=${widthPx}:${heightPx}:0:${sheetTopPx},scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[strip${index}]`,
      `[${below}][strip${index}]overlay=${leftPx}:${topPx}:format=yuv420:eof_action=repeat[${result}]`,
    );
  });
  return parts.join(';');
}
