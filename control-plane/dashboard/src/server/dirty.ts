/**
 * Brings queries up to date after something happened, without asking the server again for each of a burst: a key is asked
 * for at most once in its wait, and always once after the last event.
 */
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { later } from './clock.ts';

export interface Dirty {
  /** The queries below this key are out of date; they are asked for again after `waitMs`. */
  mark(key: QueryKey, waitMs: number): void;
  close(): void;
}

export function createDirty(client: QueryClient): Dirty {
  const waiting = new Map<string, () => void>();
  return {
    mark(key, waitMs) {
      const name = JSON.stringify(key);
      if (waiting.has(name)) return;
      waiting.set(
        name,
        later(waitMs, () => {
          waiting.delete(name);
          void client.invalidateQueries({ queryKey: key }, { cancelRefetch: false });
        }),
      );
    },
    close() {
      for (const callOff of waiting.values()) callOff();
      waiting.clear();
    },
  };
}
