/** What is told to a channel, before it is put into the language of the channel; and to which channels. Pure. */
import type { AlarmSeverity, AlarmView } from '@slowlight/protocol';
import { z } from 'zod';
import type { AlarmMessage, Channel, KeptAlarm, NewAlarm } from '../ports-alarms.ts';
import { isSilent, type Step } from './settle.ts';
import { type Said, say, sayDuration } from './words.ts';

/** As it is kept until it is told. */
export const keptMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.enum(['alarm.raised', 'alarm.repeated', 'alarm.cleared', 'test']),
    at: z.int(),
    severity: z.enum(['warning', 'critical']),
    title: z.string(),
    text: z.string(),
    /** Below the address of the dashboard. */
    path: z.string(),
    facts: z.record(z.string(), z.unknown()),
  }),
  z.object({ type: z.literal('digest'), at: z.int(), siteId: z.string(), from: z.int(), to: z.int() }),
]);
export type KeptMessage = z.infer<typeof keptMessage>;

export interface Picture {
  cid: string;
  jpeg: Buffer;
}
/** As it is told. */
export interface Message {
  /** The same at each try, so that whoever hears it twice can tell. */
  id: string;
  type: KeptMessage['type'];
  at: number;
  severity: AlarmSeverity;
  title: string;
  text: string;
  /** null: nobody has said where people look. */
  link: string | null;
  /** For programs. */
  facts: Readonly<Record<string, unknown>>;
  /** For people whose mail shows it, instead of the text. */
  html?: string;
  pictures?: readonly Picture[];
}

const RANK: Record<AlarmSeverity, number> = { warning: 1, critical: 2 };

export function wants(channel: Channel, alarm: Pick<NewAlarm, 'kind' | 'severity' | 'siteId'>): boolean {
  if (!channel.enabled || RANK[alarm.severity] < RANK[channel.leastSeverity]) return false;
  if (channel.kinds !== null && !channel.kinds.includes(alarm.kind)) return false;
  return channel.siteIds === null || (alarm.siteId !== null && channel.siteIds.includes(alarm.siteId));
}

/** What a step is worth telling, to each channel that wants it. */
export function messagesOf(
  step: Step,
  { channels, kept, now }: { channels: readonly Channel[]; kept: KeptAlarm | undefined; now: number },
): AlarmMessage[] {
  const alarm = 'alarm' in step ? step.alarm : kept;
  if (alarm === undefined || (kept !== undefined && isSilent(kept, now))) return [];
  const said = say(alarm);
  const common = { at: now, severity: alarm.severity, path: pathOf(alarm), facts: factsOf(step.id, alarm) };
  const tell = (about: string, what: Pick<KeptMessage, 'type'> & Said & Partial<typeof common>) => {
    const content = JSON.stringify({ ...common, ...what });
    return channels
      .filter((channel) => wants(channel, alarm))
      .map(({ id: channelId }) => ({ channelId, about: `${step.id} ${about}`, title: what.title, content }));
  };
  switch (step.do) {
    case 'raise':
      return tell('raised', { type: 'alarm.raised', ...said });
    case 'repeat':
      return tell(`repeated ${step.toldBefore + 1}`, {
        type: 'alarm.repeated',
        title: `Still: ${said.title}`,
        text: said.text,
      });
    case 'clear': {
      const lasted = sayDuration(Math.max(0, now - (kept?.raisedAt ?? now)));
      return tell('cleared', {
        type: 'alarm.cleared',
        title: `Over: ${said.title}`,
        text: `It lasted ${lasted}. Nothing needs to be done.`,
        severity: 'warning',
      });
    }
    default:
      return [];
  }
}

function factsOf(id: string, { kind, subject, name, siteId, detail }: NewAlarm | KeptAlarm) {
  return { alarmId: id, kind, subject, name, siteId, detail };
}

function pathOf({ subject }: Pick<NewAlarm, 'subject'>): string {
  return subject.startsWith('cam-') ? `/cameras/${subject}` : '/system';
}

export function alarmView({ key: _key, firstSeenAt: _firstSeenAt, raisedAt, ...alarm }: KeptAlarm): AlarmView {
  return { ...alarm, ...say(alarm), raisedAt: raisedAt ?? _firstSeenAt };
}

export function testMessage(at: number): KeptMessage {
  return {
    type: 'test',
    at,
    severity: 'warning',
    title: 'Slowlight can reach you',
    text: 'This is a test. Alarms will come this way.',
    path: '/system',
    facts: {},
  };
}

export const readMessage = (content: string): KeptMessage => keptMessage.parse(JSON.parse(content));
