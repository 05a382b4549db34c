/** What can be done to a layout: each gives the layout that it is then. Pure. */
import type {
  AssetId,
  OverlayAnchor,
  OverlayElement,
  OverlayElementKind,
  OverlayLayout,
  OverlayStyleChange,
} from '@slowlight/protocol';

/** Row by row, as they lie on the picture. */
export const ANCHORS: readonly OverlayAnchor[] = [
  ...(['top-left', 'top', 'top-right'] as const),
  ...(['left', 'centre', 'right'] as const),
  ...(['bottom-left', 'bottom', 'bottom-right'] as const),
];
export const KINDS: readonly OverlayElementKind[] = [
  'date-time',
  'date',
  'time',
  'text',
  'timelapse-name',
  'camera-name',
  'site-name',
  'frame-number',
  'day-number',
  'temperature',
  'conditions',
  'wind',
  'sun-position',
  'quality-score',
  'progress-bar',
  'north-arrow',
  'image',
];

/** The anchor under a place of the picture, both shares of it from 0 to 1. */
export function anchorAt(x: number, y: number): OverlayAnchor {
  const third = (share: number) => Math.min(2, Math.max(0, Math.floor(share * 3)));
  return ANCHORS[third(y) * 3 + third(x)] ?? 'centre';
}

/** The anchor beside this one; the same where there is none. */
export function anchorBeside(anchor: OverlayAnchor, by: { x: number; y: number }): OverlayAnchor {
  const at = ANCHORS.indexOf(anchor);
  const stay = (value: number) => Math.min(2, Math.max(0, value));
  return ANCHORS[stay(Math.floor(at / 3) + by.y) * 3 + stay((at % 3) + by.x)] ?? anchor;
}

/** A name that no element has. */
function nameFor(kind: OverlayElementKind, elements: readonly OverlayElement[]): string {
  const taken = new Set(elements.map(({ id }) => id));
  let number = 1;
  while (taken.has(number === 1 ? kind : `${kind}-${number}`)) number += 1;
  return number === 1 ? kind : `${kind}-${number}`;
}

/** An element with what people mostly want of it. @param assetId of an image, else not looked at */
export function newElement(
  kind: OverlayElementKind,
  { elements, anchor, locale, assetId }: NewElement,
): OverlayElement | null {
  const common = { id: nameFor(kind, elements), anchor, style: {} };
  const around = { before: '', after: '' };
  switch (kind) {
    case 'date':
      return { kind, ...common, ...around, pattern: 'd LLLL yyyy', locale };
    case 'time':
      return { kind, ...common, ...around, pattern: 'HH:mm', locale };
    case 'date-time':
      return { kind, ...common, ...around, pattern: 'yyyy-MM-dd HH:mm', locale };
    case 'frame-number':
      return { kind, ...common, ...around, before: '#', digits: 5, of: 'timelapse' };
    case 'day-number':
      return { kind, ...common, ...around, digits: 1 };
    case 'timelapse-name':
    case 'camera-name':
    case 'site-name':
    case 'quality-score':
      return { kind, ...common, ...around };
    case 'text':
      return { kind, ...common, text: '{timelapse} · {date:d LLLL yyyy}', locale };
    case 'temperature':
      return { kind, ...common, ...around, unit: 'celsius', decimals: 0, icon: true, locale };
    case 'conditions':
      return { kind, ...common, ...around, icon: true, locale, names: {} };
    case 'wind':
      return { kind, ...common, ...around, unit: 'm/s', direction: 'compass', locale };
    case 'sun-position':
      return { kind, ...common, ...around, icon: true };
    case 'progress-bar': {
      const style = { sizePercent: 0.8, background: null };
      return { kind, ...common, style, of: 'timelapse', widthPercent: 30, track: { colour: '#ffffff', opacity: 0.3 } };
    }
    case 'north-arrow':
      return { kind, ...common, style: { sizePercent: 8, background: null }, bearingDegrees: 0 };
    case 'image':
      return assetId === undefined ? null : { kind, ...common, style: { sizePercent: 10, background: null }, assetId };
  }
}
interface NewElement {
  elements: readonly OverlayElement[];
  anchor: OverlayAnchor;
  locale: string;
  assetId?: AssetId;
}

const withElements = (layout: OverlayLayout, elements: OverlayElement[]): OverlayLayout => ({ ...layout, elements });

export const addElement = (layout: OverlayLayout, element: OverlayElement): OverlayLayout =>
  withElements(layout, [...layout.elements, element]);

export const removeElement = (layout: OverlayLayout, id: string): OverlayLayout =>
  withElements(
    layout,
    layout.elements.filter((one) => one.id !== id),
  );

export function copyElement(layout: OverlayLayout, id: string): { layout: OverlayLayout; id: string } {
  const index = layout.elements.findIndex((one) => one.id === id);
  const element = layout.elements[index];
  if (element === undefined) return { layout, id };
  const copy = { ...element, id: nameFor(element.kind, layout.elements) };
  return { layout: withElements(layout, layout.elements.toSpliced(index + 1, 0, copy)), id: copy.id };
}

/** Puts another version of an element in its place. */
export const putElement = (layout: OverlayLayout, element: OverlayElement): OverlayLayout =>
  withElements(
    layout,
    layout.elements.map((one) => (one.id === element.id ? element : one)),
  );

/** What is undefined is taken from the template's style again. */
export function styled<Styled extends { style: OverlayStyleChange }>(of: Styled, change: OverlayStyleChange): Styled {
  const style = Object.fromEntries(
    Object.entries({ ...of.style, ...change }).filter(([, value]) => value !== undefined),
  );
  return { ...of, style };
}

/**
 * Lays an element at an anchor, among those that are there already.
 * @param place how many of them stand above it; nothing: all
 */
export function moveElement(layout: OverlayLayout, id: string, anchor: OverlayAnchor, place?: number): OverlayLayout {
  const element = layout.elements.find((one) => one.id === id);
  if (element === undefined) return layout;
  const others = layout.elements.filter((one) => one.id !== id);
  const there = others.filter((one) => one.anchor === anchor);
  const next = there[place ?? there.length];
  const index = next === undefined ? others.length : others.indexOf(next);
  const elements = others.toSpliced(index, 0, { ...element, anchor });
  const same = elements.every((one, at) => one.id === layout.elements[at]?.id) && element.anchor === anchor;
  return same ? layout : withElements(layout, elements);
}

/** Up (-1) or down (1) among those at the same anchor. */
export function moveWithin(layout: OverlayLayout, id: string, by: 1 | -1): OverlayLayout {
  const element = layout.elements.find((one) => one.id === id);
  if (element === undefined) return layout;
  const stack = layout.elements.filter(({ anchor }) => anchor === element.anchor);
  const place = stack.indexOf(element) + by;
  return place < 0 || place >= stack.length ? layout : moveElement(layout, id, element.anchor, place);
}
