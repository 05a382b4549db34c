/**
 * What this store has received itself and nobody has asked for yet: the checksum was made of the bytes on their way to the
 * disk, so it need not be made again of the same file. A file that is another, or was written to since, is not known here.
 */
import type { BigIntStats } from 'node:fs';

interface Received {
  sha256: string;
  file: string;
}
type Stats = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs'>;

/** What nobody asks for gives way, the oldest first. */
const MOST_KEPT = 10_000;

export function createReceived() {
  const received = new Map<string, Received>();
  return {
    note(key: string, sha256: string, stats: Stats): void {
      received.delete(key);
      received.set(key, { sha256, file: fileOf(stats) });
      for (const oldest of received.keys()) {
        if (received.size <= MOST_KEPT) break;
        received.delete(oldest);
      }
    },
    /** The checksum of what came under this key; null: unknown, or not that file any more. */
    sha256Of(key: string, stats: Stats): string | null {
      const known = received.get(key);
      return known?.file === fileOf(stats) ? known.sha256 : null;
    },
    forget: (key: string) => received.delete(key),
  };
}
export type ReceivedObjects = ReturnType<typeof createReceived>;

const fileOf = ({ dev, ino, size, mtimeNs }: Stats): string => `${dev} ${ino} ${size} ${mtimeNs}`;
