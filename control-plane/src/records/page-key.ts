/** Lists are paged by the key of the last row: a moment and an id, so that rows which come between move no page. */
import { Failure } from '@slowlight/protocol/kit';
import type { Page } from '../ports.ts';

export interface PageKey {
  at: number;
  id: string;
}

/** @throws Failure `records.bad-page-key` */
export function readPageKey(after: string | undefined): PageKey | null {
  if (after === undefined) return null;
  const found = /^(\d{1,16})~([a-z0-9-]{1,80})$/.exec(after);
  const [, at, id] = found ?? [];
  if (at === undefined || id === undefined) {
    throw new Failure({
      code: 'records.bad-page-key',
      message: 'This is not the key of a page.',
      hint: 'Give `after` exactly the `next` of the page before, or nothing to start from the beginning.',
      retry: 'never',
    });
  }
  return { at: Number(at), id };
}

/**
 * A page out of one row more than was asked for.
 * @param rows at most `limit + 1` of them
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  { limit, keyOf, view }: { limit: number; keyOf: (row: Row) => PageKey; view: (row: Row) => Item },
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  if (rows.length <= limit || last === undefined) return { items: shown.map(view), next: null };
  const { at, id } = keyOf(last);
  return { items: shown.map(view), next: `${at}~${id}` };
}
