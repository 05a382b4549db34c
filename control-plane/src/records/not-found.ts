import { Failure } from '@slowlight/protocol/kit';

/** @param what one word of the language, such as `camera` */
export function notFound(what: string, id: string): Failure {
  return new Failure({
    code: `${what}.not-found`,
    message: `There is no ${what} ${id}.`,
    hint: `Look at the list of ${what}s: it may have been deleted meanwhile.`,
    retry: 'never',
  });
}
