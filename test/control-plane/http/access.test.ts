import { createPasswords } from '@slowlight/control-plane/src/http/passwords.ts';
import { createPeople } from '@slowlight/control-plane/src/http/people.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';
import { openHttpServer, PASSWORD } from '../../rig/http-server.ts';

/** The only addresses that may be asked without a login. */
const OPEN = [
  'POST /api/session',
  'GET /api/session/ways',
  'GET /api/openapi.json',
  'GET /api/docs',
  'GET /health/live',
  'GET /health/ready',
  'PUT /objects/*',
  // A broker shows its secret and an agent its token in the body.
  'POST /api/broker/auth',
  'POST /api/broker/acl',
  'POST /api/enrol',
  'GET /',
  'GET /*',
  'HEAD /*',
];
/** Behind a link for strangers, whose secret is in the address; and the pages that show it. */
const SHARED = /^(GET|HEAD) (\/api\/share\/:token(\/(frames|videos)\b.*)?|\/embed\/:token)$/;
const isOpen = (route: string) =>
  OPEN.includes(route) || SHARED.test(route) || /^(GET|HEAD) \/api\/docs(\/|$)/.test(route);

function fill(url: string): string {
  return url.replace(':id', 'sit-0000000000000000').replace('*', 'x');
}

describe('without a login', () => {
  it('every address but the known open ones answers 401, and says so as a problem', async () => {
    const server = await openHttpServer();
    const routes = server.server.routes().filter(({ method }) => method !== 'OPTIONS');
    const closed = routes.filter(({ method, url }) => !isOpen(`${method} ${url}`));
    expect(closed.length).toBeGreaterThan(35);
    for (const { method, url, access } of closed) {
      expect(access, `${method} ${url}`).not.toBe('open');
      const reply = await server.anybody(method, fill(url), method === 'GET' || method === 'HEAD' ? {} : { body: {} });
      expect([method, url, reply.status]).toEqual([method, url, 401]);
      if (method !== 'HEAD') {
        expect(reply.headers.get('content-type')).toContain('application/problem+json');
        expect(reply.body).toMatchObject({ status: 401, code: 'login.needed' });
      }
    }
  });

  it('the open ones are exactly those that are known', async () => {
    const server = await openHttpServer();
    const open = server.server.routes().filter(({ access }) => access === 'open');
    expect(open.length).toBeGreaterThan(5);
    expect(open.map(({ method, url }) => `${method} ${url}`).filter((route) => !isOpen(route))).toEqual([]);
  });
});

describe('logging in', () => {
  it('gives a cookie that scripts cannot read, and says that the first password should be changed', async () => {
    const server = await openHttpServer();
    const reply = await server.anybody('POST', '/api/session', { body: { name: 'Admin', password: PASSWORD } });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ name: 'admin', role: 'admin', mustChangePassword: false });
    expect(reply.headers.get('set-cookie')).toMatch(
      /^slowlight_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  it('over https makes the cookie secure', async () => {
    const server = await openHttpServer({ publicUrl: 'https://slowlight.example.org' });
    const reply = await server.anybody('POST', '/api/session', { body: { name: 'admin', password: PASSWORD } });
    expect(reply.headers.get('set-cookie')).toContain('; Secure');
  });

  it('with a wrong name or password fails alike, and the tenth try within a minute is the last', async () => {
    const server = await openHttpServer();
    const replies = [];
    for (let tries = 0; tries < 11; tries += 1)
      replies.push(await server.anybody('POST', '/api/session', { body: { name: 'ghost', password: 'wrong' } }));
    const wrong = await server.anybody('POST', '/api/session', { body: { name: 'admin', password: 'wrong' } });
    expect(replies.slice(0, 10).every(({ status, body }) => status === 401 && body.code === 'login.wrong')).toBe(true);
    expect(replies[10]).toMatchObject({ status: 429, body: { code: 'request.too-many' } });
    expect(wrong.body).toEqual(replies[0]?.body);
  });

  it('counts the tries of an account, however its name is written', async () => {
    const server = await openHttpServer();
    const names = [
      'admin',
      'ADMIN',
      ' admin',
      'admin ',
      '\tadmin',
      'ａdmin',
      'aｄmin',
      'adｍin',
      'admｉn',
      'admiｎ',
      'ａｄmin',
    ];
    const statuses = [];
    for (const name of names)
      statuses.push((await server.anybody('POST', '/api/session', { body: { name, password: 'wrong' } })).status);
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
  });

  it('is slowed for an address that tries many names, so that others still get in', async () => {
    const server = await openHttpServer();
    const body = (index: number) => ({ body: { name: `guess ${index}`, password: 'wrong' } });
    const tries = Array.from({ length: 80 }, (_, index) => server.anybody('POST', '/api/session', body(index)));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    expect((await server.anybody('GET', '/health/live')).status).toBe(200);
  });

  it('ends with logging out', async () => {
    const server = await openHttpServer();
    const { client } = await server.logIn();
    expect((await client('GET', '/api/session')).body).toMatchObject({ name: 'admin' });
    expect((await client('DELETE', '/api/session')).status).toBe(204);
    expect((await client('GET', '/api/session')).status).toBe(401);
  });

  it('elsewhere ends when the password is changed, and the new one counts', async () => {
    const server = await openHttpServer();
    const here = await server.logIn();
    const elsewhere = await server.logIn();
    const change = (current: string, next: string) =>
      here.client('POST', '/api/session/password', { body: { current, next } });
    expect(await change('not-the-password', 'a-new-password')).toMatchObject({
      status: 400,
      body: { code: 'request.wrong-password' },
    });
    expect((await change(PASSWORD, 'short')).body.fields).toEqual([
      { path: 'next', problem: 'must have at least 10 characters' },
    ]);
    const changed = await change(PASSWORD, 'a-new-password');
    expect(changed).toMatchObject({ status: 200, body: { mustChangePassword: false } });
    expect((await elsewhere.client('GET', '/api/session')).status).toBe(401);
    expect((await here.client('GET', '/api/session')).status).toBe(401);
    await expect(server.logIn()).rejects.toThrow('cannot log in');
    expect((await (await server.logIn('admin', 'a-new-password')).client('GET', '/api/sites')).status).toBe(200);
  });

  it('never leaves a password in the log or the database', async () => {
    const server = await openHttpServer();
    await server.anybody('POST', '/api/session', { body: { name: 'admin', password: 'guess-guess-guess' } });
    await server.anybody('POST', '/api/session', { body: { name: 'admin', password: 'guess-guess-guess', extra: 1 } });
    const user = await server.records.userByName('admin');
    expect(JSON.stringify(user)).not.toContain(PASSWORD);
    expect(server.logged.join('')).not.toMatch(/guess-guess|a-password-for-tests/);
  });
});

describe('the first user', () => {
  it('is made once, with a generated password that must be changed and is stored only as a costly hash', async () => {
    const { records } = await openHttpServer({ firstUser: false });
    const people = createPeople({ records, passwords: createPasswords(), clock: systemClock });
    const password = await people.ensureFirstUser(null);
    expect(password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    expect(await people.ensureFirstUser(null)).toBeNull();
    const stored = await records.userByName('admin');
    expect(stored).toMatchObject({ role: 'admin', mustChangePassword: true });
    expect(stored?.passwordHash).toMatch(/^scrypt\$17\$8\$1\$/);
    const { user } = await people.logIn({ name: 'admin', password: password ?? '' });
    expect(user.mustChangePassword).toBe(true);
  });
});

describe('a page of another address', () => {
  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example.org' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 201],
  ])('with %j gets %i when it changes something', async (headers, status) => {
    const server = await openHttpServer();
    const { client } = await server.logIn();
    const reply = await client('POST', '/api/sites', { body: { name: 'A', timeZone: 'UTC' }, headers });
    expect(reply.status).toBe(status);
    expect((await client('GET', '/api/sites', { headers })).body.items).toHaveLength(status === 201 ? 1 : 0);
  });
});

describe('an API token', () => {
  it('opens what its role may do, is shown once, and opens nothing when it is deleted or over', async () => {
    const server = await openHttpServer();
    const { client } = await server.logIn();
    const make = async (body: object) => (await client('POST', '/api/tokens', { body })).body;
    const viewer = await make({ name: 'wall', role: 'viewer' });
    const over = await make({ name: 'old', role: 'admin', expiresAt: Date.now() - 1 });
    const bearer = (secret: string) => ({
      headers: { authorization: `Bearer ${secret}`, 'sec-fetch-site': 'cross-site' },
    });
    expect((await server.anybody('GET', '/api/sites', bearer(viewer.secret))).status).toBe(200);
    expect(await server.anybody('POST', '/api/sites', { ...bearer(viewer.secret), body: {} })).toMatchObject({
      status: 403,
      body: { code: 'access.role-too-low' },
    });
    expect((await server.anybody('GET', '/api/sites', bearer(over.secret))).status).toBe(401);
    expect((await server.anybody('GET', '/api/sites', bearer(`${viewer.secret}x`))).status).toBe(401);
    const listed = await client('GET', '/api/tokens');
    expect(listed.body.items).toHaveLength(2);
    expect(JSON.stringify(listed.body)).not.toContain(viewer.secret);
    expect((await client('DELETE', `/api/tokens/${viewer.token.id}`)).status).toBe(204);
    expect((await client('DELETE', `/api/tokens/${viewer.token.id}`)).status).toBe(404);
    expect((await server.anybody('GET', '/api/sites', bearer(viewer.secret))).status).toBe(401);
  });

  it('of an operator commands, but arranges nothing', async () => {
    const server = await openHttpServer();
    const { client } = await server.logIn();
    const { secret } = (await client('POST', '/api/tokens', { body: { name: 'op', role: 'operator' } })).body;
    const headers = { authorization: `Bearer ${secret}` };
    const absent = 'cam-0000000000000000';
    expect((await server.anybody('POST', `/api/cameras/${absent}/capture`, { headers })).status).toBe(404);
    expect((await server.anybody('DELETE', `/api/cameras/${absent}`, { headers })).status).toBe(403);
  });
});
