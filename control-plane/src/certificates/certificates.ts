/**
 * The certificates under which agents and people reach this control plane.
 *
 * Promise: there is always a certificate that is good, for every name under which this machine is reached; agents that have
 * the authority once need nothing of a renewal.
 * Invariants: keys are written 0600 and durably before they are used; the own authority never changes by itself; what was
 * given by settings is read, never written.
 * When it fails: a certificate that cannot be renewed stays until it is over, `expiresAt` says when, and it is tried again
 * every hour; a folder that cannot be read or written ends the start.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Clock,
  Failure,
  makeFolderDurably,
  messageOf,
  runLoop,
  systemCode,
  writeDurably,
} from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import { type KeyAndCertificate, makeAuthority, makeServerCertificate, SERVER_LIFE_MS } from './make-certificates.ts';

export interface CertificatesOptions {
  /** Where the own authority and its certificate are kept; made if it is not there. */
  folder: string;
  /** Host names and IP addresses under which this machine is reached now; asked at each look. */
  names: () => readonly string[];
  /** A certificate of somebody else's: paths of PEM files. `ca`: what agents are to trust for it, null: the usual authorities. */
  given: { cert: string; key: string; ca: string | null } | null;
}

export interface Certificates {
  /** What servers show now: the certificate and, where it is our own, its authority behind it. PEM. */
  current(): KeyAndCertificate;
  /** What agents are to trust, PEM; null: the usual authorities. */
  authority: string | null;
  /** `sha256:…` of the certificate that agents pin: the authority's, or the given one's. */
  pin(): string;
  /** When the certificate that is shown is over, wall time in ms. */
  expiresAt(): number;
  /** Calls back when another certificate is shown from now on. */
  onChanged(listener: () => void): () => void;
  /** Looks every hour whether it must be renewed, or was. */
  run(signal: AbortSignal): Promise<void>;
}

const LOOK_EVERY_MS = 3_600_000;
/** A third of its life before its end, so that a house that is seldom running renews it too. */
const RENEW_BEFORE_MS = SERVER_LIFE_MS / 3;

/** @throws Failure `certificates.unreadable` | `certificates.not-writable` | `certificates.not-a-pair` */
export async function openCertificates(
  { clock, log }: { clock: Clock; log: Log },
  options: CertificatesOptions,
): Promise<Certificates> {
  const { given } = options;
  const own = given === null ? await openOwn(options.folder, clock.now()) : null;
  const authority = own?.cert ?? (given?.ca == null ? null : await readPem(given.ca));
  const listeners = new Set<() => void>();
  let shown = await look(null);

  /** Gives what is to be shown from now on; the same object when nothing has changed. */
  async function look(before: KeyAndCertificate | null): Promise<KeyAndCertificate> {
    const next = own === null ? await readGiven(given) : await renewed(own, options, { before, now: clock.now() });
    return before !== null && next.cert === before.cert ? before : next;
  }

  return {
    // The authority goes along, so that a device which knows only its fingerprint finds it.
    current: () => ({ key: shown.key, cert: shown.cert + (authority ?? '') }),
    authority,
    pin: () => pinOf(authority ?? shown.cert),
    expiresAt: () => endOf(shown.cert),
    onChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    run: (signal) =>
      runLoop(
        async (within) => {
          const next = await look(shown);
          if (next !== shown) {
            shown = next;
            log.info({ until: new Date(endOf(next.cert)).toISOString() }, 'a new certificate is shown from now on');
            for (const listener of listeners) listener();
          }
          await clock.sleep(LOOK_EVERY_MS, within);
          return 0;
        },
        {
          clock,
          backoff: { firstMs: 60_000, mostMs: LOOK_EVERY_MS },
          onFailure: ({ message, hint }, waitMs) =>
            log.error({ reason: message, hint, waitMs }, 'the certificate cannot be looked after; it is tried again'),
        },
        signal,
      ),
  };
}

/** SHA-256 of a certificate in DER. @param pem its first one counts */
export const pinOf = (pem: string): string =>
  `sha256:${new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()}`;

const endOf = (pem: string): number => Date.parse(new X509Certificate(pem).validTo);

/** Pure: whether a certificate is good for these names, and long enough. */
export function isGood(pem: string, names: readonly string[], now: number): boolean {
  const cert = new X509Certificate(pem);
  const covers = (name: string) => cert.checkHost(name) !== undefined || cert.checkIP(name) !== undefined;
  return Date.parse(cert.validFrom) <= now && endOf(pem) - now > RENEW_BEFORE_MS && names.every(covers);
}

async function openOwn(folder: string, now: number): Promise<KeyAndCertificate> {
  const files = filesOf(folder, 'authority');
  const known = await readPair(files);
  // The one for people may be missing, after a restore.
  if (known !== null) await writeAlone(files, known.cert);
  if (known !== null) return known;
  const made = await makeAuthority(now);
  await writePair(files, made);
  return made;
}

async function renewed(
  own: KeyAndCertificate,
  { folder, names }: CertificatesOptions,
  { before, now }: { before: KeyAndCertificate | null; now: number },
): Promise<KeyAndCertificate> {
  const files = filesOf(folder, 'server');
  const wanted = [...new Set(names())];
  const known = before ?? (await readPair(files));
  const isOurs = known !== null && new X509Certificate(known.cert).verify(new X509Certificate(own.cert).publicKey);
  if (isOurs && isGood(known.cert, wanted, now)) return known;
  const made = await makeServerCertificate(own, { names: wanted, now });
  await writePair(files, made);
  return made;
}

interface PairFiles {
  folder: string;
  /** Both in one file, so that no power cut leaves the key of another certificate. */
  pair: string;
  /** The certificate alone, for people. */
  cert: string;
}
const filesOf = (folder: string, name: string): PairFiles => ({
  folder,
  pair: path.join(folder, `${name}.pem`),
  cert: path.join(folder, `${name}.crt`),
});

async function readPair({ pair }: PairFiles): Promise<KeyAndCertificate | null> {
  let text: string;
  try {
    text = await readFile(pair, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null;
    throw unreadable(pair, cause);
  }
  const [key] = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/.exec(text) ?? [];
  const [cert] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(text) ?? [];
  return checkedPair({ key: key ?? '', cert: cert ?? '' }, pair);
}

async function writePair({ folder, pair, cert }: PairFiles, made: KeyAndCertificate): Promise<void> {
  try {
    await makeFolderDurably(folder);
    await writeDurably(pair, Buffer.from(made.key + made.cert), 0o600);
    await writeDurably(cert, Buffer.from(made.cert), 0o644);
  } catch (cause) {
    throw notWritable(pair, cause);
  }
}

async function writeAlone({ cert }: PairFiles, text: string): Promise<void> {
  try {
    await access(cert);
  } catch {
    await writeDurably(cert, Buffer.from(text), 0o644).catch((cause: unknown) => {
      throw notWritable(cert, cause);
    });
  }
}

const notWritable = (file: string, cause: unknown): Failure =>
  new Failure({
    code: 'certificates.not-writable',
    message: `The certificate ${path.basename(file)} cannot be written (${systemCode(cause) ?? 'unknown error'}).`,
    hint: 'Give this user the right to write into the data folder, and look whether the disk is full.',
    retry: 'later',
    cause,
  });

async function readGiven(given: CertificatesOptions['given']): Promise<KeyAndCertificate> {
  const cert = await readPem(given?.cert ?? '');
  return checkedPair({ key: await readPem(given?.key ?? ''), cert }, given?.cert ?? '');
}

async function readPem(file: string): Promise<string> {
  try {
    return `${(await readFile(file, 'utf8')).trim()}\n`;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function checkedPair(pair: KeyAndCertificate, file: string): KeyAndCertificate {
  let fits: boolean;
  try {
    fits = new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key));
  } catch (cause) {
    throw unreadable(file, cause);
  }
  if (fits) return pair;
  throw new Failure({
    code: 'certificates.not-a-pair',
    message: `The certificate in ${path.basename(file)} does not belong to its key.`,
    hint: 'Name a certificate and the key that it was made for in SLOWLIGHT_TLS_CERT_FILE and SLOWLIGHT_TLS_KEY_FILE.',
    retry: 'never',
  });
}

const unreadable = (file: string, cause: unknown): Failure =>
  new Failure({
    code: 'certificates.unreadable',
    message: `The certificate file ${path.basename(file)} cannot be read: ${systemCode(cause) ?? messageOf(cause)}.`,
    hint: 'It must be PEM, without a passphrase, and readable by this user. One that Slowlight made itself can be moved away; if it is the authority, agents must then be enrolled anew.',
    retry: 'never',
    cause,
  });
