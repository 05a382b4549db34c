import type { TestContext } from 'vitest';

/**
 * A real engine that this machine has not: in CI that fails, elsewhere the test says that it was not run and how it would be.
 * @throws Error in CI
 */
export function notRun(context: TestContext, what: string, how: string): never {
  const note = `not run: ${what} is missing; to run it: ${how}`;
  if (process.env.CI === 'true') throw new Error(note);
  console.warn(note);
  return context.skip(note);
}
