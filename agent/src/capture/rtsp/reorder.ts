/**
 * Puts RTP packets that came over UDP back into their order (RFC 3550, A.1). Pure: time is handed in. A packet that is missing
 * is waited for while few others have come and little time has passed; then it is given up, and the hole stays to be seen.
 */
export interface Reorder {
  /** The packets that are now in order. @param packet with its RTP head */
  push(packet: Buffer, atMs: number): Buffer[];
}

const MOST_HELD = 64;
const LONGEST_WAIT_MS = 80;
/** Older or newer by more than this: the camera began anew. */
const NEAR = 2000;

export function createReorder(): Reorder {
  let next: number | null = null;
  const held = new Map<number, { packet: Buffer; atMs: number }>();

  /** How far a number lies ahead of the expected one; negative: behind. */
  const ahead = (number: number, of: number) => (((number - of) & 0xffff) ^ 0x8000) - 0x8000;

  function release(): Buffer[] {
    const ready: Buffer[] = [];
    for (
      let one = next === null ? undefined : held.get(next);
      one !== undefined && next !== null;
      one = held.get(next)
    ) {
      ready.push(one.packet);
      held.delete(next);
      next = (next + 1) & 0xffff;
    }
    return ready;
  }

  return {
    push(packet, atMs) {
      if (packet.length < 12) return [];
      const number = packet.readUInt16BE(2);
      next ??= number;
      const step = ahead(number, next);
      if (Math.abs(step) > NEAR) {
        held.clear();
        next = number;
      } else if (step < 0) return [];
      held.set(number, { packet, atMs });
      const ready = release();
      for (;;) {
        const oldestAtMs = Math.min(...[...held.values()].map((one) => one.atMs));
        if (held.size === 0 || (held.size <= MOST_HELD && atMs - oldestAtMs < LONGEST_WAIT_MS)) return ready;
        const expected: number = next;
        const nearest = Math.min(...[...held.keys()].map((one) => ahead(one, expected)));
        next = (expected + nearest) & 0xffff;
        ready.push(...release());
      }
    },
  };
}
