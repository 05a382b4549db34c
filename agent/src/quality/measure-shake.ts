/**
 * How quickly light ceases to be alike, one way and the other. Between neighbours three times as far apart a scene differs up
 * to three times as much in square (slope 1, whatever its contrast, and less where it is rough); where a camera shook, light
 * was drawn out along its way, and the difference grows with the square of the way (slope 2) along that way and only along
 * that one. Fog lowers all differences alike and changes no slope. Pure.
 */
import { quantileOf, type SmallPicture } from './small-picture.ts';

/** Ways to look, a sixteenth of a turn apart; px. The one across is four further on. */
const WAYS = [
  [2, 0],
  [2, 1],
  [1, 1],
  [1, 2],
  [0, 2],
  [-1, 2],
  [-1, 1],
  [-2, 1],
] as const;
const FARTHER = 3;
/** Each part of a picture has one voice, so that one strong outline does not speak for all. */
const PART = 40;
/** Mean square difference, of light, of parts that have something to say. */
const ENOUGH = 16;
/** What compressing and sensors add. */
const GRAIN = 0.3;
/** Where clocks and names stand. */
const MARGIN = 0.12;

/** `shakeSlope`: of the way with the steepest slope, by all parts; `shakeLow`: that of its lowest quarter of parts. */
export function measureShake(small: SmallPicture) {
  const { width, height } = small;
  const [top, end] = [Math.ceil(height * MARGIN), Math.floor(height * (1 - MARGIN))];
  const slopes: number[][] = WAYS.map(() => []);
  const [nearAll, farAll] = [new Float64Array(WAYS.length), new Float64Array(WAYS.length)];
  for (let y = top; y + PART <= Math.min(end, height - 2 * FARTHER); y += PART)
    for (let x = 2 * FARTHER; x + PART <= width - 2 * FARTHER; x += PART) {
      const found = WAYS.map(([dx, dy]) => differences(small, y * width + x, dy * width + dx));
      found.forEach(({ near, far }, way) => {
        nearAll[way] = (nearAll[way] as number) + near;
        farAll[way] = (farAll[way] as number) + far;
      });
      if (found.reduce((sum, { far }) => sum + far, 0) < ENOUGH * WAYS.length) continue;
      found.forEach(({ near, far }, way) => {
        if (far > ENOUGH / 2) slopes[way]?.push(slopeOf(near, far));
      });
    }
  const all = WAYS.map((_, way) => slopeOf(nearAll[way] as number, farAll[way] as number));
  const steepest = all.indexOf(Math.max(...all));
  const across = [3, 4, 5].map((turn) => all[(steepest + turn) % WAYS.length] as number);
  const voices = slopes[steepest] ?? [];
  return {
    shakeSlope: all[steepest] as number,
    shakeAcross: Math.min(...across),
    shakeLow: quantileOf(voices, 0.25),
    shakeMiddle: quantileOf(voices, 0.5),
    shakeParts: voices.length,
  };
}

const slopeOf = (near: number, far: number) =>
  near === 0 && far === 0 ? 0 : Math.min(2, Math.log((far + GRAIN) / (near + GRAIN)) / Math.log(FARTHER));

/** Mean square difference from each pixel of a part to the one a step on, and to the one three steps on. */
function differences({ width, luma }: SmallPicture, from: number, step: number) {
  let [near, far] = [0, 0];
  for (let row = 0; row < PART; row += 1) {
    const start = from + row * width;
    // Every second pixel, like the white fields of a chess board: whole rows left out would hide a straight border.
    for (let at = start + (row % 2); at < start + PART; at += 2) {
      const here = luma[at] as number;
      const one = (luma[at + step] as number) - here;
      const more = (luma[at + step * FARTHER] as number) - here;
      near += one * one;
      far += more * more;
    }
  }
  const count = PART * (PART / 2);
  return { near: near / count, far: far / count };
}
