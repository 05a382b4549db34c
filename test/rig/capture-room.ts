import { type CaptureOptions, type CaptureRoom, createCapture } from '@slowlight/agent/src/capture/capture.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { onTestFinished } from 'vitest';
import { realMoment } from './capture-parts.ts';

/** Capture in real time, that goes with the test. `password`: what unsealing gives. */
export function openCapture(options: CaptureOptions & { password?: string | null } = {}): CaptureRoom {
  const { password = null, ...rest } = options;
  const room = createCapture({ clock: systemClock, moment: realMoment, unsealPassword: () => password }, rest);
  onTestFinished(() => room.close());
  return room;
}
