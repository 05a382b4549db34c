/**
 * Overlays: text and pictures that are drawn over a frame from a template, and are never burnt into the stored frame.
 * Sizes are in percent of the picture's height, so that a template looks the same on every size. What a frame's facts do
 * not hold (no weather, no position of the site) is left out, and what is stacked below moves up.
 */
import { z } from 'zod';
import { assetId } from './ids.ts';
import { datePattern, locale, overlayText } from './overlay-patterns.ts';
import { weatherCondition } from './weather.ts';

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'is not a colour such as #ffffff');
const share = z.number().min(0).max(1);
const shortText = z
  .string()
  .max(80, 'is longer than 80 characters')
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'holds a character that cannot be shown');

/** How an element looks. Percentages other than the size's are of the element's own size. */
const styleShape = {
  font: z.enum(['sans', 'serif', 'mono']),
  weight: z.enum(['regular', 'bold']),
  /** Of the picture's height: the letters' size, a picture's or bar's height. */
  sizePercent: z.number().min(0.5).max(100),
  colour,
  background: z.strictObject({ colour, opacity: share, radiusPercent: z.number().min(0).max(200) }).nullable(),
  paddingPercent: z.number().min(0).max(300),
  shadow: z
    .strictObject({
      colour,
      opacity: share,
      xPercent: z.number().min(-100).max(100),
      yPercent: z.number().min(-100).max(100),
      blurPercent: z.number().min(0).max(100),
    })
    .nullable(),
  outline: z.strictObject({ colour, widthPercent: z.number().min(0).max(50) }).nullable(),
  opacity: share,
  /** Clockwise. */
  rotationDegrees: z.number().min(-360).max(360),
};
export const overlayStyle = z.strictObject(styleShape);
export type OverlayStyle = z.infer<typeof overlayStyle>;
/** What is not said is taken from the template's style, and what that does not say from the built-in one. */
export const overlayStyleChange = overlayStyle.partial();
export type OverlayStyleChange = z.infer<typeof overlayStyleChange>;

/** What holds where nothing else is said. */
export const BUILT_IN_STYLE: OverlayStyle = {
  font: 'sans',
  weight: 'regular',
  sizePercent: 3,
  colour: '#ffffff',
  background: { colour: '#000000', opacity: 0.45, radiusPercent: 20 },
  paddingPercent: 25,
  shadow: null,
  outline: null,
  opacity: 1,
  rotationDegrees: 0,
};

export const overlayAnchor = z.enum([
  ...(['top-left', 'top', 'top-right'] as const),
  ...(['left', 'centre', 'right'] as const),
  ...(['bottom-left', 'bottom', 'bottom-right'] as const),
]);
export type OverlayAnchor = z.infer<typeof overlayAnchor>;

export const elementId = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'is not a name such as time-1')
  .max(40);

const element = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({
    kind: z.literal(kind),
    /** Names the element, so that a timelapse can change or hide it. */
    id: elementId,
    /** Which of the element's own edges or corners lies where: right means its right edge. */
    anchor: overlayAnchor,
    style: overlayStyleChange.default({}),
    ...shape,
  });
const words = { before: shortText.default(''), after: shortText.default('') };
const counted = z.enum(['timelapse', 'film']);

export const overlayElement = z.discriminatedUnion('kind', [
  element('date', { pattern: datePattern.default('yyyy-MM-dd'), locale: locale.default('en'), ...words }),
  element('time', { pattern: datePattern.default('HH:mm:ss'), locale: locale.default('en'), ...words }),
  element('date-time', { pattern: datePattern.default('yyyy-MM-dd HH:mm:ss'), locale: locale.default('en'), ...words }),
  /** `of: film` counts the pictures of the film; where there is no film, those of the timelapse. */
  element('frame-number', { digits: z.int().min(1).max(12).default(5), of: counted.default('timelapse'), ...words }),
  element('day-number', { digits: z.int().min(1).max(12).default(1), ...words }),
  element('timelapse-name', words),
  element('camera-name', words),
  element('site-name', words),
  element('text', { text: overlayText, locale: locale.default('en') }),
  element('temperature', {
    unit: z.enum(['celsius', 'fahrenheit']).default('celsius'),
    decimals: z.int().min(0).max(1).default(0),
    icon: z.boolean().default(false),
    locale: locale.default('en'),
    ...words,
  }),
  element('conditions', {
    icon: z.boolean().default(false),
    /** Words are built in for English and German; `names` says others. */
    locale: locale.default('en'),
    names: z.partialRecord(weatherCondition, shortText).default({}),
    ...words,
  }),
  element('wind', {
    unit: z.enum(['m/s', 'km/h', 'mph', 'kn']).default('m/s'),
    direction: z.enum(['compass', 'degrees', 'none']).default('compass'),
    locale: locale.default('en'),
    ...words,
  }),
  /** Height above the horizon and direction, computed from the site's position. */
  element('sun-position', { icon: z.boolean().default(true), ...words }),
  element('quality-score', words),
  element('image', { assetId }),
  element('progress-bar', {
    of: counted.default('timelapse'),
    /** Of the picture's width. */
    widthPercent: z.number().min(1).max(100).default(30),
    track: z.strictObject({ colour, opacity: share }).default({ colour: '#ffffff', opacity: 0.3 }),
  }),
  /** @see bearingDegrees: where the camera looks, 0 north, 90 east; the arrow then shows where north is in the picture. */
  element('north-arrow', { bearingDegrees: z.number().min(0).max(360) }),
]);
export type OverlayElement = z.infer<typeof overlayElement>;
export type OverlayElementKind = OverlayElement['kind'];

const elements = z
  .array(overlayElement)
  .max(30, 'are more than 30')
  .superRefine((list, context) => {
    list.forEach(({ id }, index) => {
      if (list.findIndex((other) => other.id === id) < index)
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `is used twice: ${id}` });
    });
  });

const layoutShape = {
  /** Of the whole overlay; it fades the overlay, never the picture. */
  opacity: share,
  /** Between the picture's edges and the elements, and between stacked elements; in percent of the picture's height. */
  marginXPercent: z.number().min(0).max(45),
  marginYPercent: z.number().min(0).max(45),
  gapPercent: z.number().min(0).max(20),
};

/** What a template says. Elements at the same anchor are stacked in their order, from top to bottom. */
export const overlayLayout = z.strictObject({
  opacity: layoutShape.opacity.default(1),
  marginXPercent: layoutShape.marginXPercent.default(2),
  marginYPercent: layoutShape.marginYPercent.default(2),
  gapPercent: layoutShape.gapPercent.default(0.6),
  style: overlayStyleChange.default({}),
  elements,
});
export type OverlayLayout = z.infer<typeof overlayLayout>;

/** What a timelapse wants otherwise than its template: elements with a known id take that one's place, others are added. */
export const overlayChanges = z.strictObject({
  opacity: layoutShape.opacity.optional(),
  marginXPercent: layoutShape.marginXPercent.optional(),
  marginYPercent: layoutShape.marginYPercent.optional(),
  gapPercent: layoutShape.gapPercent.optional(),
  style: overlayStyleChange.default({}),
  elements: elements.default([]),
  hide: z.array(elementId).max(30).default([]),
});
export type OverlayChanges = z.infer<typeof overlayChanges>;

/** Pure: built-in style → the template's → the timelapse's changes; every element then says all of its style. */
export function resolveOverlay(layout: OverlayLayout, changes: OverlayChanges | null): ResolvedOverlay {
  const { style, elements: changed, hide, ...numbers } = changes ?? overlayChanges.parse({});
  const known = new Set(layout.elements.map(({ id }) => id));
  const all = [
    ...layout.elements.map((one) => changed.find(({ id }) => id === one.id) ?? one),
    ...changed.filter(({ id }) => !known.has(id)),
  ];
  const base = withoutUndefined({ ...BUILT_IN_STYLE, ...layout.style, ...withoutUndefined(style) });
  const { opacity, marginXPercent, marginYPercent, gapPercent } = { ...layout, ...withoutUndefined(numbers) };
  return {
    opacity,
    marginXPercent,
    marginYPercent,
    gapPercent,
    elements: all
      .filter(({ id }) => !hide.includes(id))
      .map((one) => ({ ...one, style: { ...base, ...withoutUndefined(one.style) } })),
  };
}

export type ResolvedElement = OverlayElement & { style: OverlayStyle };
/** A layout in which nothing is left to be looked up. */
export interface ResolvedOverlay extends Pick<OverlayLayout, keyof typeof layoutShape> {
  elements: ResolvedElement[];
}

function withoutUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof Value]: Exclude<Value[Key], undefined>;
  };
}
