/**
 * A clock that a program can read back from a picture: one row of 60 black or white cells, as wide as the picture: a marker
 * (white, black, white, white), 48 bits of milliseconds since the epoch, and their CRC-8. The cells are a 64th of the
 * picture's width, so that the clock survives H.264, JPEG, and being made larger or smaller as a whole.
 */
const MARKER = [1, 0, 1, 1];
const TIME_BITS = 48;
const CELLS = MARKER.length + TIME_BITS + 8;
/** Cells across the whole width, the margins included. */
const UNITS = 64;
/** Narrower pictures have cells of less than eight pixels, which H.264 may smear. */
export const NARROWEST_PX = 512;

/** Draws the strip into a plane of luma samples, its upper edge one cell below the top, two cells high. */
export function drawClock(luma: Uint8Array, widthPx: number, at: number): void {
  const unit = widthPx / UNITS;
  const cells = cellsOf(at);
  const first = Math.round(unit);
  const last = Math.round(unit * 3);
  for (let y = first; y < last; y += 1)
    for (let cell = 0; cell < CELLS; cell += 1) {
      const from = y * widthPx + Math.round((2 + cell) * unit);
      luma.fill(cells[cell] === 1 ? 235 : 16, from, y * widthPx + Math.round((3 + cell) * unit));
    }
}

/**
 * Reads the clock back: ms since the epoch, or null where the picture holds none. Looks at every row of the upper half, so
 * that the picture may have been cut or letterboxed above and below, but not at its sides.
 * @param pixels 8-bit RGB, row by row
 */
export function readClock(pixels: Uint8Array, widthPx: number, heightPx: number): number | null {
  const unit = widthPx / UNITS;
  for (let y = 0; y < heightPx / 2; y += 1) {
    const cells = readRow(pixels, y, widthPx, unit);
    const at = cells === null ? null : timeOf(cells);
    if (at === null) continue;
    // The strip is two cells high: a row well inside it must agree, or this was the edge of it.
    const inside = readRow(pixels, Math.min(heightPx - 1, y + Math.max(1, Math.round(unit / 2))), widthPx, unit);
    if (inside !== null && timeOf(inside) === at) return at;
  }
  return null;
}

function readRow(pixels: Uint8Array, y: number, widthPx: number, unit: number): number[] | null {
  const cells: number[] = [];
  for (let cell = 0; cell < CELLS; cell += 1) {
    const at = (y * widthPx + Math.floor((2.5 + cell) * unit)) * 3;
    const green = pixels[at + 1] ?? 0;
    if (green > 80 && green < 175) return null;
    const bit = green >= 175 ? 1 : 0;
    if (cell < MARKER.length && bit !== MARKER[cell]) return null;
    cells.push(bit);
  }
  return cells;
}

function cellsOf(at: number): number[] {
  const bits: number[] = [];
  for (let bit = TIME_BITS - 1; bit >= 0; bit -= 1) bits.push(Math.floor(at / 2 ** bit) % 2);
  return [...MARKER, ...bits, ...checksum(bits)];
}

function timeOf(cells: readonly number[]): number | null {
  const bits = cells.slice(MARKER.length, MARKER.length + TIME_BITS);
  const check = cells.slice(MARKER.length + TIME_BITS);
  if (checksum(bits).some((bit, index) => bit !== check[index])) return null;
  const at = bits.reduce((sum, bit) => sum * 2 + bit, 0);
  return at > 0 ? at : null;
}

/** CRC-8 with the polynomial x⁸ + x² + x + 1. */
function checksum(bits: readonly number[]): number[] {
  let rest = 0xff;
  for (const bit of bits) {
    const top = (rest >> 7) ^ bit;
    rest = (rest << 1) & 0xff;
    if (top === 1) rest ^= 0x07;
  }
  return Array.from({ length: 8 }, (_, index) => (rest >> (7 - index)) & 1);
}
