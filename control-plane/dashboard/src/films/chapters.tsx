/** The days of a film, as wide as they are long; the one that plays is marked. */
import type { FilmChapters } from '@slowlight/protocol';
import { useEffect, useRef } from 'react';
import { sayDay } from '../moments/say.ts';
import { words } from '../words.ts';

interface Props {
  chapters: FilmChapters['chapters'];
  here: number;
  durationMs: number;
  onPick: (index: number) => void;
}

export function Chapters({ chapters, here, durationMs, onPick }: Props) {
  const box = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const list = box.current;
    const item = list?.children[Math.max(0, here)];
    if (list === null || !(item instanceof HTMLElement)) return;
    // Only the list moves, never the page.
    list.scrollLeft = item.offsetLeft - list.clientWidth / 2 + item.clientWidth / 2;
  }, [here]);
  return (
    <ol ref={box} className="chapters" aria-label={words.film.days}>
      {chapters.map(({ date, startMs, frames }, index) => {
        const ends = chapters[index + 1]?.startMs ?? durationMs;
        return (
          <li key={date} style={{ flexGrow: Math.max(1, ends - startMs) }}>
            <button
              type="button"
              aria-current={index === here || undefined}
              title={`${sayDay(date, true)} · ${words.video.frames(frames)}`}
              onClick={() => onPick(index)}
            >
              {sayDay(date)}
            </button>
          </li>
        );
      })}
    </ol>
  );
}
