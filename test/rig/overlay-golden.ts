import { fillCanvas } from '@slowlight/control-plane/src/render/overlay/overlay-canvas.ts';
import sharp from 'sharp';
import { FACTS, type Golden, ICON_CODES, prepare } from './overlay-scene.ts';

/** A golden picture: the overlay on plain blue; the one of icons shows all of them, one after the other. */
export async function drawGolden({ name, canvas, layout, facts = FACTS }: Golden): Promise<Buffer> {
  const overlay = await prepare(layout);
  const raw = { width: canvas.widthPx, height: canvas.heightPx } as const;
  const each =
    name === 'icons'
      ? ICON_CODES.map((conditions) => ({ ...facts, weather: facts.weather && { ...facts.weather, conditions } }))
      : [facts];
  const pieces = await Promise.all(each.map((one) => overlay.draw(one, canvas)));
  const spread = pieces.flatMap((list, index) =>
    list.map((piece) =>
      name === 'icons' ? { ...piece, leftPx: 4 + (index % 4) * 118, topPx: 8 + Math.floor(index / 4) * 62 } : piece,
    ),
  );
  return sharp({ create: { ...raw, channels: 3, background: '#5a7a9a' } })
    .composite([{ input: fillCanvas(spread, canvas), raw: { ...raw, channels: 4 } }])
    .png({ palette: false, compressionLevel: 9 })
    .toBuffer();
}
