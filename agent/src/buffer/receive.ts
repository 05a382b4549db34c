/** What a receipt changes on the card, in one transaction. */
import type { FrameId, Receipt } from '@slowlight/protocol';
import type { FrameRows } from './frame-rows.ts';
import type { Sqlite } from './open-database.ts';
import type { Outbox } from './outbox.ts';

export type RefusedNow = { code: string; reason: string; quarantined: boolean } & (
  | { what: 'event'; seq: number }
  /** `seq`: of the frame's announcement. */
  | { what: 'upload'; seq: number; frameId: FrameId }
);
export interface Received {
  /** Frames that may leave now. */
  leaving: number;
  /** Events and uploads that were refused just now. */
  refused: RefusedNow[];
  /** The control plane knows later numbers than this card has given: it is a copy, or an older state, of another. */
  ahead: boolean;
}

export function createReceive(
  { db, outbox, frames }: { db: Sqlite; outbox: Outbox; frames: FrameRows },
  { quarantineAfter }: { quarantineAfter: number },
) {
  return db.transaction((receipt: Receipt['body']): Received => {
    const refused: Received['refused'] = [];
    for (const item of receipt.refused) {
      const reason = `${item.code}: ${item.reason}`;
      if (item.what === 'event') {
        if (!outbox.refused(item)) continue;
        const quarantined = frames.quarantineBySeq(item.seq, reason);
        refused.push({ ...item, quarantined });
      } else {
        const frame = frames.refuseUpload(item.frameId, reason);
        if (frame === null) continue;
        const quarantined = frame.refusals >= quarantineAfter && frames.quarantine(item.frameId, reason);
        refused.push({ ...item, seq: frame.seq, quarantined });
      }
    }
    outbox.recorded(receipt.recordedUpTo, receipt.recordedAlso);
    frames.recorded(receipt.recordedUpTo, receipt.recordedAlso);
    let leaving = 0;
    for (const frame of receipt.forget) if (frames.leave(frame)) leaving += 1;
    return { leaving, refused, ahead: outbox.raiseCounter(receipt.recordedUpTo) };
  });
}
