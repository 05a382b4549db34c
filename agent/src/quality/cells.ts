/** Squares of 8 × 8 pixels of the small picture: what each looks like as a whole. */
import type { SmallPicture } from './small-picture.ts';

export const CELL = 8;

export interface Cells {
  columns: number;
  rows: number;
  luma: Float32Array;
  red: Float32Array;
  green: Float32Array;
  blue: Float32Array;
  /** Standard deviation of luma inside the cell. */
  spread: Float32Array;
  /** The largest step of luma from a pixel to the next, and to the fourth, across and down. */
  step1: Float32Array;
  step4: Float32Array;
}

export function cellsOf({ width, height, luma, red, green, blue }: SmallPicture): Cells {
  const columns = Math.max(1, Math.floor(width / CELL));
  const rows = Math.max(1, Math.floor(height / CELL));
  const make = () => new Float32Array(columns * rows);
  const cells: Cells = {
    columns,
    rows,
    luma: make(),
    red: make(),
    green: make(),
    blue: make(),
    spread: make(),
    step1: make(),
    step4: make(),
  };
  const wide = Math.min(CELL, width);
  const high = Math.min(CELL, height);
  const count = wide * high;
  for (let cy = 0; cy < rows; cy += 1)
    for (let cx = 0; cx < columns; cx += 1) {
      let sum = 0;
      let squares = 0;
      let r = 0;
      let g = 0;
      let b = 0;
      let one = 0;
      let four = 0;
      for (let y = cy * CELL; y < cy * CELL + high; y += 1) {
        const downOne = y + 1 < height ? width : 0;
        const downFour = y + 4 < height ? width * 4 : 0;
        for (let x = cx * CELL, at = y * width + x; x < cx * CELL + wide; x += 1, at += 1) {
          const value = luma[at] as number;
          sum += value;
          squares += value * value;
          r += red[at] as number;
          g += green[at] as number;
          b += blue[at] as number;
          const across = x + 1 < width ? Math.abs((luma[at + 1] as number) - value) : 0;
          const down = Math.abs((luma[at + downOne] as number) - value);
          const farAcross = x + 4 < width ? Math.abs((luma[at + 4] as number) - value) : 0;
          const farDown = Math.abs((luma[at + downFour] as number) - value);
          if (across > one) one = across;
          if (down > one) one = down;
          if (farAcross > four) four = farAcross;
          if (farDown > four) four = farDown;
        }
      }
      const at = cy * columns + cx;
      const mean = sum / count;
      cells.luma[at] = mean;
      cells.red[at] = r / count;
      cells.green[at] = g / count;
      cells.blue[at] = b / count;
      cells.spread[at] = Math.sqrt(Math.max(0, squares / count - mean * mean));
      cells.step1[at] = one;
      cells.step4[at] = four;
    }
  return cells;
}
