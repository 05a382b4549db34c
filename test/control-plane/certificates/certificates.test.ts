import { X509Certificate } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connect } from 'node:tls';
import { createEmbeddedBroker } from '@slowlight/control-plane/src/broker/embedded-broker.ts';
import {
  type CertificatesOptions,
  isGood,
  openCertificates,
  pinOf,
} from '@slowlight/control-plane/src/certificates/certificates.ts';
import { makeAuthority, makeServerCertificate } from '@slowlight/control-plane/src/certificates/make-certificates.ts';
import { expect, it, onTestFinished } from 'vitest';
import { openFolder } from '../../rig/folder.ts';
import { createHandClock } from '../../rig/hand-clock.ts';
import { createQuietLog } from '../../rig/quiet-log.ts';
import { makeSelfSigned } from '../../rig/self-signed.ts';
import { until } from '../../rig/until.ts';

const DAY = 86_400_000;
const NAMES = ['localhost', '127.0.0.1', '::1', 'slowlight.example.org'];

async function open(folder: string, options: Partial<CertificatesOptions> = {}, clock = createHandClock(Date.now())) {
  const certificates = await openCertificates(
    { clock, log: createQuietLog() },
    { folder, names: () => NAMES, given: null, ...options },
  );
  const stop = new AbortController();
  const running = certificates.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return { certificates, clock };
}

it('at the first start an authority and a certificate for every name are made, with keys that nobody else reads; at the next they are the same', async () => {
  const folder = path.join(await openFolder(), 'certificates');
  const { certificates } = await open(folder);
  const first = certificates.current();
  const server = new X509Certificate(first.cert);
  const authority = new X509Certificate(certificates.authority ?? '');
  expect(server.verify(authority.publicKey) && server.checkIssued(authority)).toBe(true);
  for (const name of NAMES) expect(server.checkHost(name) ?? server.checkIP(name), name).toBeDefined();
  expect(server.checkHost('elsewhere.example.org')).toBeUndefined();
  expect(authority.ca && !server.ca).toBe(true);
  expect(Date.parse(authority.validTo) - Date.now()).toBeGreaterThan(3600 * DAY);
  expect(certificates.expiresAt() - Date.now()).toBeLessThan(398 * DAY);
  expect(certificates.pin()).toBe(pinOf(certificates.authority ?? ''));
  for (const file of ['authority.pem', 'server.pem'])
    expect((await stat(path.join(folder, file))).mode & 0o777, file).toBe(0o600);
  expect(await readFile(path.join(folder, 'authority.crt'), 'utf8')).toBe(certificates.authority);

  const { certificates: again } = await open(folder);
  expect(again.current()).toEqual(first);
  expect(again.authority).toBe(certificates.authority);
});

it('a certificate renews itself long before its end, and when the machine gets another name, under the same authority', async () => {
  const folder = await openFolder();
  const now = Date.now();
  const first = (await open(folder, {}, createHandClock(now))).certificates.current().cert;
  const later = await open(folder, {}, createHandClock(now + 200 * DAY));
  expect(later.certificates.current().cert).toBe(first);
  const names = [...NAMES];
  const { certificates, clock } = await open(folder, { names: () => names }, createHandClock(now + 270 * DAY));
  expect(certificates.expiresAt() - clock.now()).toBeGreaterThan(390 * DAY);
  const [renewed, pin] = [certificates.current().cert, certificates.pin()];
  expect(renewed).not.toBe(first);
  let changes = 0;
  certificates.onChanged(() => {
    changes += 1;
  });
  await clock.advance(3 * 3_600_000);
  expect(changes).toBe(0);
  names.push('10.0.0.7');
  await clock.advance(3 * 3_600_000);
  await until('it has the new name', () => changes === 1);
  expect(new X509Certificate(certificates.current().cert).checkIP('10.0.0.7')).toBeDefined();
  expect(certificates.pin()).toBe(pin);
});

it('a certificate that is given is shown as it is, read again when it is exchanged, and never written', async () => {
  const folder = await openFolder();
  const given = { cert: path.join(folder, 'a.pem'), key: path.join(folder, 'a.key'), ca: path.join(folder, 'ca.pem') };
  const authority = await makeAuthority(Date.now());
  const put = async (pair: { key: string; cert: string }) => {
    await writeFile(given.cert, pair.cert);
    await writeFile(given.key, pair.key);
  };
  await writeFile(given.ca, authority.cert);
  await put(await makeServerCertificate(authority, { names: ['localhost'], now: Date.now() }));
  const { certificates, clock } = await open(path.join(folder, 'none'), { given });
  expect(certificates.authority).toBe(authority.cert);
  expect(certificates.pin()).toBe(pinOf(authority.cert));
  const next = await makeServerCertificate(authority, { names: ['localhost'], now: Date.now() + DAY });
  await put(next);
  await clock.advance(2 * 3_600_000);
  await until('the new one is shown', () => certificates.current().cert.startsWith(next.cert.trim()));
  await expect(stat(path.join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('what cannot be used is said at the start: a key of another certificate, a file that is none', async () => {
  const folder = await openFolder();
  const file = (name: string) => path.join(folder, name);
  const [one, other] = [makeSelfSigned(), makeSelfSigned()];
  await writeFile(file('cert'), one.cert);
  await writeFile(file('key'), other.key);
  const given = { cert: file('cert'), key: file('key'), ca: null };
  await expect(open(folder, { given })).rejects.toMatchObject({ code: 'certificates.not-a-pair' });
  await writeFile(file('key'), 'no key');
  await expect(open(folder, { given })).rejects.toMatchObject({ code: 'certificates.unreadable' });
  await writeFile(file('authority.pem'), 'cut off');
  await expect(open(folder)).rejects.toMatchObject({ code: 'certificates.unreadable' });
});

it('a certificate is good only for all its names, from its begin on, and not near its end', async () => {
  const now = Date.now();
  const { cert } = await makeServerCertificate(await makeAuthority(now), { names: ['a.example', '10.0.0.1'], now });
  expect(isGood(cert, ['a.example', '10.0.0.1'], now)).toBe(true);
  expect(isGood(cert, ['a.example', '10.0.0.2'], now)).toBe(false);
  expect(isGood(cert, ['a.example'], now - 3 * DAY)).toBe(false);
  expect(isGood(cert, ['a.example'], now + 300 * DAY)).toBe(false);
});

it('the broker’s encrypted door speaks TLS 1.2 and newer, shows a new certificate without closing, and counts a connection before its handshake', async () => {
  const names = [...NAMES];
  const { certificates, clock } = await open(await openFolder(), { names: () => names });
  const { current: certificate, onChanged, authority } = certificates;
  const broker = await createEmbeddedBroker(
    { log: createQuietLog() },
    {
      host: '127.0.0.1',
      port: 0,
      mostWaitingPerAddress: 2,
      secure: { host: '127.0.0.1', port: 0, certificate, onChanged },
    },
  );
  onTestFinished(() => broker.close());
  const dial = (options: object = {}) => {
    const socket = connect({ host: '127.0.0.1', port: broker.securePort ?? 0, ca: authority ?? '', ...options });
    onTestFinished(() => void socket.destroy());
    return new Promise<string>((resolve) => {
      socket.once('secureConnect', () =>
        resolve(`${socket.getProtocol()} ${socket.getPeerX509Certificate()?.serialNumber}`),
      );
      socket.once('error', () => resolve('refused'));
      socket.once('close', () => resolve('closed'));
    }).finally(() => socket.destroy());
  };
  const serial = () => new X509Certificate(certificate().cert).serialNumber;
  expect(await dial()).toBe(`TLSv1.3 ${serial()}`);
  expect(await dial({ maxVersion: 'TLSv1.2' })).toBe(`TLSv1.2 ${serial()}`);
  expect(await dial({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' })).toBe('refused');
  expect(await dial({ ca: makeSelfSigned().cert })).toBe('refused');

  const before = serial();
  names.push('10.0.0.7');
  await clock.advance(2 * 3_600_000);
  await until('it is exchanged', () => serial() !== before);
  expect(await dial()).toBe(`TLSv1.3 ${serial()}`);

  const { connect: plainConnect } = await import('node:net');
  const silent = [1, 2].map(() => plainConnect(broker.securePort ?? 0, '127.0.0.1'));
  onTestFinished(() => silent.forEach((socket) => void socket.destroy()));
  await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  expect(await dial()).not.toContain('TLS');
});
