/**
 * What becomes of alarms: raised once, told again at most as often as is set, cleared. Pure. What is known of them is in the
 * records, so a restart changes nothing.
 */
import { type AlarmId, newAlarmId } from '@slowlight/protocol';
import type { AlarmMove, KeptAlarm, NewAlarm } from '../ports-alarms.ts';
import type { Finding, Found } from './findings.ts';

type Without<Move> = Move extends { messages: unknown } ? Omit<Move, 'messages'> : Move;
/** A move without what is told of it. */
export type Step = Without<AlarmMove>;

export interface Settling {
  now: number;
  /** An alarm that stays is told again after so long, ms; 0: never. */
  repeatMsOf(finding: Finding): number;
  newId?: () => AlarmId;
}

/** @param kept those that are open, with those that wait */
export function settle({ findings, unknown }: Found, kept: readonly KeptAlarm[], how: Settling): Step[] {
  const { now, repeatMsOf, newId = newAlarmId } = how;
  const known = new Map(kept.map((one) => [one.key, one]));
  const steps: Step[] = [];
  for (const finding of findings) {
    const one = known.get(finding.key);
    known.delete(finding.key);
    const firstSeenAt = Math.min(finding.since ?? now, one?.firstSeenAt ?? now, now);
    const alarm = alarmOf(finding, firstSeenAt);
    const isRipe = now - firstSeenAt >= finding.afterMs;
    if (one === undefined) steps.push(isRipe ? { do: 'raise', id: newId(), isNew: true, alarm } : wait(newId(), alarm));
    else if (one.raisedAt === null) {
      if (isRipe) steps.push({ do: 'raise', id: one.id, isNew: false, alarm });
    } else if (isToldAgain(one, repeatMsOf(finding), now))
      steps.push({ do: 'repeat', id: one.id, toldBefore: one.told, alarm });
    else if (hasChanged(one, alarm)) steps.push({ do: 'update', id: one.id, alarm });
  }
  for (const one of known.values()) {
    if (unknown.has(one.key)) continue;
    steps.push({ do: one.raisedAt === null ? 'forget' : 'clear', id: one.id });
  }
  return steps;
}

const wait = (id: AlarmId, alarm: NewAlarm): Step => ({ do: 'wait', id, alarm });

export const isSilent = ({ silencedUntil }: Pick<KeptAlarm, 'silencedUntil'>, now: number): boolean =>
  silencedUntil !== null && silencedUntil > now;

function isToldAgain(one: KeptAlarm, repeatMs: number, now: number): boolean {
  if (repeatMs <= 0 || one.acknowledgedAt !== null || isSilent(one, now)) return false;
  return now - one.toldAt >= repeatMs;
}

const hasChanged = (one: KeptAlarm, alarm: NewAlarm): boolean =>
  one.name !== alarm.name || one.siteId !== alarm.siteId || !sameDetail(one.detail, alarm.detail);

function sameDetail(one: KeptAlarm['detail'], other: KeptAlarm['detail']): boolean {
  const names = Object.keys(other);
  return Object.keys(one).length === names.length && names.every((name) => one[name] === other[name]);
}

function alarmOf({ since: _since, afterMs: _afterMs, ...alarm }: Finding, firstSeenAt: number): NewAlarm {
  return { ...alarm, firstSeenAt };
}
