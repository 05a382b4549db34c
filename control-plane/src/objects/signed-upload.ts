/** The signature of a directory store's grant: a pure function, the same when it is made and when it is used. */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { isObjectKey, sha256 as sha256Text } from '@slowlight/protocol';

/** Everything that a grant binds: nothing of it can be changed without the signing key. */
export interface UploadTerms {
  key: string;
  expiresAt: number;
  sizeBytes: number;
  /** Lower-case hex. */
  sha256: string;
  contentType: string;
}

export type SignedTerms = { kind: 'valid'; terms: UploadTerms } | { kind: 'invalid' } | { kind: 'expired' };

const signatureOf = (terms: UploadTerms, signingKey: KeyObject): Buffer =>
  createHmac('sha256', signingKey)
    .update(
      JSON.stringify([
        'slowlight put v1',
        terms.key,
        terms.expiresAt,
        terms.sizeBytes,
        terms.sha256,
        terms.contentType,
      ]),
    )
    .digest();

/** The path and query of a grant, below the store's public address. */
export function signUpload(terms: UploadTerms, signingKey: KeyObject): string {
  const { key, expiresAt, sizeBytes, sha256, contentType } = terms;
  const signature = signatureOf(terms, signingKey).toString('base64url');
  // Written out: there is one for every frame, and only the type has letters that must be encoded.
  return `/objects/${key}?expires=${expiresAt}&size=${sizeBytes}&sha256=${sha256}&type=${encodeURIComponent(contentType)}&signature=${signature}`;
}

/** Reads a grant back from the key and query of a request; `now` is wall time, ms. */
export function readSignedUpload(
  key: string,
  query: Readonly<Record<string, unknown>>,
  signingKey: KeyObject,
  now: number,
): SignedTerms {
  const { expires, size, sha256, type, signature } = query;
  if (!isObjectKey(key) || !isWholeNumber(expires) || !isWholeNumber(size)) return { kind: 'invalid' };
  if (typeof sha256 !== 'string' || !sha256Text.safeParse(sha256).success) return { kind: 'invalid' };
  if (typeof type !== 'string' || typeof signature !== 'string') return { kind: 'invalid' };
  const terms = { key, expiresAt: Number(expires), sizeBytes: Number(size), sha256, contentType: type };
  const shown = Buffer.from(signature, 'base64url');
  const right = signatureOf(terms, signingKey);
  if (shown.length !== right.length || !timingSafeEqual(shown, right)) return { kind: 'invalid' };
  return now >= terms.expiresAt ? { kind: 'expired' } : { kind: 'valid', terms };
}

const isWholeNumber = (value: unknown): value is string => typeof value === 'string' && /^[0-9]{1,16}$/.test(value);
