/** What the agent opens once at its start, with messages for whoever starts it. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CameraSettings } from '@slowlight/protocol';
import { Failure, makeFolderDurably, messageOf, unseal } from '@slowlight/protocol/kit';
import type { Log } from './frame.ts';

/** @throws Failure `buffer.not-writable` */
export async function openDataFolder(folder: string): Promise<void> {
  try {
    await makeFolderDurably(folder);
  } catch (cause) {
    throw new Failure({
      code: 'buffer.not-writable',
      message: `the data directory ${folder} cannot be made: ${messageOf(cause)}`,
      hint: 'Give the agent’s user the right to write there, or set SLOWLIGHT_AGENT_DATA to a directory that it may write.',
      retry: 'later',
      cause,
    });
  }
}

/** PEM text. @throws Failure `config.wrong` */
export async function readCertificates(file: string, named = 'SLOWLIGHT_AGENT_CA_FILE'): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    // TLS would take no notice of anything else, and every certificate would then seem to be wrong.
    new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new Failure({
      code: 'config.wrong',
      message: `the certificates in ${file} cannot be read: ${messageOf(cause)}`,
      hint: `Correct ${named}: it names a file of certificates in PEM that the agent’s user may read.`,
      retry: 'never',
      cause,
    });
  }
}

/** Certificates of both, PEM. */
export const bothOf = (one: string | null, other: string | null): string | null =>
  one === null || other === null ? (one ?? other) : `${one.trim()}\n${other}`;

/** Null also where the password cannot be opened: the camera then says `unauthorised`, and the log says why. */
export function passwordOpener(privateKey: string, log: Log) {
  return ({ id, credentials }: CameraSettings): string | null => {
    if (credentials === null) return null;
    try {
      return unseal(credentials.sealedPassword, privateKey, id);
    } catch (cause) {
      log.error({ camera: id, hint: cause instanceof Failure ? cause.hint : undefined }, messageOf(cause));
      return null;
    }
  };
}
