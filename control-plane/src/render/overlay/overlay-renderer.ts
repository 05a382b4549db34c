/**
 * Draws overlays: the one renderer for preview, sidecar and film.
 *
 * Promise: the same overlay, facts and size give the same pixels, wherever they are asked for, on every machine; the same
 * digest means the same pixels.
 * Invariants: each element is drawn on its own, at whole pixels, and laid over what is there; what was drawn lately is kept,
 * so that a logo is drawn once for a film. No font or file of the machine is touched.
 * When it fails: a picture whose object cannot be read fails what was asked for, with the store's own failure.
 */
import { createHash } from 'node:crypto';
import type { AssetId, AssetView, ResolvedOverlay } from '@slowlight/protocol';
import sharp from 'sharp';
import type { OverlayFacts } from '../../frame.ts';
import { arrange, sideOf } from './arrange.ts';
import { type Content, contentOf } from './content.ts';
import { type Drawing, drawingOf, type Layer } from './element-drawing.ts';
import { createFonts } from './fonts.ts';
import { createKept } from './kept.ts';
import { type Box, clip, fillCanvas, type Piece, type Size } from './overlay-canvas.ts';
import { createTypesetter } from './typeset.ts';

/** A picture for overlays, sanitised when it was taken in. */
export interface OverlayAsset extends Size {
  type: AssetView['type'];
  bytes: Uint8Array;
}

export interface RendererDeps {
  /** null: it was deleted, and is left out. */
  readAsset(id: AssetId): Promise<OverlayAsset | null>;
}

export interface NamedBox extends Box {
  id: string;
}

/** An overlay whose pictures have been read. */
export interface PreparedOverlay {
  /** SHA-256, lower-case hex, of everything that can be seen: facts that are not shown do not matter. */
  digest(facts: OverlayFacts, canvas: Size): string;
  /** Where something will be drawn, without drawing it. */
  boxes(facts: OverlayFacts, canvas: Size): Box[];
  /** The same for each element by its name, also where it lies outside. */
  named(facts: OverlayFacts, canvas: Size): NamedBox[];
  /** The elements as pixels, each only as large as it is, lowest first. */
  draw(facts: OverlayFacts, canvas: Size): Promise<Piece[]>;
}

export type OverlayRenderer = ReturnType<typeof createOverlayRenderer>;

/** Grows when the same overlay would look different: then segments and sidecars are made anew. */
const LOOKS = 'overlay-1';
const MOST_KEPT_BYTES = 16 * 1024 * 1024;
/** As many assets' bytes are kept as one overlay may show. */
const MOST_KEPT_ASSETS = 30;

/** Dots per inch at which an SVG has its natural size, and the most that the library takes. */
const SVG_DENSITY = 72;
const MOST_DENSITY = 100_000;

interface Placed {
  id: string;
  key: string;
  drawing: Drawing;
  box: Box;
}

export function createOverlayRenderer({ readAsset }: RendererDeps) {
  const fonts = createFonts();
  const typesetter = createTypesetter(fonts);
  const drawn = createKept(MOST_KEPT_BYTES);
  const parts = createKept(MOST_KEPT_BYTES);
  const assets = new Map<AssetId, OverlayAsset>();

  async function loadAssets(overlay: ResolvedOverlay): Promise<ReadonlyMap<AssetId, OverlayAsset>> {
    const loaded = new Map<AssetId, OverlayAsset>();
    for (const element of overlay.elements) {
      if (element.kind !== 'image' || loaded.has(element.assetId)) continue;
      const asset = assets.get(element.assetId) ?? (await readAsset(element.assetId));
      if (asset === null) continue;
      loaded.set(element.assetId, asset);
      assets.delete(element.assetId);
      assets.set(element.assetId, asset);
      if (assets.size > MOST_KEPT_ASSETS) assets.delete(assets.keys().next().value ?? element.assetId);
    }
    return loaded;
  }

  /** Reads the pictures of an overlay. @throws Failure of the object store */
  async function prepare(overlay: ResolvedOverlay): Promise<PreparedOverlay> {
    const loaded = await loadAssets(overlay);
    const sizeOfAsset = (id: AssetId): Size | null => loaded.get(id) ?? null;
    const contents = (facts: OverlayFacts) =>
      overlay.elements.flatMap((element) => {
        const content = contentOf(element, facts);
        return content === null ? [] : [{ element, content }];
      });

    function place(facts: OverlayFacts, canvas: Size): Placed[] {
      const px = (percent: number) => Math.round((percent / 100) * canvas.heightPx);
      const margins = {
        marginXPx: px(overlay.marginXPercent),
        marginYPx: px(overlay.marginYPercent),
        gapPx: px(overlay.gapPercent),
      };
      const room = {
        canvas,
        mostWidthPx: Math.max(1, canvas.widthPx - 2 * margins.marginXPx),
        mostHeightPx: Math.max(1, canvas.heightPx - 2 * margins.marginYPx),
        opacity: overlay.opacity,
      };
      const drawings = contents(facts).flatMap(({ element, content }) => {
        const side = sideOf(element.anchor);
        const tools = { fonts, typesetter, sizeOfAsset };
        const drawing = drawingOf(content, element.style, { ...room, side }, tools);
        const key = JSON.stringify([shown(content, canvas), element.style, canvas, room, side]);
        return drawing === null ? [] : [{ ...drawing, drawing, key, id: element.id, anchor: element.anchor }];
      });
      const places = arrange(drawings, canvas, margins);
      return drawings.map(({ id, drawing, key }, index) => {
        const { leftPx, topPx } = places[index] ?? { leftPx: 0, topPx: 0 };
        const { widthPx, heightPx, bleedPx } = drawing;
        const box = {
          leftPx: leftPx - bleedPx,
          topPx: topPx - bleedPx,
          widthPx: widthPx + 2 * bleedPx,
          heightPx: heightPx + 2 * bleedPx,
        };
        return { id, key, drawing, box };
      });
    }

    async function paint({ layers, opacity }: Drawing): Promise<Uint8Array> {
      const pieces = await Promise.all(
        layers.map(async (layer) => ({ ...layer, rgba: await parts.get(layer.key, () => paintLayer(layer)) })),
      );
      const [ground] = pieces;
      if (ground === undefined) return new Uint8Array();
      if (pieces.length === 1 && opacity === 1) return ground.rgba;
      return faded(fillCanvas(pieces, ground), opacity);
    }

    async function paintLayer({ image, svg }: Layer): Promise<Uint8Array> {
      const asset = image === null ? undefined : loaded.get(image.assetId);
      const png = image === null || asset === undefined ? null : await scaleAsset(asset, image);
      return sharp(Buffer.from(svg(png)))
        .ensureAlpha()
        .raw()
        .toBuffer();
    }

    return {
      digest(facts, canvas) {
        const { elements: _, ...frame } = overlay;
        const seen = contents(facts).map(({ element: { style, anchor }, content }) => {
          const gone = content.kind === 'image' && !loaded.has(content.assetId);
          return gone ? null : [shown(content, canvas), style, anchor];
        });
        const { widthPx, heightPx } = canvas;
        return createHash('sha256')
          .update(JSON.stringify([LOOKS, frame, widthPx, heightPx, seen]))
          .digest('hex');
      },
      boxes: (facts, canvas) =>
        place(facts, canvas).flatMap(({ box }) => {
          const on = clip(box, canvas);
          return on === null ? [] : [on];
        }),
      named: (facts, canvas) => place(facts, canvas).map(({ id, box }) => ({ id, ...box })),
      draw: (facts, canvas) =>
        Promise.all(
          place(facts, canvas).map(async ({ key, drawing, box }) => ({
            ...box,
            rgba: await drawn.get(key, () => paint(drawing)),
          })),
        ),
    };
  }

  return {
    prepare,
    /** A transparent PNG of the size of the picture. */
    async png(overlay: PreparedOverlay, facts: OverlayFacts, canvas: Size): Promise<Buffer> {
      return encodePng(await overlay.draw(facts, canvas), canvas);
    },
  };
}

/** Pure: what of a content can be told apart on this canvas, so that a bar that does not move is the same bar. */
function shown(content: Content, canvas: Size): unknown {
  if (content.kind !== 'bar') return content;
  const { share, widthPercent } = content;
  return { ...content, share: Math.round(share * Math.max(1, Math.round((widthPercent / 100) * canvas.widthPx))) };
}

/** @param pieces none: a wholly transparent picture */
export function encodePng(pieces: readonly Piece[], canvas: Size): Promise<Buffer> {
  const raw = { width: canvas.widthPx, height: canvas.heightPx, channels: 4 } as const;
  return sharp(fillCanvas(pieces, canvas), { raw, limitInputPixels: false }).png({ compressionLevel: 6 }).toBuffer();
}

function faded(rgba: Buffer, opacity: number): Buffer {
  if (opacity < 1) for (let at = 3; at < rgba.length; at += 4) rgba[at] = Math.round((rgba[at] ?? 0) * opacity);
  return rgba;
}

/** A drawing is drawn at its new size, and only pixels are scaled. */
function scaleAsset(asset: OverlayAsset, { widthPx, heightPx }: Size): Promise<Buffer> {
  const larger = Math.max(widthPx / asset.widthPx, heightPx / asset.heightPx);
  const density =
    asset.type === 'image/svg+xml' ? Math.min(MOST_DENSITY, Math.max(1, SVG_DENSITY * larger)) : SVG_DENSITY;
  return sharp(asset.bytes, { density })
    .resize(widthPx, heightPx, { fit: 'fill', kernel: 'lanczos3' })
    .ensureAlpha()
    .png()
    .toBuffer();
}
