import sharp from 'sharp';

/**
 * Every picture here is another one, so what libvips would keep of the last ones is never asked for again; and one thread
 * for each picture is enough, since several cameras are due at the same moment anyway.
 */
export function spareMemory(): void {
  sharp.cache(false);
  sharp.concurrency(1);
}
