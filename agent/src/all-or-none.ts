/** Runs them side by side; where one breaks, which none should, all stop. */
export async function allOrNone(
  running: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const broken = new AbortController();
  const either = AbortSignal.any([signal, broken.signal]);
  const ends = await Promise.allSettled(
    running.map(async (run) => {
      try {
        await run(either);
      } catch (cause) {
        broken.abort();
        throw cause;
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
