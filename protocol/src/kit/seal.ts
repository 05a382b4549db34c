/**
 * Sealed to one agent: whoever holds the public key can seal, only the agent can open. An ephemeral X25519 key agrees with
 * the agent's; HKDF-SHA256 (RFC 5869) makes the AES-256-GCM key; `context` (such as the camera's id) is bound in, so that
 * a sealed password cannot be moved to another camera.
 * Layout, base64: ephemeral public key (32 bytes), nonce (12), tag (16), ciphertext.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { Failure } from './failure.ts';

export interface KeyPair {
  /** Raw 32 bytes, base64. */
  publicKey: string;
  /** PKCS #8 DER, base64. */
  privateKey: string;
}

export function newKeyPair(): KeyPair {
  const pair = generateKeyPairSync('x25519');
  return {
    publicKey: rawPublicKey(pair.publicKey).toString('base64'),
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  };
}

/** @throws Failure `seal.bad-key` when `publicKey` is not 32 bytes of base64 */
export function seal(secret: string, publicKey: string, context: string): string {
  const recipient = readPublicKey(publicKey);
  const ephemeral = generateKeyPairSync('x25519');
  const ephemeralRaw = rawPublicKey(ephemeral.publicKey);
  const key = agreedKey(ephemeral.privateKey, recipient, ephemeralRaw, context);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([ephemeralRaw, nonce, cipher.getAuthTag(), ciphertext]).toString('base64');
}

/** @throws Failure `seal.cannot-open` when it was sealed to another key or context, or changed on the way */
export function unseal(sealed: string, privateKey: string, context: string): string {
  try {
    const bytes = Buffer.from(sealed, 'base64');
    const ephemeralRaw = bytes.subarray(0, 32);
    const own = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
    const key = agreedKey(own, readPublicKey(ephemeralRaw.toString('base64')), ephemeralRaw, context);
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(32, 44)).setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(44, 60));
    return Buffer.concat([decipher.update(bytes.subarray(60)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new Failure({
      code: 'seal.cannot-open',
      message: 'a sealed password cannot be opened with this agent’s key',
      hint: 'Type the camera’s password in again: it was sealed for another agent, or the agent has a new key.',
      retry: 'never',
      cause,
    });
  }
}

function agreedKey(own: KeyObject, other: KeyObject, ephemeralRaw: Buffer, context: string): Buffer {
  const shared = diffieHellman({ privateKey: own, publicKey: other });
  return Buffer.from(hkdfSync('sha256', shared, ephemeralRaw, `slowlight seal v1 ${context}`, 32));
}

/** The DER prefix of an X25519 public key, RFC 8410. */
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length);
}

function readPublicKey(base64: string): KeyObject {
  const raw = Buffer.from(base64, 'base64');
  if (raw.length !== 32)
    throw new Failure({
      code: 'seal.bad-key',
      message: 'a public key must be 32 bytes in base64',
      hint: 'The agent has sent no usable key: update the agent.',
      retry: 'never',
    });
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}
