// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** How one can log in here */
export const getSessionWays = (asked: Asked = {}): Promise<Out<typeof p.loginWays>> =>
  call('GET', '/api/session/ways', asked);

/** Log in */
export const postSession = (asked: { body: In<typeof p.loginInput> } & Asked): Promise<Out<typeof p.userView>> =>
  call('POST', '/api/session', asked);

/** Who is logged in */
export const getSession = (asked: Asked = {}): Promise<Out<typeof p.userView>> =>
  call('GET', '/api/session', asked);

/** Log out */
export const deleteSession = (asked: Asked = {}): Promise<void> =>
  call('DELETE', '/api/session', asked);

/** Change the own password; every other session of the user ends */
export const postSessionPassword = (asked: { body: In<typeof p.passwordInput> } & Asked): Promise<Out<typeof p.userView>> =>
  call('POST', '/api/session/password', asked);

/** Where one is logged in, newest first */
export const getSessionAll = (asked: Asked = {}): Promise<{ items: (Out<typeof p.sessionView>)[]; next: null }> =>
  call('GET', '/api/session/all', asked);

/** End one of the own sessions */
export const deleteSessionAllBySession = ({ session, ...asked }: { session: string } & Asked): Promise<void> =>
  call('DELETE', `/api/session/all/${encodeURIComponent(session)}`, asked);

/** Begin with a second factor: put this into an authenticator, then confirm it with a code */
export const postSessionSecondFactor = (asked: { body: { password: string } } & Asked): Promise<Out<typeof p.secondFactorOffer>> =>
  call('POST', '/api/session/second-factor', asked);

/** Log in without a code again */
export const deleteSessionSecondFactor = (asked: { body: { password: string } } & Asked): Promise<void> =>
  call('DELETE', '/api/session/second-factor', asked);

/** From now on logging in asks for a code; the recovery codes are shown in this answer and never again */
export const postSessionSecondFactorConfirm = (asked: { body: { code: string } } & Asked): Promise<Out<typeof p.secondFactorConfirmed>> =>
  call('POST', '/api/session/second-factor/confirm', asked);
