import { createConnection } from 'node:net';
import { Failure } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';
import { arrange } from '../../rig/http-arrange.ts';
import { openHttpServer } from '../../rig/http-server.ts';
import { until } from '../../rig/until.ts';

const everyMinute = { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'UTC' };

describe('a page of another address', () => {
  it('changes nothing, however it writes the address', async () => {
    const server = await openHttpServer();
    const { admin, camera } = await arrange(server);
    const headers = { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' };
    for (const root of ['/api', '/%61pi', '/ap%69', '/%61%70%69'])
      expect(await admin('POST', `${root}/cameras/${camera.id}/capture`, { headers })).toMatchObject({
        status: 403,
        body: { code: 'access.foreign-page' },
      });
    expect(server.sent).toEqual([]);
    const own = { 'sec-fetch-site': 'same-origin' };
    expect((await admin('POST', `/api/cameras/${camera.id}/capture`, { headers: own })).status).toBe(202);
  });

  it('finds no answer in a cache, however the address is written', async () => {
    const server = await openHttpServer();
    const { admin } = await arrange(server);
    expect((await admin('GET', '/%61pi/sites')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('a person', () => {
  it('who asks for the coverage of too many slots is told to ask for less', async () => {
    const tooMany = async () => {
      throw new Failure({ code: 'coverage.too-many-slots', message: 'Too many.', hint: 'Less.', retry: 'never' });
    };
    const server = await openHttpServer({ records: { coverage: tooMany } });
    const { admin, camera } = await arrange(server);
    const body = { cameraId: camera.id, name: 'Roses', schedule: everyMinute };
    const { id } = (await admin('POST', '/api/timelapses', { body })).body;
    expect(await admin('GET', `/api/timelapses/${id}/coverage`)).toMatchObject({
      status: 400,
      body: { code: 'coverage.too-many-slots', hint: 'Less.' },
    });
  });

  it('gives nothing a name that no header and no database can hold', async () => {
    const server = await openHttpServer();
    const { admin } = await arrange(server);
    for (const name of ['a\u0000b', 'a\ud800b', 'a\nb'])
      expect((await admin('POST', '/api/sites', { body: { name, timeZone: 'UTC' } })).status).toBe(400);
    expect((await admin('POST', '/api/sites', { body: { name: 'Grüße 🌹', timeZone: 'UTC' } })).status).toBe(201);
  });
});

it('a connection that breaks off in an upload without a word is closed, and leaves nothing', async () => {
  const server = await openHttpServer({ mostIdleMs: 200 });
  const { hostname, port } = new URL(server.address);
  const socket = createConnection(Number(port), hostname);
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => {});
  socket.write(
    'POST /api/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"na',
  );
  await until('it is closed', () => closed);
});
