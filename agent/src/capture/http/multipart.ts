/**
 * Cuts a `multipart/x-mixed-replace` stream (RFC 2046, as cameras use it) into its parts. Pure. Parts with a Content-Length
 * are cut by it; others at the next delimiter.
 */
export interface MultipartReader {
  /** The parts that have become whole. @throws RangeError when a part has no end */
  push(chunk: Buffer): Buffer[];
}

const MOST_PART_BYTES = 32 * 1024 * 1024;
const MOST_HEAD_BYTES = 16 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');

/** The boundary that a Content-Type names, without the dashes that some cameras put into it; null where it is no multipart. */
export function boundaryOf(contentType: string | undefined): string | null {
  const found = /^\s*multipart\/[\w.+-]+\s*;(?:.*;)?\s*boundary\s*=\s*(?:"([^"]{1,100})"|([^\s;]{1,100}))/i.exec(
    contentType ?? '',
  );
  const boundary = (found?.[1] ?? found?.[2])?.replace(/^--/, '');
  return boundary === undefined || boundary === '' ? null : boundary;
}

export function createMultipartReader(boundary: string): MultipartReader {
  const delimiter = Buffer.from(`--${boundary}`);
  let rest: Buffer = Buffer.alloc(0);
  /** Where to look on for the delimiter that ends a part without a length. */
  let looked = 0;

  function nextPart(): Buffer | null {
    const begin = rest.indexOf(delimiter);
    if (begin < 0) {
      rest = rest.subarray(Math.max(0, rest.length - delimiter.length));
      return null;
    }
    rest = rest.subarray(begin);
    const headEnd = rest.indexOf(HEAD_END);
    if (headEnd < 0) {
      if (rest.length > MOST_HEAD_BYTES) throw new RangeError('a part’s head without an end');
      return null;
    }
    const bodyBegin = headEnd + HEAD_END.length;
    const length = /^content-length:\s*(\d{1,9})\s*$/im.exec(rest.subarray(0, headEnd).toString('latin1'))?.[1];
    const end = length === undefined ? endOf(bodyBegin) : bodyBegin + Number(length);
    if (rest.length - bodyBegin > MOST_PART_BYTES || (end ?? 0) - bodyBegin > MOST_PART_BYTES)
      throw new RangeError('a part that is larger than any picture');
    if (end === null || rest.length < end) return null;
    const part = Buffer.from(rest.subarray(bodyBegin, end));
    rest = rest.subarray(end);
    looked = 0;
    return part;
  }

  function endOf(bodyBegin: number): number | null {
    const next = rest.indexOf(delimiter, Math.max(bodyBegin, looked));
    looked = Math.max(bodyBegin, rest.length - delimiter.length);
    if (next < 0) return null;
    return rest[next - 2] === 0x0d && rest[next - 1] === 0x0a ? next - 2 : next;
  }

  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const parts: Buffer[] = [];
      for (let part = nextPart(); part !== null; part = nextPart()) parts.push(part);
      return parts;
    },
  };
}
