/**
 * Speaks HTTP with the control plane. What goes wrong is thrown as one shape: an `Error` with what happened, what to do, and
 * whether trying again by itself can help.
 */
import type { Problem } from '@slowlight/protocol';
import { words } from '../words.ts';
import { sayFailure } from './say-failure.ts';

export interface ServerFault extends Error {
  /** 0: no answer at all. */
  status: number;
  code: string;
  hint: string | null;
  fields: readonly { path: string; problem: string }[];
}

interface Ask {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** A status that is an answer here and no fault. */
  answersToo?: number;
}

/**
 * Asks the API and gives back the answer's JSON (nothing for 204).
 * @throws ServerFault
 */
export async function request<Answer>(
  path: string,
  { method = 'GET', body, signal, answersToo }: Ask = {},
): Promise<Answer> {
  const answer = await reach(path, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!answer.ok && answer.status !== answersToo) throw await faultOf(answer);
  if (answer.status === 204) return undefined as Answer;
  try {
    return (await answer.json()) as Answer;
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw fault({
      status: answer.status,
      code: 'page.unreadable-answer',
      message: words.faultsOfServer.unexpected,
      hint: words.faultsOfServer.unexpectedHint,
    });
  }
}

/**
 * Asks for a picture that changes.
 * @param has the etag of the one that is shown; null: none
 * @returns null as `picture` when there is no newer one
 * @throws ServerFault
 */
export async function requestPicture(
  path: string,
  { has, signal }: { has: string | null; signal: AbortSignal },
): Promise<{ picture: Blob | null; etag: string | null }> {
  const headers = has === null ? {} : { 'if-none-match': has };
  const answer = await reach(path, { credentials: 'same-origin', cache: 'no-store', headers, signal });
  if (answer.status === 304 || answer.status === 202) return { picture: null, etag: has };
  if (!answer.ok) throw await faultOf(answer);
  return { picture: await answer.blob(), etag: answer.headers.get('etag') };
}

/**
 * Asks for a picture to be drawn.
 * @returns it, and what the server says about it in `slowlight-overlay`
 * @throws ServerFault
 */
export async function requestDrawing(
  path: string,
  { body, signal }: { body: unknown; signal: AbortSignal },
): Promise<{ picture: Blob; about: string }> {
  const answer = await reach(path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
  if (!answer.ok) throw await faultOf(answer);
  return { picture: await answer.blob(), about: answer.headers.get('slowlight-overlay') ?? '[1,1]' };
}

/** Sends a file as it is. @throws ServerFault */
export async function sendFile<Answer>(path: string, file: File): Promise<Answer> {
  const answer = await reach(path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { accept: 'application/json', 'content-type': file.type },
    body: file,
  });
  if (!answer.ok) throw await faultOf(answer);
  return (await answer.json()) as Answer;
}

/** Query parameters that are undefined or null are left out. */
export function withQuery(path: string, query: Record<string, string | number | boolean | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null) search.set(name, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

export function isServerFault(thrown: unknown): thrown is ServerFault {
  return thrown instanceof Error && 'status' in thrown && 'code' in thrown && 'fields' in thrown;
}

/** No answer, or one that says "not now": worth asking again without anybody's doing. */
export function mayPass(thrown: unknown): boolean {
  return isServerFault(thrown) && (thrown.status === 0 || thrown.status === 429 || thrown.status >= 500);
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw fault({
      status: 0,
      code: 'page.server-unreachable',
      message: words.faultsOfServer.unreachable,
      hint: words.faultsOfServer.unreachableHint,
    });
  }
}

async function faultOf(answer: Response): Promise<ServerFault> {
  const problem = await readProblem(answer);
  if (problem === null) {
    const gone = answer.status === 502 || answer.status === 503 || answer.status === 504;
    return fault({
      status: answer.status,
      code: `http.${answer.status}`,
      message: gone ? words.faultsOfServer.unreachable : words.faultsOfServer.unexpected,
      hint: gone ? words.faultsOfServer.unreachableHint : words.faultsOfServer.unexpectedHint,
    });
  }
  return fault({
    status: answer.status,
    code: problem.code ?? `http.${answer.status}`,
    ...sayFailure({
      code: problem.code ?? '',
      message: problem.detail ?? problem.title ?? words.faultsOfServer.unexpected,
      hint: problem.hint ?? null,
      fields: problem.fields ?? [],
    }),
  });
}

async function readProblem(answer: Response): Promise<Partial<Problem> | null> {
  if (!(answer.headers.get('content-type') ?? '').includes('json')) return null;
  try {
    const body: unknown = await answer.json();
    return typeof body === 'object' && body !== null ? (body as Partial<Problem>) : null;
  } catch {
    return null;
  }
}

function fault(what: {
  status: number;
  code: string;
  message: string;
  hint: string | null;
  fields?: ServerFault['fields'];
}): ServerFault {
  const { message, fields = [], ...rest } = what;
  return Object.assign(new Error(message), { ...rest, fields });
}
