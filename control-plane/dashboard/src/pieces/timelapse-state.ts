import type { TimelapseView } from '@slowlight/protocol';
import type { Tone } from '../parts/state-dot.tsx';

export const toneOfState: Record<TimelapseView['state'], Tone> = {
  running: 'accent',
  paused: 'warn',
  completed: 'calm',
};
