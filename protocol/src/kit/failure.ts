/**
 * Surprises. Expected outcomes (not ready, duplicate, rejected picture) are values; everything else that goes wrong is
 * thrown as a `Failure`, translated once in the room that owns the library it came from.
 */

/** When it is worth trying again: with the usual back-off, after something has been changed, or not at all. */
export type Retry = 'soon' | 'later' | 'never';

export interface FailureOptions {
  /** Stable for programs, such as `capture.timed-out`. */
  code: string;
  /** What happened, for people; without credentials. */
  message: string;
  /** One sentence for the person at the mast: what to do. */
  hint: string;
  retry: Retry;
  cause?: unknown;
}

export class Failure extends Error {
  readonly code: string;
  readonly retry: Retry;
  readonly hint: string;

  constructor(options: FailureOptions) {
    super(options.message, { cause: options.cause });
    this.name = 'Failure';
    this.code = options.code;
    this.retry = options.retry;
    this.hint = options.hint;
  }
}

/**
 * What is thrown may be anything: gives a `Failure` as it is and wraps the rest.
 * @param code the code for what is not a `Failure` yet
 */
export function toFailure(thrown: unknown, code = 'unexpected'): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure({
    code,
    message: messageOf(thrown),
    hint: 'This is a fault in Slowlight itself: please report it with the log lines around it.',
    retry: 'later',
    cause: thrown,
  });
}

/** The message of anything that can be thrown, with credentials cut from addresses. */
export function messageOf(thrown: unknown): string {
  return withoutCredentials(thrown instanceof Error ? thrown.message : String(thrown));
}

/** Replaces the `user:password@` of every address in a text by `***@`. */
export function withoutCredentials(text: string): string {
  // Both lengths are bounded: on a long text without spaces the time would otherwise grow with its square.
  return text.replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/'"]{0,1024}@/gi, '$1***@');
}

/** The code of a system error such as `ENOSPC`; null for anything else. */
export function systemCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}
