/**
 * The card before a film's first picture, drawn by the renderer of overlays, so that its letters are the same on every
 * machine.
 */
import { BUILT_IN_STYLE, type ResolvedElement, type ResolvedOverlay } from '@slowlight/protocol';
import sharp from 'sharp';
import type { Canvas } from './film-plan.ts';
import { fillCanvas } from './overlay/overlay-canvas.ts';
import { createOverlayRenderer, type OverlayRenderer } from './overlay/overlay-renderer.ts';
import { madeUpFacts } from './overlay/preview.ts';
import { MOST_PIXELS } from './pictures.ts';

const GROUND = { r: 0x14, g: 0x17, b: 0x1a };
/** Letter sizes of the first line and of the others, in percent of the canvas's shorter side. */
const FIRST_LINE_PERCENT = 9;
const OTHER_LINES_PERCENT = 5.5;
/** Of the canvas's height. */
const MOST_HEIGHT_SHARE = 0.84;
const SHRINK = 0.85;
const LEAST_SHRINK = 0.15;
const MARGIN_PERCENT = 8;
/** The ground is blurred small and drawn large: nobody sees the difference. */
const BLURRED_SIDE_PX = 240;
const BLUR_SIGMA = 4;
const BLURRED_BRIGHTNESS = 0.55;
/** Hardly to be told from what was drawn. */
const QUALITY = 95;

/** Gives what draws titles. */
export function createTitleCards(renderer: Pick<OverlayRenderer, 'prepare'> = createOverlayRenderer(NO_ASSETS)) {
  /** @param ground the picture that lies blurred behind the words; null: one dark colour. @returns JPEG bytes */
  return async (lines: readonly string[], canvas: Canvas, ground: Uint8Array | null): Promise<Buffer> => {
    // The size alone: what is drawn is remembered under all that is told here.
    const size = { widthPx: canvas.widthPx, heightPx: canvas.heightPx };
    const facts = madeUpFacts(0, 'UTC');
    let shrink = 1;
    let overlay = await renderer.prepare(titleOverlay(lines, size, shrink));
    const tooHigh = () => {
      const boxes = overlay.named(facts, size);
      const top = Math.min(...boxes.map(({ topPx }) => topPx));
      const bottom = Math.max(...boxes.map(({ topPx, heightPx }) => topPx + heightPx));
      return bottom - top > MOST_HEIGHT_SHARE * size.heightPx;
    };
    while (tooHigh() && shrink > LEAST_SHRINK) {
      shrink *= SHRINK;
      overlay = await renderer.prepare(titleOverlay(lines, size, shrink));
    }
    const letters = fillCanvas(await overlay.draw(facts, size), size);
    const raw = { width: size.widthPx, height: size.heightPx } as const;
    const below = ground === null ? plainGround(size) : blurredGround(await blurred(ground, size), size);
    return below
      .composite([{ input: letters, raw: { ...raw, channels: 4 } }])
      .jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' })
      .toBuffer();
  };
}

const NO_ASSETS = { readAsset: async () => null };

const plainGround = ({ widthPx, heightPx }: Canvas) =>
  sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: GROUND } });

const blurredGround = (small: Buffer, { widthPx, heightPx }: Canvas) =>
  sharp(small).resize(widthPx, heightPx, { fit: 'fill', kernel: 'cubic' });

/** @throws Error of sharp when the bytes are no picture */
function blurred(picture: Uint8Array, { widthPx, heightPx }: Canvas): Promise<Buffer> {
  const scale = Math.min(1, BLURRED_SIDE_PX / Math.max(widthPx, heightPx));
  const side = (px: number) => Math.max(1, Math.round(px * scale));
  return sharp(picture, { limitInputPixels: MOST_PIXELS })
    .resize(side(widthPx), side(heightPx), { fit: 'cover' })
    .flatten({ background: 'black' })
    .toColourspace('srgb')
    .blur(BLUR_SIGMA)
    .modulate({ brightness: BLURRED_BRIGHTNESS })
    .png()
    .toBuffer();
}

/** Pure: the lines in the middle, one below the other; long ones are broken by the renderer. */
function titleOverlay(lines: readonly string[], { widthPx, heightPx }: Canvas, shrink: number): ResolvedOverlay {
  const unit = (Math.min(widthPx, heightPx) / heightPx) * shrink;
  const elements = lines.map(
    (line, index): ResolvedElement => ({
      kind: 'text',
      id: `line-${index + 1}`,
      anchor: 'centre',
      locale: 'en',
      // It says what it says: nothing of it is a variable.
      text: line.replaceAll('{', '{{').replaceAll('}', '}}'),
      style: {
        ...BUILT_IN_STYLE,
        weight: index === 0 ? 'bold' : 'regular',
        sizePercent: (index === 0 ? FIRST_LINE_PERCENT : OTHER_LINES_PERCENT) * unit,
        background: null,
        paddingPercent: 0,
        shadow: { colour: '#000000', opacity: 0.7, xPercent: 0, yPercent: 3, blurPercent: 12 },
      },
    }),
  );
  return { opacity: 1, marginXPercent: MARGIN_PERCENT * unit, marginYPercent: 0, gapPercent: 2.5 * unit, elements };
}
