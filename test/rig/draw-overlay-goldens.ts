/** Draws the golden pictures of overlays anew, to be looked at before they are kept: `node test/rig/draw-overlay-goldens.ts`. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { drawGolden } from './overlay-golden.ts';
import { GOLDENS } from './overlay-scene.ts';

const folder = path.join(import.meta.dirname, '../control-plane/render/overlay-goldens');
for (const golden of GOLDENS) {
  const png = await drawGolden(golden);
  await writeFile(path.join(folder, `${golden.name}.png`), png);
  console.log(golden.name, png.length);
}
