/** A real OpenID provider on this machine, and somebody's browser going through it. Goes with the test. */
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { onTestFinished } from 'vitest';

export interface ProviderPerson {
  sub: string;
  [claim: string]: unknown;
}

export async function openIdentityProvider({ returnTo }: { returnTo: string }) {
  const people = new Map<string, ProviderPerson>();
  const issuerPort = await freePort();
  const issuer = `http://127.0.0.1:${issuerPort}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'slowlight',
        client_secret: 'a-secret-of-the-client-0123456789',
        redirect_uris: [returnTo],
        token_endpoint_auth_method: 'client_secret_post',
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: { profile: ['preferred_username', 'groups'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: async () => people.get(id) ?? { sub: id },
    }),
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['one-key-for-tests'] },
  });
  provider.on('server_error', () => {});
  const server = provider.listen(issuerPort, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { issuer, people };
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A browser: keeps cookies for each origin, follows redirects until `isThere`, and logs in where it is asked to. */
export async function browse(start: string, login: string, isThere: (url: URL) => boolean) {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: URL) => jars.get(url.origin) ?? jars.set(url.origin, new Map()).get(url.origin) ?? new Map();
  let url = new URL(start);
  let form: URLSearchParams | null = null;
  for (let steps = 0; steps < 20; steps += 1) {
    if (isThere(url)) return { url, cookies: jarOf(url) };
    const cookie = [...jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply: Response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form !== null && { method: 'POST', body: form }),
    });
    form = null;
    for (const line of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jarOf(url).delete(name);
      else jarOf(url).set(name, value);
    }
    const location = reply.headers.get('location');
    if (location !== null) {
      url = new URL(location, url);
      continue;
    }
    const page = await reply.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
    if (action === undefined) throw new Error(`stuck at ${url.href}: ${reply.status} ${page.slice(0, 300)}`);
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? 'login';
    form = new URLSearchParams(prompt === 'login' ? { prompt, login, password: 'x' } : { prompt });
    url = new URL(action, url);
  }
  throw new Error(`never arrived; last at ${url.href}`);
}
