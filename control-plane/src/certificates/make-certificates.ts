/** Makes authorities and server certificates (X.509 v3, RFC 5280; ECDSA over P-256 with SHA-256). Touches no disk. */
import { X509Certificate as ReadCertificate, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';

export interface KeyAndCertificate {
  /** PKCS #8, PEM. */
  key: string;
  /** PEM. */
  cert: string;
}

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_MS = 3653 * DAY_MS;
/** What browsers take of a certificate at the most is 398 days. */
export const SERVER_LIFE_MS = 397 * DAY_MS;
/** Clocks of devices may be behind. */
const EARLIER_MS = DAY_MS;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** The library and what it needs of the run time, loaded where a certificate is made: once in a year. */
async function loadLibrary() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

/** An authority of our own. @param now wall time, ms */
export async function makeAuthority(now: number): Promise<KeyAndCertificate> {
  const x509 = await loadLibrary();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerial(),
      name: `CN=Slowlight authority ${randomBytes(3).toString('hex')}`,
      notBefore: new Date(now - EARLIER_MS),
      notAfter: new Date(now + AUTHORITY_LIFE_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { key: await exportKey(keys.privateKey), cert: `${cert.toString('pem')}\n` };
}

/** A certificate of a server with these host names and IP addresses. @param now wall time, ms */
export async function makeServerCertificate(
  authority: KeyAndCertificate,
  { names, now }: { names: readonly string[]; now: number },
): Promise<KeyAndCertificate> {
  const x509 = await loadLibrary();
  const issuer = new x509.X509Certificate(authority.cert);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', derOf(authority.key), ALGORITHM, false, ['sign']);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notAfter = Math.min(now + SERVER_LIFE_MS, Date.parse(new ReadCertificate(authority.cert).validTo));
  const cert = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject: 'CN=Slowlight',
      issuer: issuer.subject,
      notBefore: new Date(now - EARLIER_MS),
      notAfter: new Date(notAfter),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { key: await exportKey(keys.privateKey), cert: `${cert.toString('pem')}\n` };
}

/** Positive and never the same twice: 127 random bits. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}

const derOf = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
