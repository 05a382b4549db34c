/** The head of a baseline JPEG: what is needed to read its entropy-coded data. ITU-T T.81, annex B. Pure. */

export interface JpegPart {
  id: number;
  /** Blocks across and down in one MCU. */
  across: number;
  down: number;
  /** Steps of quantisation, in zigzag order. */
  steps: Uint16Array;
  /** By the next 16 bits: length of the code << 8 | its value; 0 where no code is. */
  dc: Uint16Array;
  ac: Uint16Array;
}

export interface JpegFrame {
  widthPx: number;
  heightPx: number;
  /** MCUs across and down. */
  columns: number;
  rows: number;
  parts: readonly JpegPart[];
  /** MCUs between restart markers; 0: none. */
  interval: number;
  /** Where entropy-coded data begins. */
  from: number;
}

interface Shape {
  widthPx: number;
  heightPx: number;
  parts: { id: number; across: number; down: number; table: number }[];
}

/** Null for what is not one baseline scan of all its parts with tables of its own: progressive, arithmetic, 12 bits. */
export function jpegFrameOf(bytes: Uint8Array): JpegFrame | null {
  const steps = new Map<number, Uint16Array>();
  const codes = new Map<number, Uint16Array>();
  let shape: Shape | null = null;
  let interval = 0;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    const body = bytes.subarray(at + 4, at + 2 + length);
    if (body.length < length - 2) return null;
    if (marker === 0xdb) readSteps(body, steps);
    else if (marker === 0xc4) readCodes(body, codes);
    else if (marker === 0xdd) interval = ((body[0] ?? 0) << 8) | (body[1] ?? 0);
    else if (marker === 0xc0 || marker === 0xc1) shape = shapeOf(body);
    else if (marker === 0xda)
      return shape === null ? null : frameOf(shape, body, { steps, codes, interval, from: at + 2 + length });
    else if (marker > 0xc1 && marker < 0xd0 && marker !== 0xc8 && marker !== 0xcc) return null;
    at += 2 + length;
  }
  return null;
}

function shapeOf(body: Uint8Array): Shape | null {
  const [depth = 0, high = 0, tall = 0, far = 0, wide = 0, count = 0] = body;
  if (depth !== 8 || (count !== 1 && count !== 3) || body.length < 6 + count * 3) return null;
  const parts = Array.from({ length: count }, (_, k) => {
    const [id = 0, sampling = 0, table = 0] = body.subarray(6 + k * 3);
    // One part alone lies block after block, whatever it says of its sampling.
    return { id, across: count === 1 ? 1 : sampling >> 4, down: count === 1 ? 1 : sampling & 15, table };
  });
  const [heightPx, widthPx] = [(high << 8) | tall, (far << 8) | wide];
  const whole = parts.every(({ across, down }) => across >= 1 && across <= 4 && down >= 1 && down <= 4);
  return whole && widthPx > 0 && heightPx > 0 ? { widthPx, heightPx, parts } : null;
}

interface Tables {
  steps: ReadonlyMap<number, Uint16Array>;
  codes: ReadonlyMap<number, Uint16Array>;
  interval: number;
  from: number;
}

function frameOf(
  { widthPx, heightPx, parts }: Shape,
  scan: Uint8Array,
  { steps, codes, interval, from }: Tables,
): JpegFrame | null {
  if (scan[0] !== parts.length) return null;
  const found = parts.map(({ id, across, down, table }, k): JpegPart | null => {
    const uses = scan[2 + k * 2] ?? 0;
    const [step, dc, ac] = [steps.get(table), codes.get(uses >> 4), codes.get(16 + (uses & 15))];
    return scan[1 + k * 2] === id && step && dc && ac ? { id, across, down, steps: step, dc, ac } : null;
  });
  const whole = found.filter((part) => part !== null);
  if (whole.length < parts.length) return null;
  const [wide, high] = [Math.max(...whole.map((part) => part.across)), Math.max(...whole.map((part) => part.down))];
  const [columns, rows] = [Math.ceil(widthPx / (8 * wide)), Math.ceil(heightPx / (8 * high))];
  return { widthPx, heightPx, columns, rows, parts: whole, interval, from };
}

function readSteps(body: Uint8Array, into: Map<number, Uint16Array>): void {
  for (let at = 0; at < body.length; ) {
    const head = body[at] as number;
    const wide = head >> 4 === 0 ? 1 : 2;
    const steps = new Uint16Array(64);
    for (let k = 0, from = at + 1; k < 64; k += 1, from += wide)
      steps[k] = wide === 1 ? (body[from] ?? 0) : ((body[from] ?? 0) << 8) | (body[from + 1] ?? 0);
    into.set(head & 15, steps);
    at += 1 + 64 * wide;
  }
}

/** Keys are 0 to 3 for DC, 16 to 19 for AC. */
function readCodes(body: Uint8Array, into: Map<number, Uint16Array>): void {
  for (let at = 0; at + 17 <= body.length; ) {
    const table = new Uint16Array(65_536);
    let [code, value] = [0, at + 17];
    for (let length = 1; length <= 16; length += 1, code <<= 1)
      for (let k = 0; k < (body[at + length] as number); k += 1, value += 1, code += 1)
        table.fill((length << 8) | (body[value] ?? 0), code << (16 - length), (code + 1) << (16 - length));
    into.set(body[at] as number, table);
    at = value;
  }
}
