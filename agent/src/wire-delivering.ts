/** The page's chapter on delivering: what is in the buffer is told, uploaded and forgotten. */
import type { Clock } from '@slowlight/protocol/kit';
import type { FrameBuffer } from './buffer/open-buffer.ts';
import type { AgentConfig } from './config.ts';
import { createDelivery, type DeliverDeps } from './deliver.ts';
import { createTelling, type TellingDeps } from './delivery/telling.ts';
import { createUploadDesk } from './delivery/upload-desk.ts';
import type { Log } from './frame.ts';

export interface DeliveringParts {
  clock: Clock;
  log: Log;
  config: AgentConfig;
  buffer: FrameBuffer;
  publish: TellingDeps['publish'];
  upload: DeliverDeps['upload'];
}

export function wireDelivering({ clock, log, config, buffer, publish, upload }: DeliveringParts) {
  const { quarantineAfter, uploadsAtOnce } = config;
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
    postpone: (frame, afterMs, reason) => buffer.postpone(frame, afterMs, reason, false),
  });
  return createDelivery({ clock, log, buffer, telling, desk, upload }, { uploadsAtOnce, quarantineAfter });
}
