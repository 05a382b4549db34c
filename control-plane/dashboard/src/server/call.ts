import { request, withQuery } from './request.ts';

/** A shape of the protocol as it is sent, and as it is answered. */
export type In<Shape extends { _zod: { input: unknown } }> = Shape['_zod']['input'];
export type Out<Shape extends { _zod: { output: unknown } }> = Shape['_zod']['output'];

/** What an operation of the API is asked with, beside what its path names. */
export interface Asked {
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** A status that is an answer here and no fault. */
  answersToo?: number;
}

/** Asks an operation of the API; what it asks and answers is typed in `api/`, which is written from the API's description. @throws ServerFault */
export const call = <Answer>(
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  { query, ...ask }: Asked,
): Promise<Answer> => request(query === undefined ? path : withQuery(path, query), { method, ...ask });
