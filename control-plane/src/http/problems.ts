/** The one place that turns whatever went wrong into the reply that people and programs read (RFC 9457). Pure. */
import type { Problem } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ZodError } from 'zod';

export type WrongField = { path: string; problem: string };

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not right',
  401: 'Please log in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not possible now',
  411: 'Its length is missing',
  412: 'Already there',
  413: 'Too large',
  415: 'Not a type that is read here',
  416: 'Outside the file',
  422: 'Not what was announced',
  429: 'Too many requests',
  500: 'A fault in Slowlight',
  503: 'Not available now',
  507: 'The disk is full',
};

/** Which status a failure's code means; the first that fits. What fits none is a fault of ours. */
const STATUS_OF_CODE: readonly (readonly [RegExp, number])[] = [
  [/^request\.too-many$/, 429],
  [/^(stocktake\.busy|rule\.too-many)$/, 409],
  [/^coverage\.too-many-(slots|parts)$/, 400],
  [/^request\.overloaded$/, 503],
  [/^enrolment\.(unknown-token|other-key|refused|over)$/, 403],
  [/^records\.bad-page-key$/, 400],
  [/^asset\.too-large$/, 413],
  [/^asset\.(unreadable|refused)$/, 415],
  [/^request\./, 400],
  [/^login\.(change-password|not-known-here)$/, 403],
  [/^login\.provider-away$/, 503],
  [/^login\./, 401],
  [/^user\.(exists|last-admin|has-second-factor)$/, 409],
  [/^access\./, 403],
  [/[.-](not-found|not-here)$/, 404],
  [
    /\.(busy|in-use|completed|too-few-frames|agent-not-ready|offline|not-finished|finished|not-dead|built-in|camera-failed)$/,
    409,
  ],
  [/\.out-of-range$/, 416],
  [/^(records|object)\..*full$/, 507],
  [/^(records|object|broker)\./, 503],
];

export function statusOfCode(code: string): number {
  return STATUS_OF_CODE.find(([pattern]) => pattern.test(code))?.[1] ?? 500;
}

/** A problem as it is sent. */
export function makeProblem(parts: {
  status: number;
  code: string;
  detail: string;
  hint?: string | null;
  fields?: WrongField[];
}): Problem {
  const { status, code, detail, hint = null, fields } = parts;
  const title = TITLES[status] ?? (status >= 500 ? 'A fault in Slowlight' : 'The request is not right');
  const problem = { type: `urn:slowlight:problem:${code}`, title, status, code, detail, hint };
  return fields === undefined ? problem : { ...problem, fields };
}

/**
 * A failure that names wrong inputs which no schema can see.
 * @param fields `path` names each field as it is in the body, with dots
 */
export function wrongFields(fields: WrongField[]): Failure {
  const issues = fields.map(({ path, problem }) => ({
    code: 'custom' as const,
    path: path.split('.'),
    message: problem,
    input: undefined,
  }));
  return new Failure({
    code: 'request.invalid',
    message: sayFields(fields),
    hint: HINT_FIELDS,
    retry: 'never',
    cause: new ZodError(issues),
  });
}

/** What is not there, said of a thing such as `camera`. */
export function notFound(thing: string): Failure {
  return new Failure({
    code: `${thing}.not-found`,
    message: `There is no such ${thing}.`,
    hint: 'It may have been deleted; load the list again.',
    retry: 'never',
  });
}

/**
 * The reply for anything thrown. Never shows a stack or the message of a fault that was not meant for people: that is in
 * the log, found by the request id.
 */
export function toProblem(thrown: unknown, requestId: string): Problem {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const fields = thrown.validation.flatMap((issue) =>
      readIssue({ path: issue.instancePath.split('/').filter(Boolean), message: issue.message, ...issue.params }),
    );
    return makeProblem({
      status: 400,
      code: 'request.invalid',
      detail: sayFields(fields),
      hint: HINT_FIELDS,
      fields,
    });
  }
  if (thrown instanceof Failure) return ofFailure(thrown, requestId);
  return ofForeign(thrown, requestId);
}

const HINT_FIELDS = 'Correct the named fields and send it again.';

function ofFailure(failure: Failure, requestId: string): Problem {
  const status = statusOfCode(failure.code);
  if (status === 500) return unexpected(requestId);
  const { code, message: detail, hint } = failure;
  if (!(failure.cause instanceof ZodError)) return makeProblem({ status, code, detail, hint });
  const fields = failure.cause.issues.flatMap((issue) => readIssue({ ...issue, path: issue.path.map(String) }));
  return makeProblem({ status, code, detail, hint, fields });
}

/** Errors of fastify and its plugins carry a status; below 500 they speak of the request and hold nothing private. */
function ofForeign(thrown: unknown, requestId: string): Problem {
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  if (typeof status !== 'number' || status < 400 || status >= 500) return unexpected(requestId);
  const known = FOREIGN[status];
  if (known !== undefined) return makeProblem({ status, ...known });
  const detail = thrown instanceof Error ? thrown.message : 'The request cannot be read.';
  return makeProblem({ status, code: 'request.invalid', detail, hint: 'Correct the request and send it again.' });
}

const FOREIGN: Readonly<Record<number, { code: string; detail: string; hint: string }>> = {
  404: {
    code: 'address.not-found',
    detail: 'There is nothing at this address.',
    hint: 'See /api/docs for what there is.',
  },
  413: { code: 'request.too-large', detail: 'The request is larger than is read here.', hint: 'Send less at once.' },
  415: {
    code: 'request.wrong-type',
    detail: 'A body of this type is not read here.',
    hint: 'Send JSON, with the header Content-Type: application/json.',
  },
  429: {
    code: 'request.too-many',
    detail: 'There were too many requests from your address in a short time.',
    hint: 'Wait a minute and try again.',
  },
};

function unexpected(requestId: string): Problem {
  return makeProblem({
    status: 500,
    code: 'unexpected',
    detail: `Something went wrong inside Slowlight. Nothing that was recorded is lost. Request: ${requestId}`,
    hint: `If it happens again, look for ${requestId} in the log of the control plane and report the lines around it.`,
  });
}

interface Issue {
  path: string[];
  message?: string | undefined;
  code?: string | undefined;
  keys?: unknown;
  errors?: unknown;
}

/** One line for each wrong field; a field that should not be there is named itself. */
function readIssue({ path, message, keys }: Issue): WrongField[] {
  if (Array.isArray(keys) && keys.length > 0)
    return keys.map((key) => ({ path: [...path, String(key)].join('.'), problem: 'is not known here' }));
  return [{ path: path.join('.'), problem: sayWrong(message ?? 'is not right') }];
}

/** The schema library's own words in ours. */
function sayWrong(message: string): string {
  const [, expected, received] = /^Invalid input: expected (.+), received (.+)$/.exec(message) ?? [];
  if (expected === undefined) return message.replace(/^Invalid (input|option)/, 'is not right');
  return received === 'undefined' ? 'is missing' : `must be of type ${expected}, not ${received}`;
}

function sayFields(fields: readonly WrongField[]): string {
  const said = fields.slice(0, 5).map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`));
  return `${said.join('; ')}${fields.length > said.length ? `; and ${fields.length - said.length} more` : ''}`;
}
