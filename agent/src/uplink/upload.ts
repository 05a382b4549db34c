/** Puts a frame's bytes where its grant says: one PUT, exactly the grant's headers, no redirect. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { rootCertificates } from 'node:tls';
import type { Grant } from '@slowlight/protocol';
import { type Clock, deadline, messageOf, systemCode } from '@slowlight/protocol/kit';

export type UploadResult =
  /** The store has taken the bytes, or had something under this key already: the control plane's check decides. */
  | { kind: 'uploaded' }
  /** The store will not take it under this grant. */
  | { kind: 'refused'; reason: string }
  /** The store or the way to it does not work now. */
  | { kind: 'again'; reason: string; retryAfterMs: number | null }
  /** The picture cannot be read from the card, or is not what was committed. */
  | { kind: 'unreadable'; reason: string };

export interface UploadOptions {
  /** For a whole upload, ms. */
  timeoutMs: number;
  atOnce: number;
  /** Trusted beside the usual authorities, PEM text; null: those alone. */
  ca: string | null;
}

/** How much of an answer is read to find out why an upload was refused. */
const ANSWER_BYTES = 2048;

export function createUploader(clock: Clock, options: UploadOptions) {
  const agents = {
    http: new http.Agent({ keepAlive: true, maxSockets: options.atOnce }),
    https: new https.Agent({
      keepAlive: true,
      maxSockets: options.atOnce,
      ...(options.ca === null ? {} : { ca: [...rootCertificates, options.ca] }),
    }),
  };

  return {
    /** Never rejects but with the signal's reason. */
    async upload(
      picture: { path: string; sizeBytes: number },
      grant: Grant,
      signal: AbortSignal,
    ): Promise<UploadResult> {
      const url = new URL(grant.url);
      const secure = url.protocol === 'https:';
      if (!secure && url.protocol !== 'http:') return { kind: 'refused', reason: `the grant names ${url.protocol}` };
      if (grant.sizeBytes !== picture.sizeBytes) return { kind: 'refused', reason: 'the grant is for another size' };
      const limit = deadline(clock, options.timeoutMs, signal);
      try {
        const bytes = await sizeOf(picture.path);
        if (bytes !== picture.sizeBytes)
          return { kind: 'unreadable', reason: `it has ${bytes} bytes instead of ${picture.sizeBytes}` };
        const request = (secure ? https : http).request(url, {
          method: grant.method,
          headers: { ...lowerCase(grant.headers), 'content-length': String(picture.sizeBytes) },
          agent: secure ? agents.https : agents.http,
          signal: limit.signal,
        });
        return classify(await send(request, picture.path));
      } catch (cause) {
        if (signal.aborted) throw cause;
        if (cause instanceof PictureError) return { kind: 'unreadable', reason: cause.message };
        const reason = limit.signal.aborted ? `no answer within ${options.timeoutMs} ms` : reasonOf(cause);
        return { kind: 'again', reason, retryAfterMs: null };
      } finally {
        limit.clear();
      }
    },
    close(): void {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
export type Uploader = ReturnType<typeof createUploader>;

interface Answer {
  status: number;
  retryAfter: string | undefined;
  text: string;
}

/** The card failed, not the network. */
class PictureError extends Error {}

function send(request: http.ClientRequest, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const bytes = createReadStream(path, { highWaterMark: 256 * 1024 });
    bytes.once('error', (cause) => {
      request.destroy();
      // Too many open files, or memory: the card is not to blame.
      const short = ['EMFILE', 'ENFILE', 'ENOMEM'].includes(systemCode(cause) ?? '');
      reject(short ? cause : new PictureError(messageOf(cause)));
    });
    request.once('error', (cause) => {
      bytes.destroy();
      reject(cause);
    });
    request.once('response', (response) => {
      const said: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        if (length < ANSWER_BYTES) said.push(chunk);
        length += chunk.length;
      });
      response.once('error', reject);
      response.once('end', () => {
        // An answer before the end of the body means that the store does not want the rest.
        if (!bytes.readableEnded) {
          bytes.destroy();
          request.destroy();
        }
        const text = Buffer.concat(said).toString('utf8').slice(0, ANSWER_BYTES);
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text });
      });
    });
    bytes.pipe(request);
  });
}

function classify({ status, retryAfter, text }: Answer): UploadResult {
  // 412 and 409: something lies under this key already.
  if ((status >= 200 && status < 300) || status === 412 || status === 409) return { kind: 'uploaded' };
  const reason = `the store answered ${status}${shortReason(text)}`;
  if (status >= 500 || status === 408 || status === 425 || status === 429)
    return { kind: 'again', reason, retryAfterMs: retryAfterMs(retryAfter) };
  return { kind: 'refused', reason: status >= 300 && status < 400 ? `${reason}: redirects are not followed` : reason };
}

/** The one word that an S3 or Slowlight answer has for it; nothing of the rest, which may repeat the signed address. */
function shortReason(text: string): string {
  const word = /<Code>([A-Za-z0-9.-]{1,60})<\/Code>/.exec(text) ?? /"code"\s*:\s*"([a-z0-9.-]{1,60})"/.exec(text);
  return word?.[1] === undefined ? '' : ` (${word[1]})`;
}

/** Seconds only, an hour at most; a date would need a clock that can be trusted. */
function retryAfterMs(header: string | undefined): number | null {
  if (header === undefined || !/^\d{1,6}$/.test(header)) return null;
  return Math.min(Number(header) * 1000, 3_600_000);
}

function reasonOf(cause: unknown): string {
  const code = systemCode(cause);
  return code === null ? messageOf(cause) : `the store cannot be reached (${code})`;
}

const lowerCase = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    const code = systemCode(cause) ?? 'unknown';
    // Memory is short: the card is not to blame.
    if (code === 'ENOMEM') throw cause;
    throw new PictureError(`the file cannot be read (${code})`);
  }
}
