import { Failure, systemCode } from '@slowlight/protocol/kit';

interface Meaning {
  code: string;
  says: (where: string) => string;
  hint: string;
  retry: 'soon' | 'later' | 'never';
}

const UNREACHABLE: Meaning = {
  code: 'records.unreachable',
  says: (where) => `PostgreSQL at ${where} cannot be reached.`,
  hint: 'Look whether the server runs and whether address and port are right. Agents keep their frames until then.',
  retry: 'soon',
};
const LOGIN: Meaning = {
  code: 'records.login-refused',
  says: (where) => `PostgreSQL at ${where} does not let Slowlight in.`,
  hint: 'Look at user name, password and database in the address of the records, and at pg_hba.conf of the server.',
  retry: 'later',
};
const NO_PASSWORD: Meaning = {
  ...LOGIN,
  says: (where) => `PostgreSQL at ${where} asks for a password, and the address of the records holds none.`,
  hint: 'Put user name and password into it: postgres://user:password@host:5432/database.',
};
const NOT_SECURE: Meaning = {
  code: 'records.not-secure',
  says: (where) => `There is no encrypted connection to PostgreSQL at ${where}.`,
  hint: 'The address of the records asks for one by sslmode. Turn it on in the server (ssl = on), or correct sslmode; a certificate must be valid for this host, and NODE_EXTRA_CA_CERTS names the file of an authority of your own.',
  retry: 'later',
};
const NOT_WRITABLE: Meaning = {
  code: 'records.not-writable',
  says: (where) => `PostgreSQL at ${where} does not let Slowlight write.`,
  hint: 'Use the primary server, not a standby, and let the user of the records own their database.',
  retry: 'later',
};
const TIMED_OUT: Meaning = {
  code: 'records.timed-out',
  says: (where) => `PostgreSQL at ${where} took too long; nothing of this change was kept.`,
  hint: 'Look at the load of the server and for long transactions of other programs.',
  retry: 'soon',
};
const FULL: Meaning = {
  code: 'records.disk-full',
  says: (where) => `The disk of PostgreSQL at ${where} is full; nothing of this change was kept.`,
  hint: 'Free some space on this disk. Agents keep their frames until then.',
  retry: 'later',
};
const DAMAGED: Meaning = {
  code: 'records.damaged',
  says: (where) => `PostgreSQL at ${where} says that its files are damaged.`,
  hint: 'Restore the newest backup of the database.',
  retry: 'never',
};
/** No outage: the same text would be refused for ever. */
const BAD_TEXT: Meaning = {
  code: 'request.bad-text',
  says: () => 'A text holds a character that cannot be stored.',
  hint: 'Remove characters that cannot be seen, such as NUL.',
  retry: 'never',
};

/** By the start of an SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) or a system error. */
const MEANINGS: readonly [start: string, meaning: Meaning][] = [
  ['22021', BAD_TEXT],
  ['08', UNREACHABLE],
  ['57P', UNREACHABLE],
  ['53300', UNREACHABLE],
  ['ECONN', UNREACHABLE],
  ['ENOTFOUND', UNREACHABLE],
  ['EAI_AGAIN', UNREACHABLE],
  ['EHOSTUNREACH', UNREACHABLE],
  ['ENETUNREACH', UNREACHABLE],
  ['ETIMEDOUT', UNREACHABLE],
  ['EPIPE', UNREACHABLE],
  ['ENOENT', UNREACHABLE],
  ['28', LOGIN],
  ['3D000', LOGIN],
  ['25006', NOT_WRITABLE],
  ['42501', NOT_WRITABLE],
  ['57014', TIMED_OUT],
  ['55P03', TIMED_OUT],
  ['25P03', TIMED_OUT],
  ['53100', FULL],
  ['XX001', DAMAGED],
  ['XX002', DAMAGED],
  ['CERT_', NOT_SECURE],
  ['ERR_TLS', NOT_SECURE],
  ['ERR_SSL', NOT_SECURE],
  ['DEPTH_ZERO', NOT_SECURE],
  ['SELF_SIGNED', NOT_SECURE],
  ['UNABLE_TO_', NOT_SECURE],
];
/** What pg itself says without any code. */
const WORDS: readonly [says: RegExp, meaning: Meaning][] = [
  [
    /connection (terminated|ended)|timeout exceeded when trying to connect|not queryable|client was closed/i,
    UNREACHABLE,
  ],
  [/client password must be a/i, NO_PASSWORD],
  [/does not support SSL/i, NOT_SECURE],
];

/** Gives errors of pg a meaning for people; anything else, such as a broken constraint, passes as it is. */
export function postgresFailure(thrown: unknown, where: string): unknown {
  const code = systemCode(thrown) ?? '';
  const said = thrown instanceof Error ? thrown.message : '';
  const meaning =
    code === ''
      ? WORDS.find(([words]) => words.test(said))?.[1]
      : MEANINGS.find(([start]) => code.startsWith(start))?.[1];
  if (meaning === undefined) return thrown;
  return new Failure({
    code: meaning.code,
    message: meaning.says(where),
    hint: meaning.hint,
    retry: meaning.retry,
    cause: thrown,
  });
}

/** Two transactions stood in each other's way, and PostgreSQL ended this one: it may be done again. */
export function isCollision(thrown: unknown): boolean {
  const code = systemCode(thrown);
  return code === '40P01' || code === '40001';
}
