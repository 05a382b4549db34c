/**
 * People and their keys. Promise: a password, a session or a token is known here only as a hash, and a wrong name takes
 * as long to refuse as a wrong password.
 */
import type { TokenView, UserView } from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { PeopleRecords } from '../ports.ts';
import type { Passwords } from './passwords.ts';
import { hashSecret, newPassword, newSecret } from './secrets.ts';

const DAY_MS = 86_400_000;
export const SESSION_MS = 30 * DAY_MS;
export const FIRST_USER = 'admin';

export type Identity =
  | { kind: 'user'; role: UserView['role']; user: UserView; session: string }
  | { kind: 'token'; role: TokenView['role']; token: TokenView };

/** By which a name that was typed in is known: as the records look for it. */
export const accountKey = (name: string): string => name.trim().normalize('NFKC').toLowerCase();

export interface NewSession {
  user: UserView;
  /** Goes into the cookie; only its hash is stored. */
  secret: string;
}

export interface People {
  /** Makes the first user where there is none. Gives the password that was generated; null when there was a user or a given password. */
  ensureFirstUser(givenPassword: string | null): Promise<string | null>;
  /** @throws Failure `login.wrong` */
  logIn(name: string, password: string): Promise<NewSession>;
  identify(keys: { bearer: string | null; cookie: string | undefined }): Promise<Identity | null>;
  /** Lets the session live for another 30 days. */
  rollOn(session: string): Promise<void>;
  logOut(session: string): Promise<void>;
  /** Ends all sessions of the user and gives a new one. @throws Failure `request.wrong-password` */
  changePassword(user: UserView, current: string, next: string): Promise<NewSession>;
  createToken(token: { name: string; role: TokenView['role']; expiresAt: number | null }): Promise<{
    token: TokenView;
    secret: string;
  }>;
}

export function createPeople(deps: { records: PeopleRecords; passwords: Passwords; clock: Clock }): People {
  const { records, passwords, clock } = deps;

  async function openSession(user: UserView): Promise<NewSession> {
    const secret = newSecret();
    const expiresAt = clock.now() + SESSION_MS;
    await records.createSession({ secretHash: hashSecret(secret), userId: user.id, expiresAt });
    return { user, secret };
  }

  return {
    async ensureFirstUser(givenPassword) {
      if ((await records.userCount()) > 0) return null;
      const password = givenPassword ?? newPassword();
      const passwordHash = await passwords.hash(password);
      const mustChangePassword = givenPassword === null;
      await records.createUser({ name: FIRST_USER, role: 'admin', passwordHash, mustChangePassword });
      return givenPassword === null ? password : null;
    },

    async logIn(name, password) {
      const found = await records.userByName(name);
      if (!(await passwords.verify(password, found?.passwordHash ?? null)) || found === null) throw wrongLogin();
      const { passwordHash: _, ...user } = found;
      return openSession(user);
    },

    async identify({ bearer, cookie }) {
      if (bearer !== null) {
        const token = await records.tokenBySecret(hashSecret(bearer));
        if (token === null || (token.expiresAt !== null && token.expiresAt <= clock.now())) return null;
        return { kind: 'token', role: token.role, token };
      }
      if (cookie === undefined || cookie === '') return null;
      const session = hashSecret(cookie);
      const user = await records.sessionUser(session);
      return user === null ? null : { kind: 'user', role: user.role, user, session };
    },

    rollOn: (session) => records.extendSession(session, clock.now() + SESSION_MS),
    logOut: (session) => records.deleteSession(session),

    async changePassword(user, current, next) {
      const found = await records.userByName(user.name);
      if (!(await passwords.verify(current, found?.passwordHash ?? null))) throw wrongPassword();
      await records.changePassword(user.id, await passwords.hash(next));
      await records.deleteSessionsOf(user.id);
      return openSession({ ...user, mustChangePassword: false });
    },

    async createToken(token) {
      const secret = `slt_${newSecret()}`;
      return { token: await records.createToken({ ...token, secretHash: hashSecret(secret) }), secret };
    },
  };
}

const wrongLogin = () =>
  new Failure({
    code: 'login.wrong',
    message: 'The name or the password is not right.',
    hint: 'Try again. The first password was printed where Slowlight was started for the first time.',
    retry: 'never',
  });
const wrongPassword = () =>
  new Failure({
    code: 'request.wrong-password',
    message: 'The current password is not right, so nothing was changed.',
    hint: 'Type your current password again.',
    retry: 'never',
  });
