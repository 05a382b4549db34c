/**
 * Keeps a program's own secrets at rest (passwords for services that it logs in to), so that a copy of its database alone
 * opens none of them. AES-256-GCM under one key, which lies in a file of its own (0600) and never in the database; `context`
 * (such as the id of what the secret is for) is bound in, so that a sealed secret cannot be moved to another place.
 * Layout, base64: nonce (12 bytes), tag (16), ciphertext.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { removeDurably, writeDurably } from './durable-file.ts';
import { Failure, systemCode } from './failure.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface SecretBox {
  seal(secret: string, context: string): string;
  /** @throws Failure `secret.cannot-open` when it was sealed under another key or context, or has changed */
  open(sealed: string, context: string): string;
}

/** @param key 32 bytes */
export function createSecretBox(key: Uint8Array): SecretBox {
  return {
    seal(secret, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64');
    },
    open(sealed, context) {
      try {
        const bytes = Buffer.from(sealed, 'base64');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        }).setAAD(Buffer.from(context));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
        return text.toString('utf8');
      } catch (cause) {
        throw new Failure({
          code: 'secret.cannot-open',
          message: 'a stored password cannot be opened with the key of the data folder',
          hint: 'Type the password in again: the key file is another one than when it was stored.',
          retry: 'never',
          cause,
        });
      }
    },
  };
}

/**
 * The box under the key in this file; the key is made where there is none.
 * @throws Failure `secret.key-unusable` when the file cannot be read, or holds no key
 */
export async function openSecretBox(file: string): Promise<SecretBox> {
  try {
    const found = await readKey(file);
    if (found !== null) return createSecretBox(found);
    const key = randomBytes(KEY_BYTES);
    await writeDurably(file, key);
    return createSecretBox(key);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw unusable(systemCode(cause) ?? 'unknown error', cause);
  }
}

/** null: there is none, or one that was never written whole. */
async function readKey(file: string): Promise<Uint8Array | null> {
  try {
    const key = await readFile(file);
    if (key.length === KEY_BYTES) return key;
    // An empty file is what some file systems leave of a write that power cut off; anything else is somebody's mistake.
    if (key.length > 0) throw unusable(`${key.length} bytes instead of ${KEY_BYTES}`, null);
    await removeDurably(file);
    return null;
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null;
    throw cause;
  }
}

const unusable = (why: string, cause: unknown) =>
  new Failure({
    code: 'secret.key-unusable',
    message: `The key file of the data folder cannot be used (${why}).`,
    hint: 'Give this user the right to read and write it, or put back the one of the backup. Without it stored passwords must be typed in again.',
    retry: 'never',
    cause,
  });
