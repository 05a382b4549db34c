import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOutbound, createReach, isNetworkText, systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';

describe('where something from outside may send this machine', () => {
  const mayReach = createReach([]);
  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '0.0.0.0',
    '0.1.2.3',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'no address',
    '',
  ])('%s is not reached', (ip) => expect(mayReach(ip)).toBe(false));
  it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])('%s is', (ip) =>
    expect(mayReach(ip)).toBe(true),
  );

  it('a network that is named is, but never where a cloud keeps secrets', () => {
    const named = createReach(['192.168.1.0/24', '169.254.0.0/16', '::1']);
    expect(['192.168.1.9', '192.168.2.9', '169.254.7.7', '169.254.169.254', '::1', '127.0.0.1'].map(named)).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    expect(
      ['10.0.0.0/8', '1.2.3.4', '::/0', '10.0.0.0/33', 'example.org', '10.0.0.0/8/8', ''].map(isNetworkText),
    ).toEqual([true, true, true, false, false, false, false]);
  });
});

describe('a request to an address that somebody typed in', () => {
  async function openHook() {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      heard.push(`${request.method} ${request.url}`);
      if (request.url === '/away') response.writeHead(302, { location: 'http://127.0.0.1:1/secret' }).end();
      else if (request.url === '/long') response.end('x'.repeat(5000));
      else if (request.url !== '/slow') response.end('done');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { heard, port: (server.address() as AddressInfo).port };
  }
  const here = new AbortController().signal;

  it('is not made where the address, or what its name leads to, is not public', async () => {
    const { heard, port } = await openHook();
    const { request } = createOutbound({ clock: systemClock });
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0177.0.0.1'])
      await expect(request({ url: `http://${host}:${port}/` }, here), host).rejects.toMatchObject({
        code: 'outbound.blocked',
      });
    await expect(request({ url: 'file:///etc/passwd' }, here)).rejects.toMatchObject({ code: 'outbound.bad-address' });
    await expect(request({ url: 'gopher://127.0.0.1/' }, here)).rejects.toMatchObject({ code: 'outbound.bad-address' });
    expect(heard).toEqual([]);
  });

  it('is made where its network is allowed; follows no redirect, and ends in time and size', async () => {
    const { heard, port } = await openHook();
    const { request } = createOutbound({ clock: systemClock }, { allow: ['127.0.0.0/8', '::1'] });
    const at = (path: string) => `http://localhost:${port}${path}`;
    const answer = await request(
      { url: at('/hook'), body: '{}', headers: { 'content-type': 'application/json' } },
      here,
    );
    expect([answer.status, answer.body.toString()]).toEqual([200, 'done']);
    expect(await request({ url: at('/away'), method: 'GET' }, here)).toMatchObject({ status: 302 });
    await expect(request({ url: at('/long'), mostBytes: 1000 }, here)).rejects.toMatchObject({
      code: 'outbound.too-long',
    });
    await expect(request({ url: at('/slow'), timeoutMs: 50 }, here)).rejects.toMatchObject({
      code: 'outbound.timed-out',
    });
    await expect(request({ url: 'http://user:sesame@localhost:1/' }, here)).rejects.toSatisfy(
      (thrown) => !String(thrown).includes('sesame'),
    );
    expect(heard).toEqual(['POST /hook', 'GET /away', 'POST /long', 'POST /slow']);
  });
});
