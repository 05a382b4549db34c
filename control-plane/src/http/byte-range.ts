import type { ByteRange } from '../frame.ts';

export type RangeAnswer = { kind: 'whole' } | { kind: 'part'; range: ByteRange } | { kind: 'outside' };

/**
 * Reads a `Range` header (RFC 9110, 14.2). What cannot be read, other units and several ranges are answered with the
 * whole, as the RFC allows. Pure.
 */
export function readRange(header: string | undefined, sizeBytes: number): RangeAnswer {
  const read = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const [, from, to] = read ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return { kind: 'whole' };
  if (from === '') {
    const wanted = Math.min(Number(to), sizeBytes);
    if (wanted === 0) return { kind: 'outside' };
    return { kind: 'part', range: { first: sizeBytes - wanted, last: sizeBytes - 1 } };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return { kind: 'whole' };
  if (first >= sizeBytes) return { kind: 'outside' };
  return { kind: 'part', range: { first, last: to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1) } };
}
