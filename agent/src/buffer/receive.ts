/** What a receipt changes on the card; only inside a transaction. */
import type { FrameId, Receipt } from '@slowlight/protocol';
import type { FrameRows } from './frame-rows.ts';
import type { HeldList } from './held-list.ts';
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
  /** Announcements that are to be said anew, because the records do not have them. */
  again: number[];
}

export function createReceive(
  { outbox, frames, heldList }: { outbox: Outbox; frames: FrameRows; heldList: HeldList },
  { quarantineAfter, now }: { quarantineAfter: number; now: () => number },
) {
  /** @param isSaid whether an event was said on this connection, so that the receipt can be an answer to it */
  return (receipt: Receipt['body'], isSaid: (seq: number) => boolean): Received => {
    const refused: Received['refused'] = [];
    for (const item of receipt.refused) {
      const reason = `${item.code}: ${item.reason}`;
      if (item.what === 'event') {
        if (!outbox.refused(item)) continue;
        const quarantined = frames.quarantineBySeq(item.seq, reason, now());
        refused.push({ ...item, quarantined });
      } else {
        const frame = frames.refuseUpload(item.frameId, reason);
        if (frame === null) continue;
        const quarantined = frame.refusals >= quarantineAfter && frames.quarantine(item.frameId, reason, now());
        refused.push({ ...item, seq: frame.seq, quarantined });
      }
    }
    outbox.recorded(receipt.recordedUpTo, receipt.recordedAlso);
    frames.recorded(receipt.recordedUpTo, receipt.recordedAlso);
    let leaving = 0;
    for (const frame of receipt.forget) if (frames.letGo(frame, isSaid)) leaving += 1;
    const again = (receipt.missing ?? []).flatMap((frame) => heldList.announceAnew(frame) ?? []);
    return { again, leaving, refused, ahead: outbox.raiseCounter(receipt.recordedUpTo) };
  };
}
