import type { VideoInput } from '@slowlight/protocol';
import { useEffect, useState } from 'react';
import { later } from '../server/clock.ts';

const PAUSE_MS = 300;

/** What a form holds once it has stopped changing for a moment. */
export function useSettledInput(input: VideoInput | null): VideoInput | null {
  const text = JSON.stringify(input);
  const [settled, setSettled] = useState(text);
  useEffect(() => later(PAUSE_MS, () => setSettled(text)), [text]);
  return JSON.parse(settled) as VideoInput | null;
}
