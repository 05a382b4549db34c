import { isNamed } from '@slowlight/control-plane/src/http/etags.ts';
import { expect, it } from 'vitest';
import { arrange } from '../../rig/http-arrange.ts';
import { openHttpServer } from '../../rig/http-server.ts';

it('lists and views are tagged, and nothing is sent again while they are the same', async () => {
  const server = await openHttpServer();
  const { admin, site, camera } = await arrange(server);
  for (const at of ['/api/sites', `/api/sites/${site.id}`, '/api/cameras', `/api/cameras/${camera.id}`]) {
    const first = await admin('GET', at);
    const etag = first.headers.get('etag') ?? '';
    expect([at, first.status]).toEqual([at, 200]);
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    expect(first.headers.get('cache-control')).toBe('no-store');
    const headers = { 'if-none-match': `"other", ${etag}` };
    const again = await admin('GET', at, { headers });
    expect([again.status, again.headers.get('etag'), again.headers.get('content-type')]).toEqual([304, etag, null]);
    expect(String(again.body ?? '')).toBe('');
  }
  const before = (await admin('GET', '/api/sites')).headers.get('etag') ?? '';
  await admin('PATCH', `/api/sites/${site.id}`, { body: { name: 'Orchard' } });
  const after = await admin('GET', '/api/sites', { headers: { 'if-none-match': before } });
  expect([after.status, after.body.items[0].name]).toEqual([200, 'Orchard']);
});

it('what was changed, refused or not found is never answered with nothing', async () => {
  const server = await openHttpServer();
  const { admin, site } = await arrange(server);
  const headers = { 'if-none-match': '*' };
  const body = { name: 'Meadow' };
  expect((await admin('PATCH', `/api/sites/${site.id}`, { body, headers })).body.name).toBe('Meadow');
  expect((await admin('GET', '/api/sites/sit-0000000000000000', { headers })).status).toBe(404);
  expect((await server.anybody('GET', '/api/sites', { headers })).status).toBe(401);
});

it.each([
  ['W/"a"', 'W/"a"', true],
  ['W/"a"', '"a"', true],
  ['W/"a"', '"b" , W/"a"', true],
  ['W/"a"', '*', true],
  ['W/"a"', 'W/"b"', false],
  ['W/"a"', undefined, false],
])('%s against %s: %s', (etag, header, same) => {
  expect(isNamed(etag, header)).toBe(same);
});
