/**
 * The release stack. Push the closer in the line after the opener; `close` runs them last-in-first-out, once, all of them
 * even when one fails, and then throws the first failure.
 */
export interface Closing {
  /** `name` says in the failure what could not be closed. */
  push(name: string, closer: () => unknown): void;
  close(): Promise<void>;
}

export function createClosing(): Closing {
  const closers: { name: string; closer: () => unknown }[] = [];
  let closed: Promise<void> | null = null;

  async function run(): Promise<void> {
    const faults: Error[] = [];
    for (let entry = closers.pop(); entry !== undefined; entry = closers.pop()) {
      try {
        await entry.closer();
      } catch (cause) {
        faults.push(new Error(`could not close ${entry.name}`, { cause }));
      }
    }
    if (faults.length > 0)
      throw faults.length === 1 ? faults[0] : new AggregateError(faults, 'could not close everything');
  }

  return {
    push: (name, closer) => {
      closers.push({ name, closer });
    },
    close: () => {
      closed ??= run();
      return closed;
    },
  };
}
