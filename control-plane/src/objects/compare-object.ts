import type { ObjectCheck, StoredObject } from '../frame.ts';

/**
 * Is what lies in the store what was announced? Asks for the cheapest proof first; `readSha256` reads the object and is
 * called only when type and size agree and the store itself keeps no checksum.
 */
export async function compareObject(
  found: StoredObject | null,
  expected: { sizeBytes: number; sha256: string; contentType: string },
  readSha256: () => Promise<string>,
): Promise<ObjectCheck> {
  if (found === null) return { kind: 'absent' };
  const differs = (what: 'size' | 'checksum' | 'type', wanted: string, seen: string): ObjectCheck =>
    wanted === seen ? { kind: 'same' } : { kind: 'differs', what, expected: wanted, found: seen };
  const type = differs('type', expected.contentType, found.contentType ?? 'none');
  if (type.kind !== 'same') return type;
  const size = differs('size', String(expected.sizeBytes), String(found.sizeBytes));
  if (size.kind !== 'same') return size;
  return differs('checksum', expected.sha256, found.sha256 ?? (await readSha256()));
}
