/** What was, what is, and what was taken back. Pure. */
export interface History<State> {
  past: readonly State[];
  now: State;
  future: readonly State[];
  /** Edits of the same thing in one go (letters of a word, a slider that is pulled) are taken back together. */
  group: string | null;
}

const MOST = 200;

export const begin = <State>(now: State): History<State> => ({ past: [], now, future: [], group: null });

/** @param group null: a step of its own */
export function edit<State>(history: History<State>, next: State, group: string | null): History<State> {
  if (next === history.now) return history;
  const together = group !== null && group === history.group;
  const past = together ? history.past : [...history.past, history.now].slice(-MOST);
  return { past, now: next, future: [], group };
}

export function undo<State>(history: History<State>): History<State> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], group: null };
}

export function redo<State>(history: History<State>): History<State> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, group: null };
}
