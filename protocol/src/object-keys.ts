import { type AssetId, agentOfFrame, type FrameId, seqOfFrame, type VideoId } from './ids.ts';
import type { AssetView } from './overlay-templates.ts';
import type { PictureType } from './primitives.ts';

/**
 * Keys in the object store are made from ids alone, never from a clock, so that a device without one overwrites nothing.
 * Frames are spread over folders of 1,000 by the agent's counter, which keeps directories small.
 */
export function frameKey(frame: FrameId, type: PictureType): string {
  return `frames/${frameFolder(frame)}/${frame}.${type === 'image/webp' ? 'webp' : 'jpg'}`;
}

export type ThumbnailSize = 'small' | 'large';
/** The boxes that thumbnails fit in, in px; the picture's aspect is kept. */
export const THUMBNAIL_BOXES = {
  small: { widthPx: 200, heightPx: 150 },
  large: { widthPx: 800, heightPx: 600 },
} as const;

export function thumbnailKey(frame: FrameId, size: ThumbnailSize): string {
  return `thumbnails/${size}/${frameFolder(frame)}/${frame}.jpg`;
}

/** The transparent picture of a frame's overlay, which lies beside it. */
export function sidecarKey(frame: FrameId): string {
  return `overlays/${frameFolder(frame)}/${frame}.png`;
}

export function assetKey(asset: AssetId, type: AssetView['type']): string {
  return `assets/${asset}.${type === 'image/png' ? 'png' : 'svg'}`;
}

export function videoKey(video: VideoId): string {
  return `videos/${video}.mp4`;
}

/** A film's own name is in its key, so that a new cut of a film never takes the place of one that somebody looks at. */
export function cutKey(video: VideoId, cut: string, kind: 'mp4' | 'jpg' | 'gif' | 'webp'): string {
  return `videos/${video}-${cut}.${kind}`;
}

/**
 * A segment of a film.
 * @param address SHA-256 of all that goes into it, lower-case hex
 * @param attempt made anew by each worker, so that none writes over what another has reported
 */
export function segmentKey(address: string, attempt: string): string {
  return `segments/${address.slice(0, 2)}/${address}-${attempt}.mp4`;
}

function frameFolder(frame: FrameId): string {
  return `${agentOfFrame(frame)}/${Math.floor(seqOfFrame(frame) / 1000)}`;
}

/** Whether a key is one that this code could have made: no empty part, no dots that climb, no foreign letters. */
export function isObjectKey(key: string): boolean {
  return key.length <= 512 && /^[a-z0-9-]+(\/[a-z0-9-]+)*(\/[a-z0-9-]+\.[a-z0-9]{2,5})$/.test(key);
}
