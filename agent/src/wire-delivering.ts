/** The page's chapter on delivering: what is in the buffer is told, uploaded and forgotten. */
import type { Clock, Pulse } from '@slowlight/protocol/kit';
import type { FrameBuffer } from './buffer/open-buffer.ts';
import type { AgentConfig } from './config.ts';
import { createDelivery } from './deliver.ts';
import { type AllowanceDeps, createAllowance } from './delivery/allowance.ts';
import { type CarrierDeps, createCarrier } from './delivery/carrier.ts';
import { createCircuits } from './delivery/circuits.ts';
import { createReconcileWeekly } from './delivery/reconcile-weekly.ts';
import { createTelling, type TellingDeps } from './delivery/telling.ts';
import { createUploadDesk } from './delivery/upload-desk.ts';
import type { Log } from './frame.ts';

export interface DeliveringParts {
  clock: Clock;
  log: Log;
  config: AgentConfig;
  buffer: FrameBuffer;
  publish: TellingDeps['publish'];
  upload: CarrierDeps['upload'];
  settings: AllowanceDeps['settings'];
  pulse: Pulse;
}

export function wireDelivering({ clock, log, config, buffer, publish, upload, settings, pulse }: DeliveringParts) {
  const { quarantineAfter, uploadsAtOnce } = config;
  const circuits = createCircuits(clock);
  const allowance = createAllowance({ clock, log, settings, sentBytes: buffer.sentBytes });
  const telling = createTelling({
    clock,
    log,
    publish,
    unrecorded: buffer.unrecorded,
    event: buffer.event,
  });
  const desk = createUploadDesk({
    clock,
    waiting: buffer.waiting,
    ask: telling.sayAgain,
    askedAgoMs: telling.saidAgoMs,
    held: (lane, bytes) => allowance.hold(lane, bytes) !== null,
    mayTry: (url) => circuits.mayTry(circuits.hostOf(url)),
    lastSeq: buffer.lastSeq,
    newestOfEachCamera: buffer.newestOfEachCamera,
    postpone: (frame, afterMs, reason) => buffer.postpone(frame, afterMs, reason, false),
  });
  const delivery = createDelivery({
    clock,
    log,
    buffer,
    telling,
    desk,
    allowance,
    createCarrier: (on) =>
      createCarrier(
        { clock, log, buffer, desk, circuits, allowance, telling, upload, pulse, ...on },
        { uploadsAtOnce, quarantineAfter },
      ),
  });
  const weekly = createReconcileWeekly({ clock, log, ...buffer, wake: delivery.wake });
  return {
    ...delivery,
    async run(signal: AbortSignal): Promise<void> {
      await Promise.all([delivery.run(signal), weekly(signal)]);
    },
    /** What waits, and what holds it back. */
    backlog() {
      const { new: newFrames, backlog } = allowance.holds();
      const heldBack =
        newFrames === null && backlog === null
          ? undefined
          : { ...(newFrames !== null && { newFrames }), ...(backlog !== null && { backlog }) };
      return { ...buffer.backlog(), heldBack };
    },
  };
}
