/** Whom a device trusts that is about to enrol: a server that it does not know, by what the person beside it was shown. */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type Clock, deadline, Failure, messageOf, systemCode } from '@slowlight/protocol/kit';

const LOOK_MS = 15_000;

/**
 * The certificate with this fingerprint that the server shows, as PEM: to be trusted from then on, and checked like any other
 * when the device then connects. Nothing is said to the server here, and nothing that it says is believed but this.
 * @param url https
 * @throws Failure `enroll.unreachable` | `enroll.wrong-pin`
 */
export async function findPinned(
  url: URL,
  pin: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<string> {
  const limit = deadline(clock, LOOK_MS, signal);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // The one place where a certificate is looked at before it is checked: to find it.
  const socket = connect({
    host,
    port: Number(url.port || 443),
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  });
  try {
    const shown = await new Promise<X509Certificate[]>((resolve, reject) => {
      limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true });
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the server closed the connection')));
      socket.once('secureConnect', () => resolve(chainOf(socket.getPeerX509Certificate())));
    });
    const found = shown.find((certificate) => pinOf(certificate) === pin);
    if (found !== undefined) return found.toString();
  } catch (cause) {
    signal.throwIfAborted();
    throw unreachable(url, cause);
  } finally {
    limit.clear();
    socket.destroy();
  }
  throw new Failure({
    code: 'enroll.wrong-pin',
    message: `${url.host} shows none of the certificates that the pin stands for, so nothing was said to it`,
    hint: 'Copy the whole command again from the control plane. If it is the same, somebody else answers under this address: look whether it is the right one.',
    retry: 'never',
  });
}

const pinOf = (certificate: X509Certificate): string =>
  `sha256:${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`;

/** What the server showed, its own first. */
function chainOf(first: X509Certificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let one = first; one !== undefined && !chain.some((before) => before.fingerprint256 === one?.fingerprint256); )
    one = chain[chain.push(one) - 1]?.issuerCertificate;
  return chain;
}

export const unreachable = (url: URL, cause: unknown): Failure =>
  new Failure({
    code: 'enroll.unreachable',
    message: `the control plane at ${url.host} cannot be reached: ${messageOf(cause)}`,
    hint: UNREACHABLE.get(systemCode(cause) ?? '') ?? NO_NETWORK,
    retry: 'soon',
    cause,
  });

const NO_NETWORK = 'Look whether this device has a network, and whether the address is that of the control plane.';
const NO_NAME =
  'Nobody here knows this name: look whether this device has a network and a name server, or give the address in figures.';
/** What each of them most often means to somebody beside the device. */
const UNREACHABLE: ReadonlyMap<string, string> = new Map([
  [
    'ECONNREFUSED',
    'There is a machine, and nothing listens under this port: look whether the control plane runs, and whether the port is right.',
  ],
  ['ENOTFOUND', NO_NAME],
  ['EAI_AGAIN', NO_NAME],
]);
