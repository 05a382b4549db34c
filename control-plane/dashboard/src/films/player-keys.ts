import { type RefObject, useEffect, useRef } from 'react';

interface Options {
  fps: number;
  onFaster: (by: 1 | -1) => void;
  onChapter: (by: 1 | -1) => void;
}
const JUMP_SECONDS = 5;

/** What each key does to a film. Arrows go by a picture while it stands still, by seconds while it plays. */
export function usePlayerKeys(box: RefObject<HTMLVideoElement | null>, options: Options): void {
  const current = useRef(options);
  useEffect(() => {
    current.current = options;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const video = box.current;
      if (video === null || event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return;
      const { fps, onFaster, onChapter } = current.current;
      const move = (by: number) => {
        video.currentTime = Math.max(0, video.currentTime + (video.paused ? by / fps : by * JUMP_SECONDS));
      };
      const acts: Record<string, () => void> = {
        ' ': () => (video.paused ? void video.play() : video.pause()),
        k: () => (video.paused ? void video.play() : video.pause()),
        arrowleft: () => move(-1),
        arrowright: () => move(1),
        home: () => {
          video.currentTime = 0;
        },
        '+': () => onFaster(1),
        '-': () => onFaster(-1),
        '[': () => onChapter(-1),
        ']': () => onChapter(1),
        f: () =>
          document.fullscreenElement === null ? void video.requestFullscreen() : void document.exitFullscreen(),
      };
      const act = acts[event.key.toLowerCase()];
      if (act === undefined) return;
      event.preventDefault();
      // The element's own keys would do it once more.
      event.stopPropagation();
      act();
    };
    document.addEventListener('keydown', pressed, { capture: true });
    return () => document.removeEventListener('keydown', pressed, { capture: true });
  }, [box]);
}

/** A space on a button presses it; letters in a field are letters. */
const isTaken = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('button, a, input, select, textarea') !== null;
