import { type RefObject, useEffect, useRef } from 'react';

/**
 * For a row of links that a telephone has no room for: the one that leads to the page that is shown is in sight.
 * @param at changes with the page
 */
export function useCurrentInSight(at: string): RefObject<HTMLElement | null> {
  const row = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: which link is the current one follows from it.
  useEffect(() => {
    row.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [at]);
  return row;
}
