/** Prints the SHA-256 of a golden picture's pixels as this process draws it: `node test/rig/overlay-print.ts scripts`. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { drawGolden } from './overlay-golden.ts';
import { GOLDENS } from './overlay-scene.ts';

const golden = GOLDENS.find(({ name }) => name === process.argv[2]);
if (golden === undefined) throw new Error(`there is no golden picture ${process.argv[2]}`);
const pixels = await sharp(await drawGolden(golden))
  .raw()
  .toBuffer();
process.stdout.write(createHash('sha256').update(pixels).digest('hex'));
