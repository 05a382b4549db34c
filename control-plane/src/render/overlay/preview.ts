/** What an overlay looks like on a frame, to the pixel as in its sidecar; on a drawn landscape where there is no picture. */
import type { FrameId, ResolvedOverlay } from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import type { FramePicture, ObjectStore, OverlayFacts } from '../../frame.ts';
import type { FrameOverlayRecords } from '../../ports-overlay.ts';
import { MOST_PIXELS } from '../pictures.ts';
import { readObject } from '../read-object.ts';
import { fillCanvas, type Size } from './overlay-canvas.ts';
import type { NamedBox, OverlayRenderer } from './overlay-renderer.ts';

export interface PreviewDeps {
  clock: Clock;
  renderer: OverlayRenderer;
  objects: Pick<ObjectStore, 'read'>;
  records: Pick<FrameOverlayRecords, 'overlayFacts'> & { framePicture(id: FrameId): Promise<FramePicture | null> };
}

export interface PreviewWish {
  overlay: ResolvedOverlay;
  /** null: the drawn landscape, with made-up facts. */
  frameId: FrameId | null;
  /** In whose time zone the made-up facts are said. */
  timeZone: string;
  type: 'image/jpeg' | 'image/png';
}

export interface Preview {
  picture: Buffer;
  /** Of the picture, and where in it each element lies, px. */
  size: Size;
  boxes: NamedBox[];
}

interface Ground extends Size {
  rgb: Buffer;
}

const LANDSCAPE: Size = { widthPx: 1920, heightPx: 1080 };
const JPEG_QUALITY = 92;

export function createPreview({ clock, renderer, objects, records }: PreviewDeps) {
  async function pictureOf(id: FrameId | null, signal: AbortSignal): Promise<Ground | null> {
    const picture = id === null ? null : await records.framePicture(id);
    if (picture === null) return null;
    try {
      return await decode(await readObject(objects, picture.key, { mostBytes: picture.sizeBytes, signal }));
    } catch (thrown) {
      // A picture that is not here or cannot be decoded is no reason to show nothing.
      if (thrown instanceof Failure && thrown.retry !== 'never') throw thrown;
      return null;
    }
  }

  /** @throws Failure of the store; the signal's reason */
  return async ({ overlay, frameId, timeZone, type }: PreviewWish, signal: AbortSignal): Promise<Preview> => {
    const facts = frameId === null ? undefined : (await records.overlayFacts([frameId])).get(frameId);
    const ground = (await pictureOf(frameId, signal)) ?? (await drawLandscape());
    const prepared = await renderer.prepare(overlay);
    const told = facts ?? madeUpFacts(clock.now(), timeZone);
    // The size alone: what is drawn is remembered under all that is told here, and pixels must not be part of that.
    const { widthPx, heightPx } = ground;
    const size: Size = { widthPx, heightPx };
    const pieces = await prepared.draw(told, size);
    const raw = { width: widthPx, height: heightPx } as const;
    const laid = sharp(ground.rgb, { raw: { ...raw, channels: 3 } }).composite([
      { input: fillCanvas(pieces, size), raw: { ...raw, channels: 4 } },
    ]);
    const picture =
      type === 'image/png'
        ? await laid.png().toBuffer()
        : await laid.jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4' }).toBuffer();
    return { picture, size, boxes: prepared.named(told, size) };
  };
}

/** Upright, as everybody sees it. */
async function decode(bytes: Uint8Array): Promise<Ground> {
  const { data, info } = await sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'truncated' })
    .autoOrient()
    .flatten({ background: 'black' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, widthPx: info.width, heightPx: info.height };
}

async function drawLandscape(): Promise<Ground> {
  const { widthPx, heightPx } = LANDSCAPE;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 1920 1080">` +
    '<defs><linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#3d6ea5"/><stop offset="1" stop-color="#dbe7ee"/></linearGradient></defs>' +
    '<rect width="1920" height="760" fill="url(#sky)"/><circle cx="1430" cy="240" r="90" fill="#fff3c4"/>' +
    '<path d="M0 700 330 430 560 600 860 300 1240 640 1500 480 1920 720V1080H0Z" fill="#6b7f8c"/>' +
    '<path d="M0 800Q480 680 960 790T1920 760V1080H0Z" fill="#5f7f4f"/><path d="M0 920Q600 830 1200 920T1920 890V1080H0Z" fill="#46663c"/></svg>';
  return decode(Buffer.from(svg));
}

/** Facts that are there for everything, so that nothing is left out of a preview without a frame. */
export function madeUpFacts(now: number, timeZone: string): OverlayFacts {
  return {
    at: now,
    timeZone,
    latitude: 48.21,
    longitude: 16.37,
    siteName: 'Site',
    cameraName: 'Camera',
    timelapseName: 'Timelapse',
    frameNumber: 1234,
    dayNumber: 12,
    progress: 0.4,
    film: { number: 1234, of: 3000 },
    score: 96,
    weather: {
      temperatureCelsius: 18.6,
      conditions: 2,
      windMs: 4.2,
      windDirectionDegrees: 240,
      cloudPercent: 45,
    },
  };
}
