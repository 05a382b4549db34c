/** Overlays to look at: facts of a frame on which everything is known, and a renderer with one logo. */
import type { OverlayFacts } from '@slowlight/control-plane/src/frame.ts';
import { fillCanvas, type Piece, type Size } from '@slowlight/control-plane/src/render/overlay/overlay-canvas.ts';
import { createOverlayRenderer } from '@slowlight/control-plane/src/render/overlay/overlay-renderer.ts';
import { type AssetId, BUILT_IN_TEMPLATES, overlayLayout, resolveOverlay } from '@slowlight/protocol';

export const LOGO = 'ast-00000000000000aa' as AssetId;
export type LayoutInput = (typeof overlayLayout)['_zod']['input'];

/** A winter noon in Vienna on which nothing is unknown. */
export const FACTS: OverlayFacts = {
  at: Date.UTC(2026, 0, 15, 11, 34, 56),
  timeZone: 'Europe/Vienna',
  latitude: 48.21,
  longitude: 16.37,
  siteName: 'Wien',
  cameraName: 'Kamera Süd',
  timelapseName: 'Hausbau',
  frameNumber: 123,
  dayNumber: 12,
  progress: 0.37,
  film: null,
  score: 97,
  weather: { temperatureCelsius: -4.4, conditions: 71, windMs: 5.2, windDirectionDegrees: 100, cloudPercent: 50 },
};

const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="10"><rect width="30" height="10" rx="3" fill="#ee6600"/><circle cx="5" cy="5" r="3" fill="#ffffff"/></svg>';

export function openRenderer() {
  return createOverlayRenderer({
    readAsset: async (id) =>
      id === LOGO ? { type: 'image/svg+xml', widthPx: 30, heightPx: 10, bytes: Buffer.from(svg) } : null,
  });
}

export async function prepare(layout: LayoutInput, renderer = openRenderer()) {
  return renderer.prepare(resolveOverlay(overlayLayout.parse(layout), null));
}

/** The pieces of one element with a plain opaque background, and its own edges on the canvas. */
export async function drawOne(element: object, canvas: Size, layout: Partial<LayoutInput> = {}, facts = FACTS) {
  const style = { background: { colour: '#000000', opacity: 1, radiusPercent: 0 } };
  const overlay = await prepare({ style, ...layout, elements: [{ id: 'it', ...element } as never] });
  const pieces = await overlay.draw(facts, canvas);
  return { pieces, edges: edgesOf(pieces, canvas) };
}

/** The rectangle of everything that can be seen; null: nothing. */
export function edgesOf(pieces: readonly Piece[], canvas: Size) {
  const rgba = fillCanvas(pieces, canvas);
  let [left, top, right, bottom] = [canvas.widthPx, canvas.heightPx, -1, -1];
  for (let y = 0; y < canvas.heightPx; y += 1)
    for (let x = 0; x < canvas.widthPx; x += 1) {
      if (rgba[(y * canvas.widthPx + x) * 4 + 3] === 0) continue;
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x);
      bottom = Math.max(bottom, y);
    }
  return right === -1 ? null : { left, top, right: canvas.widthPx - 1 - right, bottom: canvas.heightPx - 1 - bottom };
}

const plain = { background: null, paddingPercent: 0 };
const text = (id: string, anchor: string, said: string, style: object = {}) =>
  ({ kind: 'text', id, anchor, text: said, style }) as never;
const ANCHORS = ['top-left', 'top', 'top-right', 'left', 'centre', 'right', 'bottom-left', 'bottom', 'bottom-right'];
const CODES = [0, 1, 2, 3, 45, 51, 61, 66, 71, 80, 85, 95, 96];

const LANDSCAPE: Size = { widthPx: 480, heightPx: 270 };
const PORTRAIT: Size = { widthPx: 216, heightPx: 384 };

export interface Golden {
  name: string;
  canvas: Size;
  layout: LayoutInput;
  facts?: OverlayFacts;
}

const builtIn = BUILT_IN_TEMPLATES.map(({ id, layout }) => ({
  name: id.replace('ovt-', ''),
  canvas: LANDSCAPE,
  layout: { ...layout, style: { sizePercent: 5 } } as LayoutInput,
}));

/** Everything that is worth a picture. */
export const GOLDENS: readonly Golden[] = [
  ...builtIn,
  {
    name: 'anchors',
    canvas: LANDSCAPE,
    layout: {
      style: { sizePercent: 6 },
      elements: ANCHORS.flatMap((anchor) => [
        text(`${anchor}-1`, anchor, anchor),
        text(`${anchor}-2`, anchor, 'second'),
      ]),
    },
  },
  {
    name: 'scripts',
    canvas: LANDSCAPE,
    layout: {
      style: { sizePercent: 7 },
      elements: [
        text('arabic', 'top-right', 'مرحبا بالعالم 2026 (test)'),
        text('hebrew', 'top-right', 'שלום עולם', { font: 'serif' }),
        text('mixed', 'top-left', 'Ελλάς Жук Ünïcödé ffi', { font: 'serif', weight: 'bold' }),
        text('emoji', 'left', '☀️ 😀 🦄 漢 ✓', { font: 'mono' }),
        { kind: 'date-time', id: 'date', anchor: 'bottom-left', pattern: 'cccc d LLLL yyyy', locale: 'ar-EG' } as never,
        {
          kind: 'date-time',
          id: 'datum',
          anchor: 'bottom-left',
          pattern: 'cccc, d. LLLL yyyy',
          locale: 'de-AT',
        } as never,
      ],
    },
  },
  {
    name: 'effects',
    canvas: { widthPx: 400, heightPx: 225 },
    layout: {
      opacity: 0.8,
      style: { sizePercent: 12 },
      elements: [
        text('shadow', 'top-left', 'Shadow', {
          ...plain,
          shadow: { colour: '#000000', opacity: 0.9, xPercent: 8, yPercent: 8, blurPercent: 20 },
        }),
        text('outline', 'top-right', 'Outline', { ...plain, outline: { colour: '#cc0000', widthPercent: 5 } }),
        text('turned', 'left', 'Turned\ntwice', { rotationDegrees: -30 }),
        text('faint', 'bottom-left', 'Faint', { opacity: 0.4, colour: '#ffee00' }),
        { kind: 'image', id: 'logo', anchor: 'bottom-right', assetId: LOGO, style: { rotationDegrees: 10 } } as never,
        { kind: 'north-arrow', id: 'north', anchor: 'right', bearingDegrees: 45, style: { sizePercent: 20 } } as never,
        { kind: 'progress-bar', id: 'bar', anchor: 'bottom', style: { sizePercent: 3 } } as never,
      ],
    },
  },
  {
    name: 'long-text',
    canvas: PORTRAIT,
    layout: {
      style: { sizePercent: 6 },
      elements: [
        text('long', 'bottom-right', 'A text that goes on beyond the edge and is broken at spaces'),
        text('word', 'top', 'Donaudampfschifffahrtsgesellschaft'),
      ],
    },
  },
  {
    name: 'icons',
    canvas: LANDSCAPE,
    layout: {
      gapPercent: 0,
      marginXPercent: 1,
      marginYPercent: 1,
      style: { sizePercent: 10, paddingPercent: 0 },
      elements: [{ kind: 'temperature', id: 'it', anchor: 'centre', icon: true } as never],
    },
  },
];
export const ICON_CODES = CODES;
