import { homeAutomationView, homeBrokerView, newHomeBrokerId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { openHttpServer } from '../../rig/http-server.ts';

const PATH = '/api/home-automation';
const SECRET = 'never-shown-again';

test('an administrator arranges brokers of houses through the API, and nobody else even sees them', async () => {
  const server = await openHttpServer();
  const { client: admin } = await server.logIn();
  const body = { name: 'House', url: 'mqtt://127.0.0.1:1', username: 'house', password: SECRET };
  const made = await admin('POST', `${PATH}/brokers`, { body });
  expect(made.status).toBe(201);
  const { id } = homeBrokerView.parse(made.body);
  const seen = await admin('GET', PATH);
  expect(homeAutomationView.parse(seen.body).brokers).toMatchObject([
    { id, hasPassword: true, link: { state: 'off' } },
  ]);
  expect(JSON.stringify([made.body, seen.body, server.logged])).not.toContain(SECRET);

  const moved = await admin('PATCH', `${PATH}/brokers/${id}`, { body: { url: 'mqtt://127.0.0.1:2' } });
  expect(moved).toMatchObject({ status: 400, body: { fields: [{ path: 'password' }] } });
  const changed = await admin('PATCH', `${PATH}/brokers/${id}`, { body: { name: 'Hut' } });
  expect(changed).toMatchObject({ status: 200, body: { name: 'Hut', hasPassword: true } });
  const tried = await admin('POST', `${PATH}/test`, { body: { ...body, id, password: null } });
  expect(tried).toMatchObject({ status: 200, body: { kind: 'failed', code: 'home.unreachable' } });
  for (const [path, problem] of [
    ['url', { url: 'mqtt://a:b@127.0.0.1' }],
    ['topicRoot', { topicRoot: 'slowlight/v1/agents' }],
    ['surprise', { surprise: 1 }],
  ] as const)
    expect(await admin('POST', `${PATH}/brokers`, { body: { ...body, ...problem } })).toMatchObject({
      status: 400,
      body: { fields: [{ path }] },
    });

  const secrets = { tokens: [] as string[] };
  for (const role of ['viewer', 'operator'] as const) {
    const token = await admin('POST', '/api/tokens', { body: { name: role, role, expiresAt: null } });
    secrets.tokens.push(token.body.secret);
  }
  for (const headers of [{}, ...secrets.tokens.map((secret) => ({ authorization: `Bearer ${secret}` }))])
    for (const [method, at] of [
      ['GET', PATH],
      ['POST', `${PATH}/brokers`],
      ['PATCH', `${PATH}/brokers/${id}`],
      ['DELETE', `${PATH}/brokers/${id}`],
      ['POST', `${PATH}/test`],
    ] as const)
      expect([401, 403]).toContain((await server.anybody(method, at, { headers })).status);

  const unknown = newHomeBrokerId();
  expect((await admin('PATCH', `${PATH}/brokers/${unknown}`, { body: {} })).status).toBe(404);
  expect((await admin('DELETE', `${PATH}/brokers/${unknown}`)).status).toBe(404);
  expect((await admin('DELETE', `${PATH}/brokers/${id}`)).status).toBe(204);
  expect((await admin('GET', PATH)).body.brokers).toEqual([]);
});
