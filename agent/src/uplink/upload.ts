/** Puts a frame's bytes where its grant says: one PUT, exactly the grant's headers, no redirect. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Grant } from '@slowlight/protocol';
import { type Clock, deadline, messageOf, systemCode } from '@slowlight/protocol/kit';
import { boundLookup, HEADERS_OF_A_STORE, outOfBounds } from './bound-lookup.ts';
import { type Answer, openPicture, PictureError, type Progress, READ_BYTES, send } from './send-picture.ts';

// An `import` of it would load all that it offers, among it a second client for HTTP: 9 MB.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

/** `sentBytes`: how many bytes of the picture went on the line, as far as one can know. */
export type UploadResult = { sentBytes: number } & Ended;
type Ended =
  /** The store has taken the bytes, or had something under this key already: the control plane's check decides. */
  | { kind: 'uploaded' }
  /** The store will not take it under this grant. */
  | { kind: 'refused'; reason: string }
  /** The grant is over, or the store's clock says so: a new one is needed. */
  | { kind: 'expired'; reason: string }
  /** The store or the way to it does not work now. */
  | { kind: 'again'; reason: string; retryAfterMs: number | null }
  /** The picture cannot be read from the card, or is not what was committed. */
  | { kind: 'unreadable'; reason: string };

export interface UploadOptions {
  /** For the answer of the store, and for as long as nothing at all moves, ms. */
  timeoutMs: number;
  atOnce: number;
  /** Trusted beside the usual authorities, PEM text; null: those alone. */
  ca: string | null;
  /** Whether an upload may be sent to this IP address; the one that was asked about is the one that is connected to. */
  mayReach: (ip: string) => boolean;
}

/**
 * How fast the link is taken to be before it has shown what it can, and at the least, bytes a second. What is in the
 * system's own buffers cannot be seen moving: so long as the link would need for it, and four times that, it is left alone.
 */
const UNKNOWN_LINK = 8000;
const SLOWEST_LINK = 1000;
const PATIENCE = 4;
/** A connection on which nothing of the picture moves for this long is half open, ms. */
const STALLED_MS = 30_000;

export function createUploader(clock: Clock, options: UploadOptions) {
  const lookup = boundLookup(options.mayReach);
  const agents = {
    http: new http.Agent({ keepAlive: true, maxSockets: options.atOnce }),
    https: new https.Agent({
      keepAlive: true,
      maxSockets: options.atOnce,
      ...(options.ca === null ? {} : { ca: [...rootCertificates, options.ca] }),
    }),
  };

  let linkSpeed = UNKNOWN_LINK;
  /** Of uploads that ended well: nobody reads them any more, so the next ones may fill them. */
  const spare: Buffer[] = [];

  return {
    /** Never rejects but with the signal's reason. */
    async upload(
      picture: { path: string; sizeBytes: number },
      grant: Grant,
      signal: AbortSignal,
    ): Promise<UploadResult> {
      const url = new URL(grant.url);
      const secure = url.protocol === 'https:';
      if (!secure && url.protocol !== 'http:')
        return { kind: 'refused', reason: `the grant names ${url.protocol}`, sentBytes: 0 };
      if (grant.sizeBytes !== picture.sizeBytes)
        return { kind: 'refused', reason: 'the grant is for another size', sentBytes: 0 };
      const strange = Object.keys(grant.headers).find((name) => !HEADERS_OF_A_STORE.test(name));
      if (strange !== undefined)
        return { kind: 'refused', reason: 'the grant asks for a header that no store needs', sentBytes: 0 };
      const literal = url.hostname.replace(/^\[|\]$/g, '');
      if (isIP(literal) !== 0 && !options.mayReach(literal))
        return { kind: 'again', reason: outOfBounds(literal), retryAfterMs: null, sentBytes: 0 };
      const progress: Progress = { sentBytes: 0, movedAt: clock.monotonicMs(), reused: false };
      const mostMs = options.timeoutMs + (PATIENCE * picture.sizeBytes * 1000) / linkSpeed;
      const since = clock.monotonicMs();
      const limit = deadline(clock, mostMs, signal);
      const watched = watchProgress(
        clock,
        { progress, stalledMs: Math.min(STALLED_MS, options.timeoutMs) },
        limit.signal,
      );
      let file: FileHandle | null = null;
      const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES);
      try {
        file = await openPicture(picture);
        const from = { file, buffer, sizeBytes: picture.sizeBytes };
        const put = () => {
          const request = (secure ? https : http).request(url, {
            method: grant.method,
            headers: { ...lowerCase(grant.headers), 'content-length': String(picture.sizeBytes) },
            agent: secure ? agents.https : agents.http,
            lookup,
            signal: watched.signal,
          });
          return send(request, from, () => (progress.movedAt = clock.monotonicMs()), progress);
        };
        const answer = await put().catch((cause: unknown) => {
          // A connection that was kept for the next upload may have been closed meanwhile: that is no fault of the store.
          if (progress.reused && isReset(cause) && !watched.signal.aborted) return put();
          throw cause;
        });
        const ended = classify(answer);
        const tookMs = Math.max(1, clock.monotonicMs() - since);
        if (ended.kind === 'uploaded' && progress.movedAt === null) spare.push(buffer);
        if (ended.kind === 'uploaded') linkSpeed = Math.max(linkSpeed, (picture.sizeBytes * 1000) / tookMs);
        if (ended.kind === 'refused' && CONTENT_REFUSED.has(answer.status)) await assertUnchanged(picture.path, grant);
        return { ...ended, sentBytes: progress.sentBytes };
      } catch (cause) {
        if (signal.aborted) throw cause;
        const { sentBytes } = progress;
        if (watched.reason() !== null) linkSpeed = Math.max(SLOWEST_LINK, linkSpeed / 2);
        if (cause instanceof PictureError) return { kind: 'unreadable', reason: cause.message, sentBytes };
        return { kind: 'again', reason: watched.reason() ?? reasonOf(cause), retryAfterMs: null, sentBytes };
      } finally {
        watched.stop();
        limit.clear();
        await file?.close();
      }
    },
    close(): void {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
export type Uploader = ReturnType<typeof createUploader>;

/** Ends an upload whose connection does not move any more: the other end may be gone without a word. */
function watchProgress(
  clock: Clock,
  { progress, stalledMs }: { progress: Progress; stalledMs: number },
  parent: AbortSignal,
) {
  const stalled = new AbortController();
  const done = new AbortController();
  const until = AbortSignal.any([parent, done.signal]);
  const watch = async () => {
    while (!until.aborted) {
      const restMs = progress.movedAt === null ? stalledMs : progress.movedAt + stalledMs - clock.monotonicMs();
      if (restMs <= 0) return stalled.abort();
      await clock.sleep(restMs, until);
    }
  };
  void watch();
  return {
    signal: AbortSignal.any([parent, stalled.signal]),
    stop: () => done.abort(),
    /** Why the upload was ended; null: not by us. */
    reason(): string | null {
      if (stalled.signal.aborted) return `nothing moved for ${stalledMs} ms`;
      return parent.aborted ? 'it took too long' : null;
    },
  };
}

const isReset = (cause: unknown) => ['ECONNRESET', 'EPIPE'].includes(systemCode(cause) ?? '');

/** What a store says of bytes that are not what was granted; then the card is looked at before anybody else is blamed. */
const CONTENT_REFUSED = new Set([400, 409, 413, 422]);
/** The words that S3 and Slowlight have for a grant that is over, or whose time the store reckons otherwise. */
const EXPIRED = new Set(['upload.expired', 'ExpiredToken', 'RequestExpired', 'RequestTimeTooSkewed']);
/** Answers with 4xx that speak of the line or of the moment, not of the upload. */
const MOMENTARY = new Set([
  'RequestTimeout',
  'ConditionalRequestConflict',
  'OperationAborted',
  'SlowDown',
  'upload.broken',
]);

function classify({ status, retryAfter, date, text }: Answer): Ended {
  // 412: something lies under this key already.
  if ((status >= 200 && status < 300) || status === 412) return { kind: 'uploaded' };
  const word = wordOf(text);
  const reason = `the store answered ${status}${word === null ? '' : ` (${word})`}`;
  if (status >= 500 || [408, 425, 429].includes(status) || MOMENTARY.has(word ?? ''))
    return { kind: 'again', reason, retryAfterMs: retryAfterMs(retryAfter, date) };
  const over = EXPIRED.has(word ?? '') || (word === 'AccessDenied' && /request has expired/i.test(text));
  if (over && [400, 401, 403].includes(status)) return { kind: 'expired', reason };
  return { kind: 'refused', reason: status >= 300 && status < 400 ? `${reason}: redirects are not followed` : reason };
}

/** The one word that an S3 or Slowlight answer has for it; nothing of the rest, which may repeat the signed address. */
function wordOf(text: string): string | null {
  const word = /<Code>([A-Za-z0-9.-]{1,60})<\/Code>/.exec(text) ?? /"code"\s*:\s*"([a-z0-9.-]{1,60})"/.exec(text);
  return word?.[1] ?? null;
}

/** Seconds, or a date by the clock of whoever says it; an hour at most. */
function retryAfterMs(header: string | undefined, date: string | undefined): number | null {
  if (header === undefined) return null;
  const ms = /^\d{1,6}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.parse(date ?? '');
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : null;
}

function reasonOf(cause: unknown): string {
  const code = systemCode(cause);
  return code === null ? messageOf(cause) : `the store cannot be reached (${code})`;
}

const lowerCase = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** @throws PictureError when the card gives other bytes than were committed */
async function assertUnchanged(path: string, { sha256 }: Grant): Promise<void> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new PictureError(messageOf(cause));
  }
  if (hash.digest('hex') !== sha256)
    throw new PictureError('its bytes are not what was committed: the card is failing');
}
