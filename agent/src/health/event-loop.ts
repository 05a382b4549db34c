/** How late the run time's timers are: what holds up the event loop holds up every slot. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface LoopDelay {
  p50: number;
  p99: number;
  most: number;
}

/** Seldom enough to cost nothing, often enough to see what would hold up a slot, ms. */
const LOOK_EVERY_MS = 100;

export function watchEventLoop() {
  const histogram = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  histogram.enable();
  // What is measured is the distance of two looks; beyond what was asked for, it is delay.
  const delayMs = (nanoseconds: number) => Math.round(Math.max(0, nanoseconds / 1e6 - LOOK_EVERY_MS) * 10) / 10;
  return {
    /** Since the last time that this was asked, ms; null when nothing was seen. */
    take(): LoopDelay | null {
      if (histogram.count === 0) return null;
      const delay = {
        p50: delayMs(histogram.percentile(50)),
        p99: delayMs(histogram.percentile(99)),
        most: delayMs(histogram.max),
      };
      histogram.reset();
      return delay;
    },
    close: (): void => void histogram.disable(),
  };
}
export type EventLoopWatch = ReturnType<typeof watchEventLoop>;
