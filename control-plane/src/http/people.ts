/**
 * People and their keys. Promise: a password, a session or a token is known here only as a hash, and a wrong name takes
 * as long to refuse as a wrong password.
 */
import type { LoginInput, TokenInput, TokenView, UserId, UserInput, UserView } from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import type { AuditRecords, PeopleRecords } from '../ports-people.ts';
import { createLoginLimits } from './login-limits.ts';
import type { Passwords } from './passwords.ts';
import { createSecondFactor } from './second-factor.ts';
import { hashSecret, newPassword, newSecret } from './secrets.ts';

const DAY_MS = 86_400_000;
export const SESSION_MS = 30 * DAY_MS;
export const FIRST_USER = 'admin';

export type Identity = { kind: 'user'; user: UserView; session: string } | { kind: 'token'; token: TokenView };

/** By which a name that was typed in is known: as the records look for it. */
export const accountKey = (name: string): string => name.trim().normalize('NFKC').toLowerCase();

export interface NewSession {
  user: UserView;
  /** Goes into the cookie; only its hash is stored. */
  secret: string;
}
/** From where somebody logs in. */
export interface From {
  address: string | null;
  browser: string | null;
}
const FROM_INSIDE: From = { address: null, browser: null };

export interface People {
  /** Makes the first user where there is none. Gives the password that was generated; null when there was a user or a given password. */
  ensureFirstUser(givenPassword: string | null): Promise<string | null>;
  /** @throws Failure `login.wrong` | `login.code-needed` | `login.code-wrong` | `request.too-many` */
  logIn(input: LoginInput, from?: From): Promise<NewSession>;
  /** For whoever has proven in another way who they are. */
  openSession(user: UserView, from: From): Promise<NewSession>;
  identify(keys: { bearer: string | null; cookie: string | undefined }): Promise<Identity | null>;
  /** Lets the session live for another 30 days. */
  rollOn(session: string): Promise<void>;
  logOut(session: string): Promise<void>;
  /** Ends all sessions of the user and gives a new one. @throws Failure `request.wrong-password` | `request.too-many` */
  changePassword(user: UserView, change: { current: string; next: string }, from?: From): Promise<NewSession>;
  /** @throws Failure `user.exists` | `site.not-found` */
  createUser(input: UserInput): Promise<{ user: UserView; password: string | null }>;
  /** A new one, which must be changed; all sessions end. @throws Failure `user.not-found` */
  resetPassword(id: UserId): Promise<string>;
  /** @throws Failure `request.wrong-password` | `user.has-second-factor` | `request.too-many` */
  offerSecondFactor(user: UserView, password: string): Promise<{ secret: string; uri: string }>;
  /** @throws Failure `login.code-wrong` | `request.too-many` */
  confirmSecondFactor(user: UserView, code: string): Promise<string[]>;
  /** @throws Failure `request.wrong-password` | `request.too-many` */
  removeSecondFactor(user: UserView, password: string): Promise<boolean>;
  createToken(token: TokenInput): Promise<{ token: TokenView; secret: string }>;
}

export function createPeople(deps: {
  records: PeopleRecords & Pick<AuditRecords, 'auditBegin' | 'auditEnd'>;
  passwords: Passwords;
  clock: Clock;
}): People {
  const { records, passwords, clock } = deps;
  const limits = createLoginLimits(deps);
  const secondFactor = createSecondFactor(deps);

  async function openSession(user: UserView, { address, browser }: From): Promise<NewSession> {
    const secret = newSecret();
    const expiresAt = clock.now() + SESSION_MS;
    await records.createSession({ secretHash: hashSecret(secret), userId: user.id, expiresAt, address, browser });
    return { user, secret };
  }

  /** Whether it is their password; guessed as slowly as at the login. */
  async function wantPassword(user: UserView, password: string): Promise<void> {
    limits.begin(accountKey(user.name), 'logged in');
    const found = await records.userByName(user.name);
    if (!(await passwords.verify(password, found?.passwordHash ?? null))) throw wrongPassword();
    limits.succeeded(accountKey(user.name), 'logged in');
  }

  return {
    openSession,

    async ensureFirstUser(givenPassword) {
      if ((await records.userCount()) > 0) return null;
      const password = givenPassword ?? newPassword();
      const passwordHash = await passwords.hash(password);
      const mustChangePassword = givenPassword === null;
      const actor = { kind: 'system' as const, id: null, name: null };
      const action = 'user: the first one is made';
      const entry = await records.auditBegin({ actor, address: null, action, subject: null, siteId: null });
      const user = await records.createUser({ name: FIRST_USER, role: 'admin', passwordHash, mustChangePassword });
      const { id, name, role } = user;
      const after = { name, role, mustChangePassword };
      await records.auditEnd(entry, { result: 'done', code: null, before: null, after, subject: id });
      return givenPassword === null ? password : null;
    },

    async logIn({ name, password, code }, from = FROM_INSIDE) {
      const account = accountKey(name);
      const address = from.address ?? 'inside';
      limits.begin(account, address);
      const found = await records.userByName(name);
      const isRight = await passwords.verify(password, found?.passwordHash ?? null);
      if (!isRight || found === null || !found.enabled) throw wrongLogin();
      const { passwordHash, secondFactor: secret, ...user } = found;
      if (secret !== null) await secondFactor.prove({ id: user.id, secret }, code);
      limits.succeeded(account, address);
      if (passwordHash !== null && passwords.isCheap(passwordHash))
        await records.rehashPassword(user.id, passwordHash, await passwords.hash(password));
      return openSession(user, from);
    },

    async identify({ bearer, cookie }) {
      if (bearer !== null) {
        const token = await records.tokenBySecret(hashSecret(bearer));
        if (token === null || (token.expiresAt !== null && token.expiresAt <= clock.now())) return null;
        return { kind: 'token', token };
      }
      if (cookie === undefined || cookie === '') return null;
      const session = hashSecret(cookie);
      const user = await records.sessionUser(session);
      return user === null ? null : { kind: 'user', user, session };
    },

    rollOn: (session) => records.extendSession(session, clock.now() + SESSION_MS),
    logOut: (session) => records.deleteSession(session),

    async changePassword(user, { current, next }, from = FROM_INSIDE) {
      await wantPassword(user, current);
      await records.changePassword(user.id, await passwords.hash(next));
      return openSession({ ...user, mustChangePassword: false }, from);
    },

    async createUser({ password: given, ...user }) {
      const password = given === undefined ? newPassword() : given;
      const passwordHash = password === null ? null : await passwords.hash(password);
      const made = await records.createUser({ ...user, passwordHash, mustChangePassword: password !== null });
      return { user: made, password: given === undefined ? password : null };
    },

    async resetPassword(id) {
      if ((await records.user(id)) === null) throw noSuchUser();
      const password = newPassword();
      await records.changePassword(id, await passwords.hash(password), true);
      return password;
    },

    async offerSecondFactor(user, password) {
      await wantPassword(user, password);
      return secondFactor.offer(user);
    },

    async confirmSecondFactor(user, code) {
      limits.begin(accountKey(user.name), 'second factor');
      const recoveryCodes = await secondFactor.confirm(user, code);
      limits.succeeded(accountKey(user.name), 'second factor');
      return recoveryCodes;
    },

    async removeSecondFactor(user, password) {
      await wantPassword(user, password);
      return records.removeSecondFactor(user.id);
    },

    async createToken({ scopes, ...token }) {
      const secret = `slt_${newSecret()}`;
      const made = { ...token, ...(scopes !== undefined && { scopes }), secretHash: hashSecret(secret) };
      return { token: await records.createToken(made), secret };
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
const noSuchUser = () =>
  new Failure({
    code: 'user.not-found',
    message: 'There is no such user.',
    hint: 'It may have been deleted; load the list again.',
    retry: 'never',
  });
