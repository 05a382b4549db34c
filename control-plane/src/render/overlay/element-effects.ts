/** What lies below and around an element's shapes, as SVG: pure. Percentages are of the element's own size. */
import type { OverlayStyle } from '@slowlight/protocol';
import type { Size } from './overlay-canvas.ts';

export function background({ background: wanted }: OverlayStyle, { widthPx, heightPx }: Size, sizePx: number): string {
  if (wanted === null) return '';
  const radius = n(Math.min((wanted.radiusPercent / 100) * sizePx, widthPx / 2, heightPx / 2));
  return `<rect width="${widthPx}" height="${heightPx}" rx="${radius}" fill="${wanted.colour}" fill-opacity="${n(wanted.opacity)}"/>`;
}

export function shadow({ shadow: wanted }: OverlayStyle, sizePx: number, shapes: (colour: string) => string): string {
  if (wanted === null) return '';
  const px = (percent: number) => n((percent / 100) * sizePx);
  const blur =
    wanted.blurPercent > 0
      ? `<feGaussianBlur in="SourceAlpha" stdDeviation="${px(wanted.blurPercent / 2)}" result="soft"/>`
      : '<feOffset in="SourceAlpha" result="soft"/>';
  const filter =
    `<filter id="shadow" x="-1" y="-1" width="3" height="3" color-interpolation-filters="sRGB">${blur}` +
    `<feFlood flood-color="${wanted.colour}" flood-opacity="${n(wanted.opacity)}"/><feComposite in2="soft" operator="in"/></filter>`;
  return `<defs>${filter}</defs><g filter="url(#shadow)" transform="translate(${px(wanted.xPercent)} ${px(wanted.yPercent)})">${shapes('#000000')}</g>`;
}

/** Letters and icons get a line around them, drawn below; a picture gets a frame. */
export function outline(
  { outline: wanted }: OverlayStyle,
  { sizePx, paddingPx, image }: { sizePx: number; paddingPx: number; image: Size | null },
  shapes: (colour: string) => string,
): string {
  if (wanted === null || wanted.widthPercent === 0) return '';
  const reach = (wanted.widthPercent / 100) * sizePx;
  if (image !== null) {
    const { widthPx, heightPx } = image;
    const at = n(paddingPx - reach / 2);
    return `<rect x="${at}" y="${at}" width="${n(widthPx + reach)}" height="${n(heightPx + reach)}" fill="none" stroke="${wanted.colour}" stroke-width="${n(reach)}"/>`;
  }
  const filter =
    `<filter id="outline" x="-1" y="-1" width="3" height="3" color-interpolation-filters="sRGB">` +
    `<feMorphology in="SourceAlpha" operator="dilate" radius="${n(reach)}"/>` +
    `<feComposite in2="SourceAlpha" operator="over" result="wide"/>` +
    `<feFlood flood-color="${wanted.colour}"/><feComposite in2="wide" operator="in"/></filter>`;
  return `<defs>${filter}</defs><g filter="url(#outline)">${shapes('#000000')}</g>`;
}

export function turnedSize({ widthPx, heightPx }: Size, degrees: number): Size {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  const whole = (px: number) => Math.ceil(px - 1e-6);
  return { widthPx: whole(widthPx * cos + heightPx * sin), heightPx: whole(widthPx * sin + heightPx * cos) };
}

export function bleedOf({ shadow: cast, outline: line, paddingPercent }: OverlayStyle, sizePx: number): number {
  const letters = Math.max(0, 25 - paddingPercent);
  const aside = cast === null ? 0 : Math.max(Math.abs(cast.xPercent), Math.abs(cast.yPercent)) + cast.blurPercent * 1.5;
  return Math.ceil(((letters + aside + (line?.widthPercent ?? 0)) / 100) * sizePx);
}

/** Numbers as short as they can be without a pixel noticing. */
export const n = (value: number): string => String(Math.round(value * 1e5) / 1e5);
