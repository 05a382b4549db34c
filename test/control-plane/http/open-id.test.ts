import {
  createOpenIdDoor,
  nameByClaims,
  type OpenIdOptions,
  roleByClaims,
} from '@slowlight/control-plane/src/http/open-id.ts';
import { describe, expect, it } from 'vitest';
import { openHttpServer } from '../../rig/http-server.ts';
import { browse, openIdentityProvider } from '../../rig/identity-provider.ts';

const RETURN = '/api/session/open-id/return';

async function openHouse(options: Partial<OpenIdOptions> = {}) {
  // The provider is told where browsers come back to before the server listens, so the way back is put right on the way.
  const returnTo = 'http://slowlight.invalid/api/session/open-id/return';
  const provider = await openIdentityProvider({ returnTo });
  const server = await openHttpServer({
    openId: (records) =>
      createOpenIdDoor(
        { records },
        {
          issuer: provider.issuer,
          clientId: 'slowlight',
          clientSecret: 'a-secret-of-the-client-0123456789',
          name: 'the town',
          scopes: 'openid profile email',
          nameClaim: 'preferred_username',
          roles: null,
          create: false,
          returnTo,
          ...options,
        },
      ),
  });
  /** Comes back to the page at which whoever logs in ends. */
  async function logIn(sub: string) {
    const begun = await fetch(`${server.address}/api/session/open-id`, { redirect: 'manual' });
    const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const { url } = await browse(begun.headers.get('location') ?? '', sub, (at) => at.hostname === 'slowlight.invalid');
    const back = (search: string, kept = cookie) =>
      fetch(`${server.address}${RETURN}${search}`, { redirect: 'manual', headers: { cookie: kept } });
    return { url, cookie, back };
  }
  async function comeIn(sub: string) {
    const { url, back } = await logIn(sub);
    const reply = await back(url.search);
    const session = reply.headers
      .getSetCookie()
      .find((line) => line.startsWith('slowlight_session='))
      ?.split(';')[0];
    const { body } = await server.anybody('GET', '/api/session', { headers: { cookie: session ?? '' } });
    return { location: reply.headers.get('location'), user: body };
  }
  return { server, provider, logIn, comeIn };
}

describe('the claims of an identity provider', () => {
  const roles = {
    claim: 'groups',
    values: [
      { value: 'staff', role: 'viewer' },
      { value: 'boss', role: 'admin' },
    ],
  } as const;
  it.each([
    [{ groups: ['staff', 'boss'] }, 'admin'],
    [{ groups: 'staff' }, 'viewer'],
    [{ groups: ['other', 7] }, null],
    [{}, null],
  ])('%j give the role %s', (claims, role) => expect(roleByClaims(claims, roles)).toBe(role));
  it.each([
    [{ email: 'a@b.org', email_verified: true }, 'email', 'a@b.org'],
    [{ email: 'a@b.org' }, 'email', null],
    [{ preferred_username: ' ada ' }, 'preferred_username', 'ada'],
    [{ preferred_username: 7 }, 'preferred_username', null],
  ])('%j by %s name %s', (claims, claim, name) => expect(nameByClaims(claims, claim)).toBe(name));
});

describe('logging in through an identity provider', () => {
  it('lets in whom an administrator has made a user without a password, and only that one', async () => {
    const { server, provider, comeIn } = await openHouse();
    provider.people.set('1', { sub: '1', preferred_username: 'Ada' });
    provider.people.set('2', { sub: '2', preferred_username: 'admin' });
    provider.people.set('3', { sub: '3', preferred_username: 'Ada' });
    const { client: admin } = await server.logIn();
    expect((await server.anybody('GET', '/api/session/ways')).body).toEqual({
      password: true,
      openId: { name: 'the town' },
    });
    expect((await comeIn('1')).location).toBe('/?login=login.not-known-here');
    const made = await admin('POST', '/api/users', { body: { name: 'ada', role: 'viewer', password: null } });
    expect(made.body).toMatchObject({ password: null, user: { hasPassword: false, mustChangePassword: false } });
    expect(await comeIn('1')).toMatchObject({ location: '/', user: { name: 'ada', role: 'viewer' } });
    expect((await comeIn('2')).location, 'a name is no proof where there is a password').toBe(
      '/?login=login.not-known-here',
    );
    expect((await comeIn('3')).location, 'the name is taken by another subject').toBe('/?login=login.not-known-here');
    provider.people.set('1', { sub: '1', preferred_username: 'Ada Lovelace' });
    expect(await comeIn('1'), 'known by subject from then on').toMatchObject({ user: { name: 'ada' } });
    await admin('PATCH', `/api/users/${made.body.user.id}`, { body: { enabled: false } });
    expect((await comeIn('1')).location).toBe('/?login=login.not-known-here');
  });

  it('gives the roles of a claim at each login, and makes people known where that was asked for', async () => {
    const values = [
      { value: 'boss', role: 'admin' },
      { value: 'staff', role: 'viewer' },
    ] as const;
    const { provider, comeIn } = await openHouse({ create: true, roles: { claim: 'groups', values } });
    provider.people.set('1', { sub: '1', preferred_username: 'Ada', groups: ['staff'] });
    provider.people.set('2', { sub: '2', preferred_username: 'Eve', groups: [] });
    expect(await comeIn('1')).toMatchObject({
      location: '/',
      user: { name: 'Ada', role: 'viewer', hasPassword: false },
    });
    provider.people.set('1', { sub: '1', preferred_username: 'Ada', groups: ['boss'] });
    expect((await comeIn('1')).user).toMatchObject({ role: 'admin' });
    expect((await comeIn('2')).location).toBe('/?login=login.not-known-here');
  });

  it('takes nothing that another browser began, that was changed, or that was used before', async () => {
    const { provider, logIn } = await openHouse({ create: true });
    provider.people.set('1', { sub: '1', preferred_username: 'Ada' });
    const [mine, theirs] = [await logIn('1'), await logIn('1')];
    const where = async (reply: Promise<Response>) => (await reply).headers.get('location');
    const refused = '/?login=login.provider-refused';
    expect(await where(mine.back(theirs.url.search)), 'the answer to another browser').toBe(refused);
    expect(await where(mine.back(mine.url.search, '')), 'nothing was begun').toBe(refused);
    expect(await where(mine.back(mine.url.search.replace(/state=[^&]+/, 'state=x')))).toBe(refused);
    expect(await where(mine.back(mine.url.search))).toBe('/');
    expect(await where(mine.back(mine.url.search)), 'once').toBe(refused);
  });

  it('does not keep those with passwords out while the provider is away', async () => {
    const { server } = await openHouse({ issuer: 'http://127.0.0.1:1' });
    expect(await server.anybody('GET', '/api/session/open-id')).toMatchObject({
      status: 503,
      body: { code: 'login.provider-away' },
    });
    await server.logIn();
  });
});
