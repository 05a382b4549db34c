import { toFailure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { type Api, problems } from '../api.ts';
import type { OpenIdDoor } from '../deps.ts';
import type { People } from '../people.ts';
import { fromOf, giveSession } from './session.ts';

const COOKIE = 'slowlight_open_id';
const PATH = '/api/session/open-id';
/** How long somebody may take at the provider. */
const LIFE_SECONDS = 600;
const TRIES_A_MINUTE = 60;

/** There and back again: the browser goes to the identity provider and comes back logged in. */
export function openIdRoutes(
  app: Api,
  { people, openId, secureCookie }: { people: People; openId: OpenIdDoor; secureCookie: boolean },
  done: () => void,
): void {
  const config = { access: 'open', rateLimit: { max: TRIES_A_MINUTE, timeWindow: 60_000 } } as const;

  app.route({
    method: 'GET',
    url: PATH,
    config,
    schema: { tags: ['session'], summary: 'Go to the identity provider to log in', response: { ...problems } },
    async handler(request, reply) {
      const { url, kept } = await openId.begin();
      // Lax: the browser comes back by a link of another site, and must bring it along.
      reply.setCookie(COOKIE, kept, {
        path: PATH,
        httpOnly: true,
        sameSite: 'lax',
        secure: secureCookie || request.protocol === 'https',
        maxAge: LIFE_SECONDS,
      });
      return reply.redirect(url);
    },
  });

  app.route({
    method: 'GET',
    url: `${PATH}/return`,
    config,
    schema: {
      tags: ['session'],
      summary: 'Come back from the identity provider, logged in',
      querystring: z.record(z.string(), z.unknown()),
    },
    async handler(request, reply) {
      reply.clearCookie(COOKIE, { path: PATH });
      const address = new URL(request.url, 'http://here');
      try {
        const user = await openId.finish(address, request.cookies[COOKIE] ?? '');
        const { secret } = await people.openSession(user, fromOf(request));
        return giveSession(request, reply, secret, secureCookie).redirect('/');
      } catch (thrown) {
        const { code, message } = toFailure(thrown);
        request.log.warn({ code, reason: message }, 'somebody could not log in through the identity provider');
        return reply.redirect(`/?${new URLSearchParams({ login: code })}`);
      }
    },
  });
  done();
}
