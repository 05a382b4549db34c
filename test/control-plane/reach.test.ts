/** Where a control plane can be reached that other machines may reach: what is plain stays on this machine. */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:net';
import path from 'node:path';
import { ownAddress } from '@slowlight/control-plane/src/open-parts.ts';
import { expect, it } from 'vitest';
import { openSecureHouse } from '../rig/enrolling.ts';
import { openFolder } from '../rig/folder.ts';

const answers = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => resolve(socket.destroy() !== null));
    socket.once('error', () => resolve(false));
  });

it('a house that is open to other machines is so over TLS alone, and its own agent trusts it', async () => {
  const folder = await openFolder();
  const file = path.join(folder, 'agent/identity.json');
  const house = await openSecureHouse(folder, {
    SLOWLIGHT_TLS: 'auto',
    SLOWLIGHT_HTTP_HOST: '0.0.0.0',
    SLOWLIGHT_BROKER_HOST: '0.0.0.0',
    SLOWLIGHT_LOCAL_AGENT_IDENTITY: file,
  });
  const identity = JSON.parse(await readFile(file, 'utf8'));
  expect(identity).toMatchObject({
    brokerUrl: house.plane.brokerUrl,
    ca: expect.stringContaining('BEGIN CERTIFICATE'),
  });
  const { url, pin } = await house.makeToken({ name: 'Mast' });
  const secure = new URL(url);
  expect(secure.protocol).toBe('https:');
  expect(secure.hostname).toBe(ownAddress());
  expect(pin).not.toBeNull();
  const status = await new Promise((resolve, reject) => {
    request(new URL('/health/live', url), { ca: identity.ca, agent: false }, (reply) =>
      resolve(reply.resume().statusCode),
    )
      .once('error', reject)
      .end();
  });
  expect(status).toBe(200);
  for (const plain of [house.plane.address, house.plane.brokerUrl]) {
    const { hostname, port } = new URL(plain);
    expect(hostname).toBe('127.0.0.1');
    expect(await answers('127.0.0.1', Number(port)), plain).toBe(true);
    // Another loopback address is as foreign to a socket on 127.0.0.1 as one of the network.
    expect(await answers('127.0.0.9', Number(port)), plain).toBe(false);
    if (ownAddress() !== '127.0.0.1') expect(await answers(ownAddress(), Number(port)), plain).toBe(false);
  }
});
