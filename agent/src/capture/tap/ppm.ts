/** Reads pictures in the binary PPM format (P6, 8 bit), one after the other, and keeps the last whole one alone. Pure. */
export interface RgbPicture {
  pixels: Buffer;
  widthPx: number;
  heightPx: number;
  letGo?: () => void;
}

export interface PpmReader {
  /** @throws RangeError when this is no PPM, or a picture is larger than 8K */
  push(chunk: Buffer): void;
  last(): RgbPicture | null;
  /** How many whole pictures have come. */
  pictures(): number;
  /** Lets the last one go. */
  forget(): void;
}

const MOST_PIXELS = 8192 * 4320;
const LONGEST_HEAD = 64;

export function createPpmReader(): PpmReader {
  let head: Buffer = Buffer.alloc(0);
  let current: (RgbPicture & { filled: number }) | null = null;
  let last: RgbPicture | null = null;
  let pictures = 0;

  /** Takes what belongs to the head or the pixels; gives how much that was. */
  function take(bytes: Buffer): number {
    if (current === null) {
      const before = head.length;
      head = Buffer.concat([head, bytes.subarray(0, LONGEST_HEAD)]);
      const found = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(head.toString('latin1'));
      if (found === null) {
        if (head.length >= LONGEST_HEAD) throw new RangeError('not a picture in PPM');
        return bytes.length;
      }
      const [widthPx, heightPx] = [Number(found[1]), Number(found[2])];
      if (widthPx * heightPx > MOST_PIXELS) throw new RangeError(`a picture of ${widthPx} × ${heightPx} is too large`);
      current = { pixels: Buffer.allocUnsafe(widthPx * heightPx * 3), widthPx, heightPx, filled: 0 };
      head = Buffer.alloc(0);
      return found[0].length - before;
    }
    const copied = bytes.copy(current.pixels, current.filled);
    current.filled += copied;
    if (current.filled === current.pixels.length) {
      const { pixels, widthPx, heightPx } = current;
      last = { pixels, widthPx, heightPx };
      current = null;
      pictures += 1;
    }
    return copied;
  }

  return {
    push(chunk) {
      for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(take(rest));
    },
    last: () => last,
    pictures: () => pictures,
    forget() {
      last = null;
    },
  };
}
