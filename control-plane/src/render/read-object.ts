import { Failure } from '@slowlight/protocol/kit';
import type { ObjectStore } from '../frame.ts';

/**
 * Reads a whole object into memory.
 * @param mostBytes what was announced: more is not read
 * @throws Failure `object.not-found` | `object.store-unreachable` | `object.too-large`; the signal's reason
 */
export async function readObject(
  objects: Pick<ObjectStore, 'read'>,
  key: string,
  { mostBytes, signal }: { mostBytes: number; signal: AbortSignal },
): Promise<Buffer> {
  signal.throwIfAborted();
  const stream = await objects.read(key);
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const part of stream) {
      signal.throwIfAborted();
      sizeBytes += part.length;
      if (sizeBytes > mostBytes) throw tooLarge(key, mostBytes);
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof Failure || signal.aborted) throw cause;
    throw new Failure({
      code: 'object.store-unreachable',
      message: `reading ${key} broke off`,
      hint: 'Look whether the object store runs and can be reached.',
      retry: 'soon',
      cause,
    });
  }
  return Buffer.concat(parts);
}

const tooLarge = (key: string, mostBytes: number): Failure =>
  new Failure({
    code: 'object.too-large',
    message: `${key} is larger than the ${mostBytes} bytes that were announced`,
    hint: 'Somebody has changed the object in the store: restore it from a backup.',
    retry: 'never',
  });
