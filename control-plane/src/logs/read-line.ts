/** One line of pino's JSON as people are shown it: short, and without what looks like a secret. Pure. */
import type { LogLevel, LogLine } from '@slowlight/protocol';
import { withoutCredentials } from '@slowlight/protocol/kit';

const MOST_FIELDS = 24;
const MOST_NAME = 60;
const MOST_VALUE = 2000;
const MOST_MESSAGE = 2000;
const SECRET_NAME = /password|passphrase|secret|token|authori[sz]ation|cookie|private.?key|signature|api.?key/i;
/** Parameters of signed addresses and of forms; what a browser or a program shows to be let in. */
const SECRET_TEXT =
  /([?&](?:[\w-]*(?:signature|credential|token|secret|password|code|state|key))=)[^&\s"'#]+|\b(Bearer|Basic) +[\w.~+/=-]{6,}|\b(whsec_)[\w+/=-]+|(slowlight_session=)[^;\s"']+|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END|$)/gi;
const CUT = '…';

/** @returns null for what is no line of a log */
export function readLogLine(text: string): Omit<LogLine, 'number'> | null {
  const line = readObject(text);
  if (line === null) return null;
  const { time, level, msg, ...rest } = line;
  if (typeof time !== 'number' || typeof level !== 'number') return null;
  const fields = Object.entries(rest)
    .filter(([name]) => !['pid', 'hostname', 'name', 'v'].includes(name))
    .slice(0, MOST_FIELDS)
    .map(([name, value]) => [
      name.slice(0, MOST_NAME),
      SECRET_NAME.test(name) ? CUT : shorten(withoutSecrets(say(value)), MOST_VALUE),
    ]);
  return {
    at: Math.trunc(time),
    level: levelOf(level),
    message: shorten(withoutSecrets(typeof msg === 'string' ? msg : ''), MOST_MESSAGE),
    fields: Object.fromEntries(fields),
  };
}

/** Whether a line is what somebody looks for. @param text in lower case */
export function isWished(line: LogLine, { level, text }: { level: LogLevel; text: string }): boolean {
  if (RANK[line.level] < RANK[level]) return false;
  if (text === '' || line.message.toLowerCase().includes(text)) return true;
  return Object.entries(line.fields).some(([name, value]) => `${name}=${value}`.toLowerCase().includes(text));
}

const RANK: Record<LogLevel, number> = { debug: 1, info: 2, warn: 3, error: 4 };

/** pino's numbers. */
function levelOf(level: number): LogLevel {
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  return level >= 30 ? 'info' : 'debug';
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : null;
  } catch {
    return null;
  }
}

/** What lies deeper is cut by its name too. */
function say(value: unknown): string {
  if (typeof value === 'string') return value;
  const text = JSON.stringify(value, (name, inner: unknown) => (name !== '' && SECRET_NAME.test(name) ? CUT : inner));
  return text ?? '';
}

/** A text without passwords in addresses, signatures, and what programs show to be let in. */
export function withoutSecrets(text: string): string {
  return withoutCredentials(text).replace(
    SECRET_TEXT,
    (_, parameter?: string, scheme?: string, hook?: string, cookie?: string) =>
      `${parameter ?? hook ?? cookie ?? (scheme === undefined ? '' : `${scheme} `)}${CUT}`,
  );
}

const shorten = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}${CUT}` : text);
