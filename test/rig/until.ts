import { setTimeout as wait } from 'node:timers/promises';

/**
 * Resolves with what `look` gives as soon as that is neither false, null nor undefined.
 * @throws Error with `promise` in its text when that has not come true after `withinMs`
 */
export async function until<Result>(
  promise: string,
  look: () => Result | Promise<Result>,
  withinMs = 10_000,
): Promise<Exclude<Result, false | null | undefined>> {
  const end = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== false && seen !== null && seen !== undefined) return seen as Exclude<Result, false | null | undefined>;
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${promise}`);
    await wait(15);
  }
}
