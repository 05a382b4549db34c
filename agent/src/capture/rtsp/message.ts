/** RTSP 1.0 (RFC 2326) as bytes: requests, responses and interleaved `$` frames, however the network cut them. Pure. */

export type RtspMessage =
  | { kind: 'request'; method: string; url: string; headers: RtspHeaders; body: Buffer }
  | { kind: 'response'; status: number; reason: string; headers: RtspHeaders; body: Buffer }
  /** RTP or RTCP: the four bytes of the frame's head and the packet. */
  | { kind: 'packet'; channel: number; bytes: Buffer };

/** Lower-case name → values, in the order in which they came. */
export type RtspHeaders = ReadonlyMap<string, readonly string[]>;

export interface RtspReader {
  /**
   * @param onPacket told of packets in place of finding them among the messages
   * @throws RangeError when this is not RTSP; afterwards the reader is of no use any more
   */
  read(chunk: Buffer, onPacket?: OnPacket): RtspMessage[];
}

/**
 * An interleaved frame, with its head of four bytes: it lies in `bytes` from `from` to before `to`. Whoever keeps it longer
 * than the call copies it; without a buffer of its own for each, hundreds a second cost next to nothing.
 */
export type OnPacket = (bytes: Buffer, from: number, to: number) => void;

const MOST_HEAD_BYTES = 64 * 1024;
const MOST_BODY_BYTES = 1024 * 1024;
const PACKET_MARK = 0x24;

export function createRtspReader(): RtspReader {
  let rest: Buffer = NOTHING;
  return {
    read(chunk, onPacket) {
      const messages: RtspMessage[] = [];
      let bytes = chunk;
      const missing = missingOf(rest);
      if (missing !== null && missing <= chunk.length) {
        // A packet that was cut is put together alone: the rest of the chunk need not be copied.
        const cut = Buffer.concat([rest, chunk.subarray(0, missing)]);
        if (onPacket !== undefined) onPacket(cut, 0, cut.length);
        else messages.push({ kind: 'packet', channel: cut[1] ?? 0, bytes: cut });
        bytes = chunk.subarray(missing);
      } else if (rest.length > 0) bytes = Buffer.concat([rest, chunk]);
      let at = 0;
      for (;;) {
        if (onPacket !== undefined) at = passPackets(bytes, at, onPacket);
        const next = nextMessage(at === 0 ? bytes : bytes.subarray(at));
        if (next === null) break;
        if (next.message !== null) messages.push(next.message);
        at += next.length;
      }
      rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at));
      return messages;
    },
  };
}

const NOTHING = Buffer.alloc(0);

/** Gives where the first thing begins that is no whole packet. */
function passPackets(bytes: Buffer, from: number, onPacket: OnPacket): number {
  let at = from;
  while (at + 4 <= bytes.length && bytes[at] === PACKET_MARK) {
    const end = at + 4 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
    if (end > bytes.length) return at;
    onPacket(bytes, at, end);
    at = end;
  }
  return at;
}

/** How much of a packet that was cut is still to come, bytes; null where that is not known. */
function missingOf(rest: Buffer): number | null {
  return rest.length < 4 || rest[0] !== PACKET_MARK ? null : 4 + rest.readUInt16BE(2) - rest.length;
}

/** The first whole message of the bytes; null when there is none yet. */
function nextMessage(bytes: Buffer): { message: RtspMessage | null; length: number } | null {
  if (bytes.length === 0) return null;
  if (bytes[0] === PACKET_MARK) {
    if (bytes.length < 4) return null;
    const length = 4 + bytes.readUInt16BE(2);
    if (bytes.length < length) return null;
    return { message: { kind: 'packet', channel: bytes[1] ?? 0, bytes: bytes.subarray(0, length) }, length };
  }
  // Some cameras send an empty line between messages.
  if (bytes[0] === 0x0d || bytes[0] === 0x0a) return { message: null, length: 1 };
  refuseForeign(bytes);
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) {
    if (bytes.length > MOST_HEAD_BYTES) throw new RangeError('not RTSP: a head without an end');
    return null;
  }
  const [first = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const headers = readHeaders(lines);
  const bodyBytes = Number(header(headers, 'content-length') ?? 0);
  if (!Number.isInteger(bodyBytes) || bodyBytes < 0 || bodyBytes > MOST_BODY_BYTES)
    throw new RangeError('not RTSP: an impossible content length');
  const length = headEnd + 4 + bodyBytes;
  if (bytes.length < length) return null;
  return { message: readHead(first, headers, Buffer.from(bytes.subarray(headEnd + 4, length))), length };
}

function readHead(first: string, headers: RtspHeaders, body: Buffer): RtspMessage {
  const response = /^RTSP\/1\.\d (\d{3})(?: (.*))?$/.exec(first);
  if (response) return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', headers, body };
  const request = /^([A-Z_]+) (\S+) RTSP\/1\.\d$/.exec(first);
  if (request) return { kind: 'request', method: request[1] ?? '', url: request[2] ?? '', headers, body };
  throw new RangeError('not RTSP: an unknown first line');
}

const FIRST_LINE = /^(?:RTSP\/1\.\d \d{3}|[A-Z_]+ \S+ RTSP\/1\.\d)/;

/** Other protocols are known by their first line: no need to wait for an end of the head that may never come. */
function refuseForeign(bytes: Buffer): void {
  const first = bytes[0] ?? 0;
  const lineEnd = bytes.indexOf('\n');
  const foreign =
    lineEnd < 0 ? first < 0x41 || first > 0x5a : !FIRST_LINE.test(bytes.subarray(0, lineEnd).toString('latin1'));
  if (foreign) throw new RangeError('not RTSP: neither text nor a packet');
}

function readHeaders(lines: readonly string[]): RtspHeaders {
  const headers = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of lines) {
    // A line that begins with a blank goes on with the one before.
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.push(`${last.pop() ?? ''} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    last = headers.get(name) ?? [];
    last.push(line.slice(colon + 1).trim());
    headers.set(name, last);
  }
  return headers;
}

/** The first value of a header. */
export function header(headers: RtspHeaders, name: string): string | null {
  return headers.get(name.toLowerCase())?.[0] ?? null;
}

/** A line break in a value would let it speak for itself. */
function clean(text: string): string {
  return text.replace(/[\r\n\0]/g, '');
}

function writeHead(first: string, headers: Readonly<Record<string, string | null>>, body: string): Buffer {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${clean(value)}\r\n`],
  );
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.from(`${clean(first)}\r\n${lines.join('')}${length}\r\n${body}`, 'utf8');
}

export interface RequestText {
  method: string;
  url: string;
  headers: Readonly<Record<string, string | null>>;
  body?: string;
}

export function writeRequest({ method, url, headers, body = '' }: RequestText): Buffer {
  return writeHead(`${method} ${url} RTSP/1.0`, headers, body);
}

export interface ResponseText {
  status: number;
  reason: string;
  headers: Readonly<Record<string, string | null>>;
  body?: string;
}

export function writeResponse({ status, reason, headers, body = '' }: ResponseText): Buffer {
  return writeHead(`RTSP/1.0 ${status} ${reason}`, headers, body);
}
