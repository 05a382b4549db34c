/**
 * Measures a stream of MQTT packets as it passes, without keeping any of it. The broker's library would hold a packet of
 * up to 256 MB, and up to 64 MB of somebody who has not logged in, before it looks.
 * Source of the framing: MQTT 3.1.1, section 2.2.3 (remaining length: 7 bits a byte, lowest first, at most 4 bytes).
 */
export interface PacketMeter {
  /** Takes the next piece; false when a packet is announced that is too large or malformed. */
  take(chunk: Uint8Array): boolean;
}

export function createPacketMeter(mostPacketBytes: number): PacketMeter {
  /** What the next byte is: a packet's first one, part of its length, or so many bytes of its body. */
  let expecting: 'type' | 'length' | 'body' = 'type';
  let length = 0;
  let lengthBytes = 0;
  return {
    take(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (expecting === 'body') {
          const here = Math.min(length, chunk.length - at);
          at += here;
          length -= here;
          if (length === 0) expecting = 'type';
          continue;
        }
        const byte = chunk[at] ?? 0;
        at += 1;
        if (expecting === 'type') {
          expecting = 'length';
          length = 0;
          lengthBytes = 0;
          continue;
        }
        length += (byte & 0x7f) * 128 ** lengthBytes;
        lengthBytes += 1;
        if (length > mostPacketBytes || (lengthBytes === 4 && byte > 0x7f)) return false;
        if (byte <= 0x7f) expecting = length === 0 ? 'type' : 'body';
      }
      return true;
    },
  };
}
