import sharp from 'sharp';

/**
 * One thread a picture, and as many pictures at once as asked for: threads that share a picture wait for each other more than
 * they help. Nothing is kept between pictures, because no picture is looked at twice in a row.
 */
export function spareThreads(): void {
  sharp.cache(false);
  sharp.concurrency(1);
}
