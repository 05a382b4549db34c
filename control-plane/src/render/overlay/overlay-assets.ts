/**
 * Pictures for overlays.
 *
 * Promise: what is kept holds nothing but a picture: pixels that were encoded here, or an SVG written anew.
 * Invariants: the object is written before its row and removed after it, and never changes under its id.
 * When it fails: what is not such a picture is refused with what to do; a crash leaves at most an object without a row.
 */
import { createHash } from 'node:crypto';
import { type AssetId, type AssetView, assetKey, MOST_ASSET_BYTES, newAssetId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import type { ObjectStore } from '../../frame.ts';
import type { OverlayTemplateRecords } from '../../ports-overlay.ts';
import { readObject } from '../read-object.ts';
import type { OverlayAsset } from './overlay-renderer.ts';
import { sanitiseSvg } from './sanitise-svg.ts';

export interface AssetDeps {
  objects: Pick<ObjectStore, 'read' | 'write' | 'remove'>;
  records: Pick<OverlayTemplateRecords, 'asset' | 'createAsset' | 'deleteAsset'>;
}

type Taken = Pick<AssetView, 'type' | 'widthPx' | 'heightPx'> & { bytes: Buffer };

/** A few bytes can claim to be a picture that fills the memory. */
const MOST_PIXELS = 50_000_000;
/** Larger ones are shrunk: no overlay shows more. */
const LONGEST_SIDE_PX = 4096;
const FORMATS = new Set(['png', 'jpeg', 'webp']);
/** What re-encoding may add to what was uploaded. */
const MOST_KEPT_BYTES = 4 * LONGEST_SIDE_PX * LONGEST_SIDE_PX;

/** Pictures with their bytes. */
export function createOverlayAssets({ objects, records }: AssetDeps) {
  return {
    /** Takes a picture in. @throws Failure `asset.too-large` | `asset.unreadable` | `asset.refused` */
    async take({ name, bytes }: { name: string; bytes: Uint8Array }): Promise<AssetView> {
      const { bytes: kept, ...taken } = await cleanAsset(bytes);
      const id = newAssetId();
      const sha256 = createHash('sha256').update(kept).digest('hex');
      await objects.write(assetKey(id, taken.type), kept, taken.type);
      return records.createAsset({ id, name, ...taken, sizeBytes: kept.length, sha256 });
    },

    /** False when it was not there. @throws Failure `asset.in-use` */
    async remove(id: AssetId): Promise<boolean> {
      const asset = await records.asset(id);
      if (asset === null || !(await records.deleteAsset(id))) return false;
      await objects.remove(assetKey(id, asset.type));
      return true;
    },

    /** null: there is none (any more). @throws Failure of the store */
    async read(id: AssetId): Promise<OverlayAsset | null> {
      const asset = await records.asset(id);
      if (asset === null) return null;
      const { type, widthPx, heightPx, sizeBytes } = asset;
      const signal = new AbortController().signal;
      const bytes = await readObject(objects, assetKey(id, type), { mostBytes: sizeBytes, signal });
      return { type, widthPx, heightPx, bytes };
    },
  };
}

export type OverlayAssets = ReturnType<typeof createOverlayAssets>;

/** Makes of what was uploaded what is kept. @throws Failure `asset.too-large` | `asset.unreadable` | `asset.refused` */
export async function cleanAsset(bytes: Uint8Array): Promise<Taken> {
  if (bytes.length > MOST_ASSET_BYTES) throw tooLarge();
  return looksLikeSvg(bytes) ? cleanSvg(bytes) : cleanPixels(bytes);
}

function looksLikeSvg(bytes: Uint8Array): boolean {
  const start = new TextDecoder('utf-8').decode(bytes.subarray(0, 4096));
  return /^\s*(<\?xml|<!--|<!DOCTYPE|<svg)/i.test(start);
}

async function cleanSvg(bytes: Uint8Array): Promise<Taken> {
  const clean = Buffer.from(sanitiseSvg(decode(bytes)));
  try {
    const { width: widthPx, height: heightPx } = await sharp(clean, { limitInputPixels: MOST_PIXELS }).metadata();
    const drawn = sharp(clean, { limitInputPixels: MOST_PIXELS });
    await drawn.resize({ width: 64, height: 64, fit: 'inside' }).raw().toBuffer();
    return { type: 'image/svg+xml', bytes: clean, widthPx, heightPx };
  } catch (cause) {
    throw unreadable(cause);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(cause);
  }
}

async function cleanPixels(bytes: Uint8Array): Promise<Taken> {
  try {
    const read = sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error', pages: 1 });
    const { format } = await read.metadata();
    if (!FORMATS.has(format)) throw unreadable(undefined);
    const { data, info } = await read
      .autoOrient()
      .resize({ width: LONGEST_SIDE_PX, height: LONGEST_SIDE_PX, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .png({ compressionLevel: 9 })
      .toBuffer({ resolveWithObject: true });
    if (data.length > MOST_KEPT_BYTES) throw tooLarge();
    return { type: 'image/png', bytes: data, widthPx: info.width, heightPx: info.height };
  } catch (cause) {
    throw cause instanceof Failure ? cause : unreadable(cause);
  }
}

const tooLarge = (): Failure =>
  new Failure({
    code: 'asset.too-large',
    message: `This picture is larger than ${MOST_ASSET_BYTES / 1024 / 1024} MB.`,
    hint: 'Make it smaller: a few hundred pixels are enough for most overlays.',
    retry: 'never',
  });
const unreadable = (cause: unknown): Failure =>
  new Failure({
    code: 'asset.unreadable',
    message: 'This is no picture that can be read here.',
    hint: 'Upload a PNG, JPEG, WebP or SVG of at most 50 megapixels.',
    retry: 'never',
    cause,
  });
