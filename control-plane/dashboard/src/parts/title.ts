import { useEffect } from 'react';
import { words } from '../words.ts';

/** The window's title while a page is shown. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? words.product : `${title} · ${words.product}`;
  }, [title]);
}
