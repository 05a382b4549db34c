/** Notices holes in a stream of RTP packets (RFC 3550) by their sequence numbers. Pure. */
export interface LossWatch {
  /** @param packet with the four bytes of its interleaved frame; true: something before it is missing */
  sees(packet: Buffer): boolean;
}

const FRAME_BYTES = 4;
const RTP_HEAD_BYTES = 12;
/** A number this far ahead is a camera that began anew, not that many lost packets. */
const FARTHEST = 1 << 15;

export function createLossWatch(): LossWatch {
  const last = new Map<number, number>();
  return {
    sees(packet) {
      const channel = packet[1] ?? 1;
      // Odd channels carry RTCP.
      if (channel % 2 === 1 || packet.length < FRAME_BYTES + RTP_HEAD_BYTES) return false;
      const number = packet.readUInt16BE(FRAME_BYTES + 2);
      const before = last.get(channel);
      last.set(channel, number);
      if (before === undefined) return false;
      const step = (number - before) & 0xffff;
      return step > 1 && step < FARTHEST;
    },
  };
}
