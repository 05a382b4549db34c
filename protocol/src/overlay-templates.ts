/** Templates of overlays and the pictures that they show, as the API speaks of them; and the templates that come along. */
import { z } from 'zod';
import { assetId, type OverlayTemplateId, overlayTemplateId, timelapseId } from './ids.ts';
import { type OverlayLayout, overlayChanges, overlayLayout } from './overlay.ts';
import { displayName, instant, sha256 } from './primitives.ts';

/** A template at one of its versions. A change makes a new version; the old ones stay readable. */
export const overlayTemplateView = z.object({
  id: overlayTemplateId,
  name: displayName,
  builtIn: z.boolean(),
  version: z.int(),
  newestVersion: z.int(),
  layout: overlayLayout,
  /** Of this version. */
  createdAt: instant,
});
export type OverlayTemplateView = z.infer<typeof overlayTemplateView>;
export const overlayTemplateInput = z.strictObject({ name: displayName, layout: overlayLayout });
export type OverlayTemplateInput = z.infer<typeof overlayTemplateInput>;
/** Only what is given changes; a layout is given whole. */
export const overlayTemplateChange = z.strictObject({ name: displayName.optional(), layout: overlayLayout.optional() });
export type OverlayTemplateChange = z.infer<typeof overlayTemplateChange>;

/** How far the sidecars of a timelapse are. `fallback`: a transparent one was left, and its record says why. */
export const sidecarCounts = z.object({ pending: z.int(), ready: z.int(), failed: z.int(), fallback: z.int() });
/** What a timelapse shows over its frames. */
export const timelapseOverlayInput = z.strictObject({
  templateId: overlayTemplateId,
  /** null: always the newest version. */
  version: z.int().min(1).nullable().default(null),
  changes: overlayChanges.default({ style: {}, elements: [], hide: [] }),
  /** Whether each frame gets a transparent PNG of its overlay beside it. */
  sidecars: z.boolean().default(false),
});
export type TimelapseOverlayInput = z.infer<typeof timelapseOverlayInput>;
export const timelapseOverlayView = timelapseOverlayInput.extend({
  timelapseId,
  /** Grows with every change that can be seen, of the template or of this. */
  revision: z.int(),
  /** The sidecars of this revision and what is still to be made; null where none are asked for. */
  progress: sidecarCounts.nullable(),
});
export type TimelapseOverlayView = z.infer<typeof timelapseOverlayView>;

export const sidecarState = z.enum(['pending', 'ready', 'failed', 'fallback']);
export const sidecarView = z.object({ state: sidecarState, reason: z.string().nullable(), revision: z.int() });
export type SidecarView = z.infer<typeof sidecarView>;

export const ASSET_TYPES = ['image/png', 'image/svg+xml'] as const;
/** More than this is not taken, bytes. */
export const MOST_ASSET_BYTES = 10 * 1024 * 1024;
/** A picture for overlays. What is uploaded as JPEG or WebP is kept as PNG; an SVG is kept with nothing but its drawing. */
export const assetView = z.object({
  id: assetId,
  name: displayName,
  type: z.enum(ASSET_TYPES),
  widthPx: z.int(),
  heightPx: z.int(),
  sizeBytes: z.int(),
  sha256,
  createdAt: instant,
});
export type AssetView = z.infer<typeof assetView>;

const builtIn = (id: string, name: string, layout: z.input<typeof overlayLayout>) => ({
  id: `ovt-builtin-${id}` as OverlayTemplateId,
  name,
  layout: overlayLayout.parse(layout) satisfies OverlayLayout,
});

/** The templates that come along. They have one version and cannot be changed; a duplicate can. */
export const BUILT_IN_TEMPLATES: readonly { id: OverlayTemplateId; name: string; layout: OverlayLayout }[] = [
  builtIn('timestamp', 'Timestamp', {
    elements: [{ kind: 'date-time', id: 'date-time', anchor: 'bottom-right' }],
  }),
  builtIn('weather', 'Weather and time', {
    elements: [
      { kind: 'temperature', id: 'temperature', anchor: 'bottom-left', icon: true },
      { kind: 'conditions', id: 'conditions', anchor: 'bottom-left' },
      { kind: 'date-time', id: 'date-time', anchor: 'bottom-right', pattern: 'yyyy-MM-dd HH:mm' },
    ],
  }),
  builtIn('complete', 'Complete', {
    elements: [
      { kind: 'timelapse-name', id: 'timelapse', anchor: 'top-left', style: { weight: 'bold', sizePercent: 3.6 } },
      { kind: 'camera-name', id: 'camera', anchor: 'top-left' },
      { kind: 'site-name', id: 'site', anchor: 'top-left' },
      { kind: 'day-number', id: 'day', anchor: 'top-right', before: 'Day ' },
      { kind: 'frame-number', id: 'frame', anchor: 'top-right', before: '#' },
      { kind: 'quality-score', id: 'score', anchor: 'top-right', after: ' %' },
      { kind: 'temperature', id: 'temperature', anchor: 'bottom-left', icon: true },
      { kind: 'conditions', id: 'conditions', anchor: 'bottom-left' },
      { kind: 'wind', id: 'wind', anchor: 'bottom-left' },
      { kind: 'sun-position', id: 'sun', anchor: 'bottom-left' },
      { kind: 'date', id: 'date', anchor: 'bottom-right' },
      { kind: 'time', id: 'time', anchor: 'bottom-right' },
      { kind: 'progress-bar', id: 'progress', anchor: 'bottom', style: { sizePercent: 0.8, background: null } },
    ],
  }),
  builtIn('minimal', 'Minimal', {
    elements: [
      {
        kind: 'time',
        id: 'time',
        anchor: 'bottom-right',
        pattern: 'HH:mm',
        style: {
          background: null,
          paddingPercent: 0,
          shadow: { colour: '#000000', opacity: 0.8, xPercent: 4, yPercent: 4, blurPercent: 6 },
        },
      },
    ],
  }),
];
