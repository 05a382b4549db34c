/** What the server says of a failure it says in English: nothing to be said in its place. */
export const failures = {
  /** By code: what happened, and what to do. */
  failures: {} as Readonly<Record<string, readonly [message: string, hint: string]>>,
  /** What is wrong with a field, as the server says it. */
  fieldProblem: (said: string): string => said,
};
