/**
 * Codes that change every half minute (RFC 6238, six digits, SHA-1 as every authenticator understands it), and recovery codes
 * for when the device is lost. Promise: a code counts once.
 */
import type { UserId, UserView } from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import { Secret, TOTP } from 'otpauth';
import type { PeopleRecords } from '../ports-people.ts';
import { hashSecret, newRecoveryCode } from './secrets.ts';

const STEP_MS = 30_000;
/** How many steps a clock may be off. */
const MOST_OFF = 1;
const RECOVERY_CODES = 10;

export interface SecondFactor {
  /** Something to put into an authenticator. @throws Failure `user.has-second-factor` */
  offer(user: UserView): Promise<{ secret: string; uri: string }>;
  /** Gives the recovery codes; they are shown once. @throws Failure `login.code-wrong` */
  confirm(user: UserView, code: string): Promise<string[]>;
  /** @throws Failure `login.code-needed` | `login.code-wrong` */
  prove(user: { id: UserId; secret: string }, code: string | undefined): Promise<void>;
}

/** The step of a code, or null where it is none of about now. Pure. */
export function stepOf(code: string, secret: string, now: number): number | null {
  const totp = new TOTP({ secret: Secret.fromBase32(secret), period: STEP_MS / 1000 });
  const delta = totp.validate({ token: code, timestamp: now, window: MOST_OFF });
  return delta === null ? null : Math.floor(now / STEP_MS) + delta;
}

export function createSecondFactor({ records, clock }: { records: PeopleRecords; clock: Clock }): SecondFactor {
  return {
    async offer(user) {
      const secret = new Secret({ size: 20 });
      if (!(await records.offerSecondFactor(user.id, secret.base32))) throw hasOne();
      return { secret: secret.base32, uri: new TOTP({ issuer: 'Slowlight', label: user.name, secret }).toString() };
    },

    async confirm(user, code) {
      const secret = await records.offeredSecondFactor(user.id);
      const step = secret === null ? null : stepOf(digits(code), secret, clock.now());
      if (secret === null || step === null) throw wrongCode();
      const recoveryCodes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
      const proof = { secret, step, recoveryHashes: recoveryCodes.map((one) => hashSecret(plain(one))) };
      if (!(await records.confirmSecondFactor(user.id, proof))) throw hasOne();
      return recoveryCodes;
    },

    async prove({ id, secret }, code) {
      if (code === undefined || code.trim() === '') throw needCode();
      const step = /^\d{6}$/.test(digits(code)) ? stepOf(digits(code), secret, clock.now()) : null;
      const isRight =
        step === null ? await records.takeRecoveryCode(id, hashSecret(plain(code))) : await records.takeStep(id, step);
      if (!isRight) throw wrongCode();
    },
  };
}

const digits = (code: string): string => code.replace(/\s/g, '');
const plain = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '');

const needCode = () =>
  new Failure({
    code: 'login.code-needed',
    message: 'This account also asks for a code.',
    hint: 'Type the code that your authenticator shows, or one of your recovery codes.',
    retry: 'never',
  });
const wrongCode = () =>
  new Failure({
    code: 'login.code-wrong',
    message: 'The code is not right, or it was used before.',
    hint: 'Wait for the next code and type that one. If none is ever right, look whether the clock of your device is.',
    retry: 'never',
  });
const hasOne = () =>
  new Failure({
    code: 'user.has-second-factor',
    message: 'There is a second factor already.',
    hint: 'Remove it first, then set up another one.',
    retry: 'never',
  });
