import { type CaptureOptions, type CaptureRoom, createCapture } from '@slowlight/agent/src/capture/capture.ts';
import type { Log } from '@slowlight/agent/src/frame.ts';
import { decodeJpeg } from '@slowlight/agent/src/quality/decode-jpeg.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { onTestFinished } from 'vitest';
import { realMoment, silentLog } from './capture-parts.ts';

/** Capture in real time, that goes with the test. `password`: what unsealing gives. */
export function openCapture(options: CaptureOptions & { password?: string | null; log?: Log } = {}): CaptureRoom {
  const { password = null, log = silentLog, ...rest } = options;
  const networks = ['any', '127.0.0.0/8'];
  const room = createCapture(
    { clock: systemClock, moment: realMoment, unsealPassword: () => password, decodeJpeg, log },
    { networks, ...rest },
  );
  onTestFinished(() => room.close());
  return room;
}
