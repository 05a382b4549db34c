/**
 * How often somebody may try to log in. Promise: guessing gets slower the more of it there is, for an account from one
 * address, for an account from everywhere, and for an address; and nobody can lock somebody out of the address from which
 * that one has logged in before.
 * Kept in the memory of this process: a restart forgets it, but each try costs a slow hash that is made one after the other,
 * so that even without it an address tries a few passwords a second at most.
 */
import { type Clock, Failure } from '@slowlight/protocol/kit';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How many entries are kept; the oldest go first. */
const MOST_KEPT = 20_000;

interface Limit {
  /** So many tries cost nothing. */
  free: number;
  /** The first delay, which doubles with each try, and the longest. */
  firstMs: number;
  mostMs: number;
  /** After so long without a try all is forgotten. */
  forgetMs: number;
}
/** Of one account from one address, of one account from everywhere, of one address. */
export const LIMITS = {
  pair: { free: 10, firstMs: MINUTE_MS, mostMs: 60 * MINUTE_MS, forgetMs: DAY_MS },
  account: { free: 50, firstMs: 5000, mostMs: 15 * MINUTE_MS, forgetMs: DAY_MS },
  address: { free: 60, firstMs: MINUTE_MS, mostMs: 60 * MINUTE_MS, forgetMs: DAY_MS },
} as const satisfies Record<string, Limit>;

/** How long to wait after so many tries, ms. Pure. */
export function delayAfter(tries: number, { free, firstMs, mostMs }: Limit): number {
  return tries < free ? 0 : Math.min(mostMs, firstMs * 2 ** Math.min(30, tries - free));
}

export interface LoginLimits {
  /** Counts a try before it is made. @throws Failure `request.too-many` */
  begin(account: string, address: string): void;
  /** It was the right one: what was counted is forgotten, and the address is known for this account. */
  succeeded(account: string, address: string): void;
}

export function createLoginLimits({ clock }: { clock: Clock }): LoginLimits {
  const counts = new Map<string, { tries: number; lastAt: number }>();
  const known = new Map<string, true>();

  function waitMs(key: string, limit: Limit): number {
    const kept = counts.get(key);
    if (kept === undefined || clock.now() - kept.lastAt > limit.forgetMs) return 0;
    return Math.max(0, kept.lastAt + delayAfter(kept.tries, limit) - clock.now());
  }
  function count(key: string, limit: Limit): void {
    const kept = counts.get(key);
    const now = clock.now();
    const tries = kept === undefined || now - kept.lastAt > limit.forgetMs ? 1 : kept.tries + 1;
    counts.delete(key);
    counts.set(key, { tries, lastAt: now });
    forgetOldest(counts);
  }
  const limitsOf = (account: string, address: string): [key: string, limit: Limit][] => {
    const pair = `${address} ${account}`;
    const all: [string, Limit][] = [
      [`pair ${pair}`, LIMITS.pair],
      [`address ${address}`, LIMITS.address],
    ];
    return known.has(pair) ? all : [...all, [`account ${account}`, LIMITS.account]];
  };

  return {
    begin(account, address) {
      const limits = limitsOf(account, address);
      const wait = Math.max(...limits.map(([key, limit]) => waitMs(key, limit)));
      if (wait > 0) throw tooManyTries(wait);
      for (const [key, limit] of limits) count(key, limit);
    },
    succeeded(account, address) {
      counts.delete(`pair ${address} ${account}`);
      counts.delete(`account ${account}`);
      counts.delete(`address ${address}`);
      known.set(`${address} ${account}`, true);
      forgetOldest(known);
    },
  };
}

function forgetOldest(kept: Map<string, unknown>): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(oldest);
  }
}

function tooManyTries(waitMs: number): Failure {
  const seconds = Math.ceil(waitMs / 1000);
  const span = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return new Failure({
    code: 'request.too-many',
    message: 'There were too many tries to log in.',
    hint: `Wait ${span} and try again. Whoever has forgotten the password can have it reset by an administrator.`,
    retry: 'soon',
  });
}
