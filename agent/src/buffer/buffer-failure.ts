import { Failure, messageOf, systemCode } from '@slowlight/protocol/kit';

/** Turns what SQLite and the file system throw into a sentence for the person at the mast; a `Failure` stays as it is. */
export function bufferFailure(cause: unknown, folder: string): Failure {
  if (cause instanceof Failure) return cause;
  const code = systemCode(cause) ?? '';
  if (isCardFull(cause))
    return new Failure({
      code: 'buffer.card-full',
      message: `there is no room left in the data directory ${folder}`,
      hint: 'Free some space on this disk or card, or connect the agent so that its backlog can drain.',
      retry: 'later',
      cause,
    });
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'))
    return new Failure({
      code: 'buffer.damaged',
      message: `the buffer's database in ${folder} is damaged`,
      hint: 'Stop the agent, keep a copy of the whole data directory, and move buffer.sqlite* away; pictures that were not delivered stay in its frames folder.',
      retry: 'never',
      cause,
    });
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new Failure({
      code: 'buffer.locked',
      message: `the buffer's database in ${folder} is held by another program`,
      hint: 'Close whatever has buffer.sqlite open (a database viewer, a backup), then start the agent again.',
      retry: 'soon',
      cause,
    });
  if (
    code.startsWith('SQLITE_CANTOPEN') ||
    code.startsWith('SQLITE_READONLY') ||
    ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)
  )
    return new Failure({
      code: 'buffer.not-writable',
      message: `the data directory ${folder} cannot be written to`,
      hint: 'Give the agent’s user write access to it, or set SLOWLIGHT_AGENT_DATA to a directory that it may write.',
      retry: 'later',
      cause,
    });
  return new Failure({
    code: 'buffer.failed',
    message: `the buffer in ${folder} cannot be used: ${messageOf(cause)}`,
    hint: 'The disk or card may be failing: look at the system log (dmesg), and replace the card if it shows errors.',
    retry: 'later',
    cause,
  });
}

/** Whether the disk (or the quota) has no room left. */
export function isCardFull(cause: unknown): boolean {
  const code = systemCode(cause) ?? '';
  return code === 'ENOSPC' || code === 'EDQUOT' || code.startsWith('SQLITE_FULL') || code === 'buffer.card-full';
}
