/**
 * One upload to the directory store. The recipe: is the grant good; do the headers agree; is the key free; take the bytes
 * into a temp file, hashing them; do they agree; make them durable under the key. Whatever disagrees leaves nothing behind.
 */
import type { KeyObject } from 'node:crypto';
import { type Clock, Failure, messageOf, replaceDurably } from '@slowlight/protocol/kit';
import type { StoredObject } from '../frame.ts';
import { fillFile, storeUnreachable } from './object-files.ts';
import type { ReceivedObjects } from './received.ts';
import { readSignedUpload, type UploadTerms } from './signed-upload.ts';

export interface Upload {
  /** What follows `/objects/` in the path, decoded once. */
  key: string;
  /** The parsed query. */
  query: Readonly<Record<string, unknown>>;
  /** Lower-case names, as Node gives them. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: AsyncIterable<Uint8Array>;
}

/** What to answer; `code`, `detail` and `hint` make up the problem of a refusal. */
export type UploadAnswer = { status: 201 } | { status: number; code: string; detail: string; hint: string };

export interface UploadWorld {
  clock: Clock;
  signingKey: KeyObject;
  /** The folder for temp files, on the store's file system. */
  incoming: string;
  fileOf: (key: string) => string;
  stat: (key: string) => Promise<StoredObject | null>;
  received: Pick<ReceivedObjects, 'note'>;
  /** Does something with a file whose folder is there. */
  withFolderOf: <Result>(file: string, work: () => Promise<Result>) => Promise<Result>;
}

const STATUS: Record<string, number> = {
  'upload.not-granted': 403,
  'upload.expired': 403,
  'upload.type-mismatch': 415,
  'upload.no-length': 411,
  'upload.size-mismatch': 413,
  'upload.checksum-mismatch': 422,
  'upload.already-there': 412,
  'upload.broken': 400,
  'object.store-full': 507,
};

const NEW_GRANT = 'Ask for a new grant by announcing the frame again.';
const refusal = (code: string, message: string, hint = NEW_GRANT) =>
  new Failure({ code, message, hint, retry: 'soon' });

/** Answers one PUT; what goes wrong with the disk or the connection is an answer too, so it never throws. */
export async function receiveUpload(upload: Upload, world: UploadWorld): Promise<UploadAnswer> {
  try {
    const signed = readSignedUpload(upload.key, upload.query, world.signingKey, world.clock.now());
    if (signed.kind === 'expired') throw refusal('upload.expired', 'the grant has expired');
    if (signed.kind === 'invalid') throw refusal('upload.not-granted', 'this address was not granted');
    const disagreement = headersDisagree(upload.headers, signed.terms);
    if (disagreement !== null) throw disagreement;
    await takeBytes(upload.body, signed.terms, world);
    return { status: 201 };
  } catch (thrown) {
    const { code, message, hint } = storeUnreachable(thrown);
    return { status: STATUS[code] ?? 503, code, detail: message, hint };
  }
}

/** Pure: do the headers say what was granted? */
export function headersDisagree(
  headers: Upload['headers'],
  { sizeBytes, contentType }: Pick<UploadTerms, 'sizeBytes' | 'contentType'>,
): Failure | null {
  if (headers['content-type'] !== contentType)
    return refusal('upload.type-mismatch', `the content type must be ${contentType}`);
  const length = headers['content-length'];
  if (length === undefined)
    return refusal('upload.no-length', 'the request has no content length', 'Send the length of the body with it.');
  if (length !== String(sizeBytes))
    return refusal('upload.size-mismatch', `${length} bytes are offered, ${sizeBytes} were granted`);
  return null;
}

async function takeBytes(body: Upload['body'], terms: UploadTerms, world: UploadWorld): Promise<void> {
  const file = world.fileOf(terms.key);
  await keyIsFree(terms.key, world);
  const stats = await world.withFolderOf(file, () =>
    replaceDurably(
      file,
      0o600,
      async (target) => {
        const came = await fillFile(target, unbroken(body), terms.sizeBytes);
        if (came.sizeBytes !== terms.sizeBytes)
          throw refusal('upload.size-mismatch', `the body is not the ${terms.sizeBytes} bytes that were granted`);
        if (came.sha256 !== terms.sha256)
          throw refusal('upload.checksum-mismatch', 'the body has another SHA-256 than was granted');
        // Another upload may have been quicker.
        await keyIsFree(terms.key, world);
        return target.stat({ bigint: true });
      },
      world.incoming,
    ),
  );
  world.received.note(terms.key, terms.sha256, stats);
}

async function keyIsFree(key: string, { stat }: UploadWorld): Promise<void> {
  if ((await stat(key)) !== null)
    throw refusal(
      'upload.already-there',
      'there is an object under this key already; it was not touched',
      'Say that the frame is uploaded: the control plane compares what is there.',
    );
}

/** Tells a broken connection from a broken disk. */
async function* unbroken(body: Upload['body']): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (thrown) {
    throw refusal('upload.broken', `the connection broke: ${messageOf(thrown)}`, 'Upload it again.');
  }
}
