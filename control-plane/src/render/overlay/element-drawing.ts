/**
 * An element as SVG, and how large it is: pure. Nothing that people typed gets into the SVG as text: letters are outlines,
 * colours and numbers have been checked, and pictures come as pixels that were drawn here.
 */
import type { OverlayStyle } from '@slowlight/protocol';
import type { Side } from './arrange.ts';
import type { Content } from './content.ts';
import { background, bleedOf, n, outline, shadow, turnedSize } from './element-effects.ts';
import type { Fonts, LoadedFont } from './fonts.ts';
import { iconDrawing, NORTH_ARROW } from './icons.ts';
import type { Size } from './overlay-canvas.ts';
import type { SetLine, Typesetter } from './typeset.ts';

/** The natural size of a picture that an element shows. */
export type SizeOfAsset = (assetId: Extract<Content, { kind: 'image' }>['assetId']) => Size | null;

/** A part of an element that is drawn once and laid wherever it occurs, such as a digit. */
export interface Layer extends Size {
  /** From the left and top edge of the element's pixels, px. */
  leftPx: number;
  topPx: number;
  /** The same key is the same drawing. */
  key: string;
  /** A picture that is laid in. */
  image: (Size & { assetId: Extract<Content, { kind: 'image' }>['assetId'] }) | null;
  /** As large as the layer. @param imagePng the picture, already of its size */
  svg(imagePng: Buffer | null): string;
}

export interface Drawing extends Size {
  /** How far letters, shadows and outlines may reach beyond the box, px. */
  bleedPx: number;
  /** Lowest first; the first one is as large as the box and the bleed around it. */
  layers: readonly Layer[];
  /** Of the whole element, 0 to 1. */
  opacity: number;
}

export interface DrawingTerms {
  canvas: Size;
  /** What is left between the margins, px. */
  mostWidthPx: number;
  mostHeightPx: number;
  side: Side;
  /** Of the whole overlay. */
  opacity: number;
}

interface Inner extends Size {
  /** Shapes in the box without its padding; filled with the given colour. */
  shapes(colour: string): string;
  /** The same without letters, and the letters, for text that can be laid letter by letter. */
  apart: { shapes(colour: string): string; letters: readonly Letter[] } | null;
  image: Layer['image'];
}

/** A glyph whose origin is here, px from the corner of the box without its padding. */
interface Letter {
  font: LoadedFont;
  glyph: number;
  xPx: number;
  yPx: number;
}

const ICON_EM = 1.25;
const ICON_GAP_EM = 0.3;
const ICON_UNITS = 24;

export interface DrawingTools {
  fonts: Fonts;
  typesetter: Typesetter;
  sizeOfAsset: SizeOfAsset;
}

/** @returns null when there is nothing to draw, such as a picture that was deleted */
export function drawingOf(
  content: Content,
  style: OverlayStyle,
  terms: DrawingTerms,
  tools: DrawingTools,
): Drawing | null {
  const sizePx = Math.max(1, (style.sizePercent / 100) * terms.canvas.heightPx);
  const paddingPx = Math.round((style.paddingPercent / 100) * sizePx);
  const inner = innerOf(content, style, { ...terms, sizePx, paddingPx }, tools);
  if (inner === null) return null;
  const box = {
    widthPx: Math.ceil(inner.widthPx) + 2 * paddingPx,
    heightPx: Math.ceil(inner.heightPx) + 2 * paddingPx,
  };
  const turned = turnedSize(box, style.rotationDegrees);
  const bleedPx = bleedOf(style, sizePx);
  const whole = { widthPx: turned.widthPx + 2 * bleedPx, heightPx: turned.heightPx + 2 * bleedPx };
  const plain = style.rotationDegrees === 0 && style.shadow === null && style.outline === null;
  const apart = plain ? inner.apart : null;
  const cornerPx = bleedPx + paddingPx;
  const ground = groundLayer({ style, inner, sizePx, paddingPx, box, whole, drawn: apart ?? inner });
  const letters = apart?.letters.map((one) => letterLayer(one, { sizePx, cornerPx, colour: style.colour })) ?? [];
  return { ...turned, bleedPx, layers: [ground, ...letters], opacity: style.opacity * terms.opacity };
}

interface Ground {
  style: OverlayStyle;
  inner: Inner;
  sizePx: number;
  paddingPx: number;
  box: Size;
  whole: Size;
  drawn: Pick<Inner, 'shapes'>;
}

/** Everything of an element but the letters that are laid on their own. */
function groundLayer({ style, inner, sizePx, paddingPx, box, whole, drawn }: Ground): Layer {
  const svg = (imagePng: Buffer | null) => {
    const shapes = (colour: string) =>
      `<g transform="translate(${paddingPx} ${paddingPx})">${drawn.shapes(colour)}${imageTag(inner.image, imagePng)}</g>`;
    const turn = `translate(${n(whole.widthPx / 2)} ${n(whole.heightPx / 2)}) rotate(${n(style.rotationDegrees)}) translate(${n(-box.widthPx / 2)} ${n(-box.heightPx / 2)})`;
    return svgOf(
      whole,
      `<g transform="${turn}">${background(style, box, sizePx)}${shadow(style, sizePx, shapes)}` +
        `${outline(style, { sizePx, paddingPx, image: inner.image }, shapes)}${shapes(style.colour)}</g>`,
    );
  };
  const key = inner.image === null ? svg(null) : `${inner.image.assetId} ${svg(null)}`;
  return { leftPx: 0, topPx: 0, ...whole, key, image: inner.image, svg };
}

/** A letter stands at quarters of a pixel from left to right, and on a whole pixel from top to bottom. */
function letterLayer(
  { font, glyph, xPx, yPx }: Letter,
  { sizePx, cornerPx, colour }: { sizePx: number; cornerPx: number; colour: string },
): Layer {
  const scale = sizePx / font.unitsPerEm;
  const x = Math.round((cornerPx + xPx) * 4) / 4;
  const part = x - Math.floor(x);
  const { xBearing, yBearing, width, height } = font.extents(glyph);
  const left = Math.floor(part + xBearing * scale) - 1;
  const right = Math.ceil(part + (xBearing + width) * scale) + 1;
  const top = Math.floor(-yBearing * scale) - 1;
  const bottom = Math.ceil(-(yBearing + height) * scale) + 1;
  const size = { widthPx: right - left, heightPx: bottom - top };
  return {
    leftPx: Math.floor(x) + left,
    topPx: Math.round(cornerPx + yPx) + top,
    ...size,
    key: `${font.name} ${glyph} ${n(sizePx)} ${part} ${colour}`,
    image: null,
    svg: () => svgOf(size, `<g fill="${colour}">${glyphPath(font, glyph, { scale, xPx: part - left, yPx: -top })}</g>`),
  };
}

function svgOf({ widthPx, heightPx }: Size, inside: string): string {
  const names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
  return `<svg ${names} width="${widthPx}" height="${heightPx}">${inside}</svg>`;
}

type InnerTerms = DrawingTerms & { sizePx: number; paddingPx: number };

function innerOf(content: Content, style: OverlayStyle, terms: InnerTerms, tools: DrawingTools): Inner | null {
  const { sizePx, canvas, mostWidthPx, paddingPx } = terms;
  switch (content.kind) {
    case 'words':
      return wordsInner(content, style, terms, tools);
    case 'image': {
      const natural = tools.sizeOfAsset(content.assetId);
      if (natural === null) return null;
      const room = Math.max(1, mostWidthPx - 2 * paddingPx);
      const shrink = Math.min(1, (room * natural.heightPx) / (natural.widthPx * sizePx));
      const heightPx = Math.max(1, Math.round(sizePx * shrink));
      const widthPx = Math.max(1, Math.round((heightPx * natural.widthPx) / natural.heightPx));
      return {
        widthPx,
        heightPx,
        shapes: () => '',
        apart: null,
        image: { widthPx, heightPx, assetId: content.assetId },
      };
    }
    case 'bar': {
      const widthPx = Math.max(1, Math.round((content.widthPercent / 100) * canvas.widthPx));
      const heightPx = Math.max(1, Math.round(sizePx));
      const donePx = Math.round(Math.min(1, Math.max(0, content.share)) * widthPx);
      const { track } = content;
      const rect = (px: number, paint: string) => `<rect width="${px}" height="${heightPx}" ${paint}/>`;
      return {
        widthPx,
        heightPx,
        shapes: (colour) =>
          rect(widthPx, `fill="${track.colour}" fill-opacity="${n(track.opacity)}"`) + rect(donePx, `fill="${colour}"`),
        apart: null,
        image: null,
      };
    }
    case 'arrow': {
      const half = ICON_UNITS / 2;
      const scale = n(sizePx / ICON_UNITS);
      return {
        widthPx: sizePx,
        heightPx: sizePx,
        shapes: (colour) =>
          `<g color="${colour}" transform="scale(${scale}) rotate(${n(content.degrees)} ${half} ${half})">${NORTH_ARROW}</g>`,
        apart: null,
        image: null,
      };
    }
  }
}

function wordsInner(
  { text, icon }: Extract<Content, { kind: 'words' }>,
  style: OverlayStyle,
  { sizePx, paddingPx, mostWidthPx, mostHeightPx, side }: InnerTerms,
  { fonts, typesetter }: DrawingTools,
): Inner {
  const font = fonts.chosen(style);
  const lineEm = font.ascentEm + font.descentEm;
  const iconEm = icon === null ? 0 : ICON_EM + ICON_GAP_EM;
  const lines = typesetter
    .breakLines(text, style, {
      mostWidthEm: (mostWidthPx - 2 * paddingPx) / sizePx - iconEm,
      mostLines: Math.max(1, Math.floor((mostHeightPx - 2 * paddingPx) / sizePx / lineEm)),
    })
    .map((line) => typesetter.set(line, style));
  const textEm = Math.max(0, ...lines.map(({ widthEm }) => widthEm));
  const topEm = Math.max(0, (iconEm > 0 ? ICON_EM - lineEm : 0) / 2);
  const shift = { left: 0, centre: 0.5, right: 1 }[side];
  const letters = lines.flatMap((line, index) => {
    const xPx = (iconEm + (textEm - line.widthEm) * shift) * sizePx;
    const yPx = (topEm + lineEm * index + font.ascentEm) * sizePx;
    return lettersOf(line, { sizePx, xPx, yPx });
  });
  const picture = (colour: string) => {
    if (icon === null) return '';
    const topPx = Math.max(0, (lineEm - ICON_EM) / 2) * sizePx;
    const scale = n((ICON_EM * sizePx) / ICON_UNITS);
    return `<g color="${colour}" transform="translate(0 ${n(topPx)}) scale(${scale})">${iconDrawing(icon)}</g>`;
  };
  const outlines = () =>
    letters.map(({ font: one, glyph, xPx, yPx }) =>
      glyphPath(one, glyph, { scale: sizePx / one.unitsPerEm, xPx, yPx }),
    );
  return {
    widthPx: (iconEm + textEm) * sizePx,
    heightPx: Math.max(iconEm > 0 ? ICON_EM : 0, lineEm * lines.length) * sizePx,
    shapes: (colour) => `${picture(colour)}<g fill="${colour}">${outlines().join('')}</g>`,
    apart: { shapes: picture, letters },
    image: null,
  };
}

function lettersOf({ glyphs }: SetLine, { sizePx, xPx, yPx }: { sizePx: number; xPx: number; yPx: number }): Letter[] {
  return glyphs
    .filter(({ font, glyph }) => font.outline(glyph) !== '')
    .map(({ font, glyph, xEm, yEm }) => ({ font, glyph, xPx: xPx + xEm * sizePx, yPx: yPx - yEm * sizePx }));
}

function glyphPath(font: LoadedFont, glyph: number, { scale, xPx, yPx }: { scale: number; xPx: number; yPx: number }) {
  return `<path transform="translate(${n(xPx)} ${n(yPx)}) scale(${n(scale)} -${n(scale)})" d="${font.outline(glyph)}"/>`;
}

function imageTag(image: Layer['image'], png: Buffer | null): string {
  if (image === null || png === null) return '';
  return `<image width="${image.widthPx}" height="${image.heightPx}" xlink:href="data:image/png;base64,${png.toString('base64')}"/>`;
}
