/** What a camera that sends RTP is told from time to time, so that it knows that somebody listens (RFC 3550, 6.4 and 6.5). Pure. */
export interface Heard {
  /** The camera's SSRC. */
  source: number;
  /** The last sequence number, with how often it began anew in the upper half. */
  sequence: number;
  /** Packets that never came. */
  lost: number;
}

const RECEIVER_REPORT = 201;
const DESCRIPTION = 202;
const CANONICAL_NAME = 1;

/** A receiver report and our name, as one packet. @param own our SSRC */
export function receiverReport(own: number, { source, sequence, lost }: Heard): Buffer {
  const name = 'slowlight';
  const report = Buffer.alloc(32);
  report.writeUInt32BE(0x8100_0000 + RECEIVER_REPORT * 0x1_0000 + report.length / 4 - 1, 0);
  report.writeUInt32BE(own, 4);
  report.writeUInt32BE(source, 8);
  report.writeUInt32BE(Math.min(lost, 0x7f_ffff), 12);
  report.writeUInt32BE(sequence >>> 0, 16);
  const described = Buffer.alloc(Math.ceil((8 + 2 + name.length + 1) / 4) * 4);
  described.writeUInt32BE(0x8100_0000 + DESCRIPTION * 0x1_0000 + described.length / 4 - 1, 0);
  described.writeUInt32BE(own, 4);
  described[8] = CANONICAL_NAME;
  described[9] = name.length;
  described.write(name, 10, 'latin1');
  return Buffer.concat([report, described]);
}
