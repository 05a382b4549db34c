import { Failure, systemCode } from '@slowlight/protocol/kit';

interface Meaning {
  code: string;
  says: (file: string) => string;
  hint: string;
  retry: 'soon' | 'later' | 'never';
}

/** By the start of SQLite's own code; the first that fits. */
const MEANINGS: readonly [start: string, meaning: Meaning][] = [
  [
    'SQLITE_BUSY',
    {
      code: 'records.locked',
      says: (file) => `The records (${file}) are locked by another program.`,
      hint: 'Close the other program that has the file open for writing, such as a database browser or a second control plane.',
      retry: 'soon',
    },
  ],
  [
    'SQLITE_READONLY',
    {
      code: 'records.not-writable',
      says: (file) => `The records (${file}) cannot be written.`,
      hint: 'Let the user that runs Slowlight own the data folder and everything in it, on a disk that is not mounted read-only.',
      retry: 'later',
    },
  ],
  [
    'SQLITE_CANTOPEN',
    {
      code: 'records.not-writable',
      says: (file) => `The records (${file}) cannot be opened.`,
      hint: 'The data folder must exist and the user that runs Slowlight must own it and everything in it.',
      retry: 'later',
    },
  ],
  [
    'SQLITE_PERM',
    {
      code: 'records.not-writable',
      says: (file) => `The records (${file}) must not be opened by this user.`,
      hint: 'Let the user that runs Slowlight own the data folder and everything in it.',
      retry: 'later',
    },
  ],
  [
    'SQLITE_FULL',
    {
      code: 'records.disk-full',
      says: (file) => `The disk that holds the records (${file}) is full; nothing of this change was kept.`,
      hint: 'Free some space on this disk. Agents keep their frames until then.',
      retry: 'later',
    },
  ],
  [
    'SQLITE_IOERR',
    {
      code: 'records.disk-failing',
      says: (file) => `The disk that holds the records (${file}) could not be read or written.`,
      hint: 'Look at the system log for disk errors, and copy the data folder to another disk.',
      retry: 'later',
    },
  ],
  ['SQLITE_CORRUPT', damaged()],
  ['SQLITE_NOTADB', damaged()],
];

function damaged(): Meaning {
  return {
    code: 'records.damaged',
    says: (file) => `The records (${file}) are damaged or are not Slowlight's.`,
    hint: 'Put the newest backup of this file in its place; keep the damaged one for a rescue with `sqlite3 … .recover`.',
    retry: 'never',
  };
}

/** Gives errors of SQLite a meaning for people; anything else, such as a broken constraint, passes as it is. */
export function sqliteFailure(thrown: unknown, file: string): unknown {
  const code = systemCode(thrown);
  const meaning = MEANINGS.find(([start]) => code?.startsWith(start))?.[1];
  if (meaning === undefined) return thrown;
  return new Failure({
    code: meaning.code,
    message: meaning.says(file),
    hint: meaning.hint,
    retry: meaning.retry,
    cause: thrown,
  });
}
