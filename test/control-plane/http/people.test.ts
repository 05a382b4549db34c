import { createLoginLimits, delayAfter, LIMITS } from '@slowlight/control-plane/src/http/login-limits.ts';
import { createPasswords } from '@slowlight/control-plane/src/http/passwords.ts';
import { stepOf } from '@slowlight/control-plane/src/http/second-factor.ts';
import { Secret, TOTP } from 'otpauth';
import { describe, expect, it } from 'vitest';
import { createHandClock } from '../../rig/hand-clock.ts';
import { type HttpServer, openHttpServer, PASSWORD } from '../../rig/http-server.ts';
import { logInAs } from '../../rig/people.ts';

/** Somebody whom the administrator let in, with the password that was made up. */
async function letIn(server: HttpServer, input: object = {}) {
  const { client: admin } = await server.logIn();
  const reply = await admin('POST', '/api/users', { body: { name: 'Ada', ...input } });
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return { admin, user: reply.body.user, password: reply.body.password as string };
}

describe('a password that was made up', () => {
  it('opens nothing but the way to one’s own, whatever the role', async () => {
    const server = await openHttpServer();
    const { password } = await letIn(server, { role: 'admin' });
    const { client } = await server.logIn('ada', password);
    expect((await client('GET', '/api/session')).body).toMatchObject({ mustChangePassword: true });
    const closed = server.server
      .routes()
      .filter(
        ({ access, url, method }) =>
          access !== 'open' &&
          method !== 'OPTIONS' &&
          !(url === '/api/session' && method !== 'POST') &&
          url !== '/api/session/password',
      );
    expect(closed.length).toBeGreaterThan(80);
    for (const { method, url } of closed) {
      const reply = await client(
        method,
        url.replace(/:\w+/g, 'x'),
        method === 'GET' || method === 'HEAD' ? {} : { body: {} },
      );
      expect([method, url, reply.status]).toEqual([method, url, 403]);
      if (method !== 'HEAD') expect(reply.body.code).toBe('login.change-password');
    }
    const next = 'a-password-of-my-own';
    const changed = await client('POST', '/api/session/password', { body: { current: password, next } });
    expect(changed).toMatchObject({ status: 200, body: { mustChangePassword: false } });
    expect((await client('GET', '/api/session')).status, 'the session is another one').toBe(401);
    expect((await (await server.logIn('ada', next)).client('GET', '/api/users')).status).toBe(200);
  });
});

describe('people', () => {
  it('are let in, changed, switched off and forgotten, and are logged out when they may do something else', async () => {
    const server = await openHttpServer();
    const { admin, user } = await letIn(server, { role: 'none' });
    expect(user).toMatchObject({ name: 'Ada', role: 'none', sites: [], enabled: true, mustChangePassword: true });
    expect((await admin('POST', '/api/users', { body: { name: ' ADA ' } })).body.code).toBe('user.exists');
    const site = (await admin('POST', '/api/sites', { body: { name: 'Here', timeZone: 'UTC' } })).body;
    const { client } = await logInAs(server, { name: 'Eve', role: 'viewer' });
    const eve = (await client('GET', '/api/session')).body;
    const named = await admin('PATCH', `/api/users/${eve.id}`, { body: { name: 'Eva' } });
    expect(named.body.name).toBe('Eva');
    expect((await client('GET', '/api/session')).status, 'a name ends no session').toBe(200);
    const sites = [{ siteId: site.id, role: 'operator' }];
    const moved = await admin('PATCH', `/api/users/${eve.id}`, { body: { role: 'none', sites } });
    expect(moved.body).toMatchObject({ role: 'none', sites });
    expect((await client('GET', '/api/session')).status).toBe(401);
    const missing = [{ siteId: 'sit-0000000000000000', role: 'viewer' }];
    expect((await admin('PATCH', `/api/users/${eve.id}`, { body: { sites: missing } })).status).toBe(404);
    expect((await admin('GET', `/api/users/${eve.id}`)).body.sites).toEqual(sites);
    await admin('PATCH', `/api/users/${user.id}`, { body: { enabled: false } });
    const off = await server.anybody('POST', '/api/session', { body: { name: 'Ada', password: 'x' } });
    expect(off.status).toBe(401);
    expect((await admin('GET', '/api/users')).body.items.map((one: { name: string }) => one.name)).toEqual([
      'admin',
      'Ada',
      'Eva',
    ]);
    expect((await admin('DELETE', `/api/users/${eve.id}`)).status).toBe(204);
    expect((await admin('DELETE', `/api/users/${eve.id}`)).status).toBe(404);
  });

  it('never lose their last administrator', async () => {
    const server = await openHttpServer();
    const { admin, user } = await letIn(server, { role: 'operator' });
    const me = (await admin('GET', '/api/session')).body.id;
    for (const change of [{ role: 'operator' }, { enabled: false }])
      expect(await admin('PATCH', `/api/users/${me}`, { body: change })).toMatchObject({
        status: 409,
        body: { code: 'user.last-admin' },
      });
    expect((await admin('DELETE', `/api/users/${me}`)).body.code).toBe('user.last-admin');
    expect((await admin('GET', '/api/session')).body).toMatchObject({ role: 'admin', enabled: true });
    await admin('PATCH', `/api/users/${user.id}`, { body: { role: 'admin' } });
    expect((await admin('DELETE', `/api/users/${me}`)).status).toBe(204);
    expect((await admin('GET', '/api/session')).status).toBe(401);
  });

  it('who have forgotten their password get another one, and are logged out everywhere', async () => {
    const server = await openHttpServer();
    const { admin, user, password } = await letIn(server, { password: 'given-by-the-admin' });
    expect(password).toBeNull();
    const { client } = await server.logIn('Ada', 'given-by-the-admin');
    const reset = await admin('POST', `/api/users/${user.id}/password`);
    expect(reset.body.password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    expect((await client('GET', '/api/session')).status).toBe(401);
    await expect(server.logIn('Ada', 'given-by-the-admin')).rejects.toThrow('cannot log in');
    const again = await server.logIn('Ada', reset.body.password);
    expect((await again.client('GET', '/api/session')).body).toMatchObject({ mustChangePassword: true });
  });

  it('see where they are logged in, and end a session from another one', async () => {
    const server = await openHttpServer();
    const here = await server.logIn();
    const there = await server.logIn();
    const { items } = (await here.client('GET', '/api/session/all')).body;
    expect(items).toHaveLength(2);
    expect(items.filter((one: { current: boolean }) => one.current)).toHaveLength(1);
    expect(items[0]).toMatchObject({ address: '127.0.0.1' });
    const { id } = items.find((one: { current: boolean }) => !one.current);
    expect((await here.client('DELETE', `/api/session/all/${id}`)).status).toBe(204);
    expect((await there.client('GET', '/api/session')).status).toBe(401);
    expect((await here.client('DELETE', `/api/session/all/${id}`)).status).toBe(404);
    const { client, user } = await logInAs(server, { name: 'Eve', role: 'viewer' });
    const own = (await here.client('GET', '/api/session/all')).body.items[0].id;
    expect((await client('DELETE', `/api/session/all/${own}`)).status, 'only one’s own').toBe(404);
    expect((await here.client('DELETE', `/api/users/${user.id}/sessions`)).status).toBe(204);
    expect((await client('GET', '/api/session')).status).toBe(401);
  });
});

describe('a second factor', () => {
  it('is asked for from when it was confirmed; each code and each recovery code counts once', async () => {
    const clock = createHandClock(Date.UTC(2026, 5, 1));
    const server = await openHttpServer({ clock });
    const { client } = await server.logIn();
    const url = '/api/session/second-factor';
    expect((await client('POST', url, { body: { password: 'wrong' } })).body.code).toBe('request.wrong-password');
    const offer = (await client('POST', url, { body: { password: PASSWORD } })).body;
    expect(offer.uri).toMatch(/^otpauth:\/\/totp\/Slowlight:admin\?/);
    const totp = new TOTP({ secret: Secret.fromBase32(offer.secret) });
    const code = () => totp.generate({ timestamp: clock.now() });
    const logIn = (given?: string) =>
      server.anybody('POST', '/api/session', {
        body: { name: 'admin', password: PASSWORD, ...(given && { code: given }) },
      });
    expect((await logIn()).status, 'not confirmed yet').toBe(200);
    expect((await client('POST', `${url}/confirm`, { body: { code: '000000' } })).body.code).toBe('login.code-wrong');
    const confirmed = await client('POST', `${url}/confirm`, { body: { code: code() } });
    const { recoveryCodes } = confirmed.body;
    expect(recoveryCodes).toHaveLength(10);
    expect((await logIn()).body.code).toBe('login.code-needed');
    expect((await logIn(code())).body.code, 'used to confirm').toBe('login.code-wrong');
    await clock.advance(30_000);
    const used = code();
    expect((await logIn(used)).status).toBe(200);
    expect((await logIn(used)).body.code, 'seen over the shoulder').toBe('login.code-wrong');
    expect((await logIn(` ${recoveryCodes[3].toUpperCase()} `)).status).toBe(200);
    expect((await logIn(recoveryCodes[3])).body.code).toBe('login.code-wrong');
    expect((await client('POST', url, { body: { password: PASSWORD } })).body.code).toBe('user.has-second-factor');
    expect((await client('DELETE', url, { body: { password: PASSWORD } })).status).toBe(204);
    expect((await logIn()).status).toBe(200);
  });

  it('takes the code of a clock that is half a minute off, and no older one', () => {
    const secret = new Secret({ size: 20 }).base32;
    const now = Date.UTC(2026, 5, 1);
    const at = (offset: number) =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now + offset });
    expect([-60_000, -30_000, 0, 30_000, 60_000].map((offset) => stepOf(at(offset), secret, now) !== null)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('trying to log in', () => {
  it('gets slower with each try, and costs nothing after the right one', () => {
    expect([0, 9, 10, 11, 12, 40].map((tries) => delayAfter(tries, LIMITS.pair) / 60_000)).toEqual([0, 0, 1, 2, 4, 60]);
  });

  it('from everywhere at once slows the account down, but not at the address where its owner has logged in', async () => {
    const clock = createHandClock(0);
    const limits = createLoginLimits({ clock });
    limits.begin('ada', 'home');
    limits.succeeded('ada', 'home');
    for (let bot = 0; bot < 50; bot += 1) limits.begin('ada', `bot ${bot}`);
    expect(() => limits.begin('ada', 'bot 51')).toThrow('too many tries');
    limits.begin('ada', 'home');
    await clock.advance(5000);
    limits.begin('ada', 'bot 51');
    expect(() => limits.begin('ada', 'bot 52')).toThrow('too many tries');
  });

  it('with a password whose hash is cheap by today’s measure makes a costly one of it', async () => {
    const server = await openHttpServer();
    const cheap = createPasswords({ logN: 8, r: 8, p: 1 });
    await server.records.createUser({
      name: 'Old',
      role: 'viewer',
      passwordHash: await cheap.hash(PASSWORD),
      mustChangePassword: false,
    });
    await server.logIn('old');
    expect((await server.records.userByName('old'))?.passwordHash).toMatch(/^scrypt\$10\$/);
    await server.logIn('old');
  });
});

describe('a token', () => {
  it('does what its scopes say, within its role and its sites, and nothing else', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    const make = async (body: object) => (await admin('POST', '/api/tokens', { body: { name: 'x', ...body } })).body;
    const { secret, token } = await make({ role: 'admin', scopes: ['capture'] });
    expect(token).toMatchObject({ scopes: ['capture'], sites: null, lastUsedAt: null });
    const headers = { authorization: `Bearer ${secret}` };
    expect((await server.anybody('GET', '/api/cameras', { headers })).body.code).toBe('access.out-of-scope');
    expect((await server.anybody('POST', '/api/cameras/cam-0000000000000000/capture', { headers })).body.code).toBe(
      'camera.not-found',
    );
    expect((await server.anybody('POST', '/api/users', { headers, body: { name: 'mine' } })).body.code).toBe(
      'access.out-of-scope',
    );
    const all = await make({ role: 'operator' });
    expect(all.token.scopes).toEqual(['read', 'capture', 'operate']);
    expect(
      (await server.anybody('GET', '/api/session', { headers: { authorization: `Bearer ${all.secret}` } })).status,
    ).toBe(400);
  });
});
