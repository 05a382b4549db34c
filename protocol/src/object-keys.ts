import { agentOfFrame, type FrameId, type VideoId } from './ids.ts';
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

export function videoKey(video: VideoId): string {
  return `videos/${video}.mp4`;
}

function frameFolder(frame: FrameId): string {
  const seq = Number(frame.slice(frame.lastIndexOf('-') + 1));
  return `${agentOfFrame(frame)}/${Math.floor(seq / 1000)}`;
}

/** Whether a key is one that this code could have made: no empty part, no dots that climb, no foreign letters. */
export function isObjectKey(key: string): boolean {
  return key.length <= 512 && /^[a-z0-9-]+(\/[a-z0-9-]+)*(\/[a-z0-9-]+\.[a-z0-9]{2,5})$/.test(key);
}
