/** Measures a picture: the numbers from which alone the verdict is made. Pure. */
import { cellsOf } from './cells.ts';
import { measureCombed } from './measure-combed.ts';
import { measureCuts } from './measure-cuts.ts';
import { measureEdges } from './measure-edges.ts';
import { measureGaudy } from './measure-gaudy.ts';
import { measureLight } from './measure-light.ts';
import { measureLines } from './measure-lines.ts';
import { measureNear } from './measure-near.ts';
import { measureShake } from './measure-shake.ts';
import { measureStreaks } from './measure-streaks.ts';
import { measureThreads } from './measure-threads.ts';
import { measureTones } from './measure-tones.ts';
import { type Pixels, type SmallPicture, smallPicture } from './small-picture.ts';

export type { Pixels } from './small-picture.ts';
/** `fast`: light, colour, dead and repeated parts. `heavy`: also seams, sharpness, and things too near to be in focus. */
export type Checks = 'fast' | 'heavy';

/** Names are kept for ever: frames that were stored years ago carry them. Shares are 0 to 1, light 0 to 255. */
export type Measures = Readonly<Record<string, number>>;

export function measurePicture(picture: Pixels, checks: Checks = 'heavy'): Measures {
  room = smallPicture(picture, undefined, room);
  return { ...measureSmall(room, checks), ...(checks === 'heavy' && measureCuts(picture)) };
}

/** Of the last picture, 2 MB: anew for each, its planes would be most of an agent's garbage. Nothing of it is kept in the measures. */
let room: SmallPicture | null = null;

/** In a smaller picture an outline and its blur are one pixel: nothing can be said of what stands near. */
const LEAST_WIDTH = 160;

export function measureSmall(small: SmallPicture, checks: Checks): Measures {
  const cells = cellsOf(small);
  const fast = { ...measureTones(small, cells), ...measureLines(small, cells) };
  return checks === 'fast'
    ? fast
    : {
        ...fast,
        ...measureLight(cells),
        ...measureGaudy(small),
        ...measureEdges(small, cells),
        ...measureStreaks(small),
        ...measureCombed(small),
        ...measureShake(small),
        ...measureThreads(small),
        ...(small.width >= LEAST_WIDTH && measureNear(small)),
      };
}
