/** Keeps what was drawn lately, up to so many bytes; what is asked for twice at once is drawn once. */
export function createKept(mostBytes: number) {
  const kept = new Map<string, { pixels: Promise<Uint8Array>; sizeBytes: number }>();
  let sizeBytes = 0;
  const forget = (key: string) => {
    sizeBytes -= kept.get(key)?.sizeBytes ?? 0;
    kept.delete(key);
  };
  return {
    async get(key: string, draw: () => Promise<Uint8Array>): Promise<Uint8Array> {
      const known = kept.get(key);
      if (known !== undefined) {
        kept.delete(key);
        kept.set(key, known);
        return known.pixels;
      }
      const one = { pixels: draw(), sizeBytes: 0 };
      kept.set(key, one);
      try {
        const pixels = await one.pixels;
        if (kept.get(key) === one) {
          one.sizeBytes = pixels.byteLength + key.length * 2;
          sizeBytes += one.sizeBytes;
          for (const oldest of kept.keys()) {
            if (sizeBytes <= mostBytes || oldest === key) break;
            forget(oldest);
          }
        }
        return pixels;
      } catch (thrown) {
        if (kept.get(key) === one) forget(key);
        throw thrown;
      }
    },
  };
}
