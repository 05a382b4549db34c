/**
 * A signed message over HTTP, as Standard Webhooks has it: HMAC-SHA256 over id, time and body, so that the receiver knows who
 * sent it and that it is not an old one said again.
 * Source: the specification of Standard Webhooks (standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
 */
import { createHmac, randomBytes } from 'node:crypto';
import { Failure, type Outbound } from '@slowlight/protocol/kit';

const PREFIX = 'whsec_';
const LEAST_KEY_BYTES = 24;
const MOST_KEY_BYTES = 64;

export const newSigningSecret = (): string => PREFIX + randomBytes(32).toString('base64');

/** Whether a secret is `whsec_` with base64 of 24 to 64 bytes. */
export const isSigningSecret = (secret: string): boolean => keyOf(secret) !== null;

function keyOf(secret: string): Buffer | null {
  const text = secret.slice(PREFIX.length);
  if (!secret.startsWith(PREFIX) || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const key = Buffer.from(text, 'base64');
  return key.length >= LEAST_KEY_BYTES && key.length <= MOST_KEY_BYTES ? key : null;
}

/** Pure. @param at wall time in ms @throws Failure `secret.not-for-signing` */
export function signatureHeaders(
  secret: string,
  { id, body, at }: { id: string; body: string; at: number },
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const key = keyOf(secret);
  if (key === null)
    throw new Failure({
      code: 'secret.not-for-signing',
      message: 'The secret is none that messages can be signed with.',
      hint: 'Give one that begins with whsec_ and is 24 to 64 bytes in base64, or none, and one is made.',
      retry: 'never',
    });
  const seconds = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
}

/** @throws Failure `outbound.*` | `receiver.*` */
export async function postSigned(
  outbound: Outbound,
  { url, secret, id, body, at }: { url: string; secret: string; id: string; body: string; at: number },
  signal: AbortSignal,
): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Slowlight',
    ...signatureHeaders(secret, { id, body, at }),
  };
  const { status } = await outbound.request({ url, method: 'POST', headers, body, mostBytes: MOST_ANSWER }, signal);
  wantSuccess(status, url);
}
const MOST_ANSWER = 64 * 1024;

/** @throws Failure `receiver.gone` | `receiver.redirects` | `receiver.refused` | `receiver.failed` */
export function wantSuccess(status: number, url: string): void {
  if (status >= 200 && status < 300) return;
  const where = URL.parse(url)?.host ?? 'The receiver';
  if (status === 410)
    throw new Failure({
      code: 'receiver.gone',
      message: `${where} says that nobody listens there any more (410).`,
      hint: 'Remove it, or let it go on when the receiver is there again.',
      retry: 'never',
    });
  if (status >= 300 && status < 400)
    throw new Failure({
      code: 'receiver.redirects',
      message: `${where} wants to send us elsewhere (${status}), which is not followed.`,
      hint: 'Give the address that it leads to; look whether http: should be https:.',
      retry: 'never',
    });
  if (status >= 400 && status < 500 && ![408, 425, 429].includes(status))
    throw new Failure({
      code: 'receiver.refused',
      message: `${where} does not take the message (${status}).`,
      hint: status === 401 || status === 403 ? 'Look at the secret or token.' : 'Look at the address.',
      retry: 'never',
    });
  throw new Failure({
    code: 'receiver.failed',
    message: `${where} could not take the message now (${status}).`,
    hint: 'Look into the log of the receiver.',
    retry: 'soon',
  });
}
