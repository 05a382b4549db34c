/**
 * Passwords of people, kept as scrypt hashes with their parameters (OWASP Password Storage Cheat Sheet: N = 2^17, r = 8,
 * p = 1). One hash takes 128 MB for a moment, so they are made one after the other, and when too many wait, the next is
 * refused instead of slowing the machine down.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Failure } from '@slowlight/protocol/kit';

const COST = { logN: 17, r: 8, p: 1 };
const KEY_BYTES = 32;
const MOST_WAITING = 20;

export interface Passwords {
  /** `scrypt$logN$r$p$salt$key`, base64. */
  hash(password: string): Promise<string>;
  /** Takes as long when there is no hash (null), so that the time tells nobody which names exist. */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Whether it was made at a cost below today's: then it is to be made anew when the password is known. */
  isCheap(hash: string): boolean;
}

/**
 * @param cost of new hashes; old ones are verified with the parameters that they carry
 * @throws Failure `request.overloaded` from both verbs when too many hashes are waiting
 */
export function createPasswords(cost: Cost = COST): Passwords {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (waiting >= MOST_WAITING) return Promise.reject(tooMany());
    waiting += 1;
    const turn = last.then(work);
    last = turn
      .catch(() => {})
      .finally(() => {
        waiting -= 1;
      });
    return turn;
  }

  return {
    isCheap: (hash) => {
      const known = readHash(hash);
      return known === null || memoryOf(known.paid) * known.paid.p < memoryOf(cost) * cost.p;
    },
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(16);
        const key = await derive(password, salt, cost);
        return ['scrypt', cost.logN, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$');
      }),
    verify: (password, hash) =>
      inTurn(async () => {
        const known = hash === null ? null : readHash(hash);
        const { salt, key, paid } = known ?? { salt: randomBytes(16), key: randomBytes(KEY_BYTES), paid: cost };
        const given = await derive(password, salt, paid);
        return timingSafeEqual(given, key) && known !== null;
      }),
  };
}

type Cost = typeof COST;

const memoryOf = ({ logN, r }: Cost): number => 128 * r * 2 ** logN;

function derive(password: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  const options = { N: 2 ** logN, r, p, maxmem: 256 * r * 2 ** logN };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (fault, key) =>
      fault ? reject(fault) : resolve(key),
    );
  });
}

function readHash(hash: string): { salt: Buffer; key: Buffer; paid: Cost } | null {
  const [name, logN, r, p, salt, key, ...more] = hash.split('$');
  if (name !== 'scrypt' || salt === undefined || key === undefined || more.length > 0) return null;
  const paid = { logN: Number(logN), r: Number(r), p: Number(p) };
  const read = Buffer.from(key, 'base64');
  if (!Object.values(paid).every(Number.isInteger) || paid.logN > 20 || read.length !== KEY_BYTES) return null;
  return { salt: Buffer.from(salt, 'base64'), key: read, paid };
}

const tooMany = () =>
  new Failure({
    code: 'request.overloaded',
    message: 'Too many people are logging in at once.',
    hint: 'Wait a few seconds and try again.',
    retry: 'soon',
  });
