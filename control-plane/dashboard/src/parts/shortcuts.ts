import { useEffect, useRef } from 'react';
import { stopwatch } from '../server/clock.ts';

const CHORD_MS = 1200;

/**
 * Single keys (`c`, `arrowleft`: in lower case) and chords of two (`g c`) for the page. Silent while somebody types, a window is open, or a
 * modifier is held, and for keys that an element under focus has already used.
 */
export function useShortcuts(shortcuts: Readonly<Record<string, () => void>>): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    let first: { key: string; age: () => number } | null = null;
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return;
      const key = event.key.toLowerCase();
      const chord = first !== null && first.age() < CHORD_MS ? `${first.key} ${key}` : null;
      const call = (chord === null ? undefined : current.current[chord]) ?? current.current[key];
      first = { key, age: stopwatch() };
      if (call === undefined) return;
      event.preventDefault();
      call();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}

function isTaken(target: EventTarget | null): boolean {
  if (document.querySelector('[role=dialog], [role=alertdialog], [role=menu]') !== null) return true;
  return target instanceof Element && target.closest('input, textarea, select, video, [contenteditable]') !== null;
}
