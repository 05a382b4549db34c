/** Between what people type and what the API takes. Pure. */
import type { DeliverySettings } from '@slowlight/protocol';

export interface LimitsDraft {
  gigabytesPerDay: string;
  gigabytesPerMonth: string;
  backlogMegabits: string;
  from: string;
  until: string;
  holdNewFrames: boolean;
}

const shown = (value: number | null | undefined, unit: number) => (value == null ? '' : String(value / unit));
const typed = (text: string, unit: number) => (text.trim() === '' ? null : Math.round(Number(text) * unit));

export function draftOf(delivery: DeliverySettings | null): LimitsDraft {
  const [hours] = delivery?.backlogHours ?? [];
  return {
    gigabytesPerDay: shown(delivery?.bytesPerDay, 1e9),
    gigabytesPerMonth: shown(delivery?.bytesPerMonth, 1e9),
    backlogMegabits: shown(delivery?.backlogBitsPerSecond, 1e6),
    from: hours?.from ?? '',
    until: hours?.until ?? '',
    holdNewFrames: delivery?.newFrames === 'in-hours',
  };
}

/** Null: no limits at all. Further hours that were set over the API stay as long as the first ones are not changed. */
export function limitsOf(draft: LimitsDraft, before: DeliverySettings | null): DeliverySettings | null {
  const hours = draft.from === '' || draft.until === '' ? [] : [{ from: draft.from, until: draft.until }];
  const unchanged = draft.from === draftOf(before).from && draft.until === draftOf(before).until;
  const limits: DeliverySettings = {
    bytesPerDay: typed(draft.gigabytesPerDay, 1e9),
    bytesPerMonth: typed(draft.gigabytesPerMonth, 1e9),
    backlogBitsPerSecond: typed(draft.backlogMegabits, 1e6),
    backlogHours: unchanged ? (before?.backlogHours ?? hours) : hours,
    newFrames: draft.holdNewFrames ? 'in-hours' : 'always',
  };
  const { bytesPerDay, bytesPerMonth, backlogBitsPerSecond, backlogHours } = limits;
  const none = bytesPerDay === null && bytesPerMonth === null && backlogBitsPerSecond === null;
  return none && backlogHours.length === 0 ? null : limits;
}
