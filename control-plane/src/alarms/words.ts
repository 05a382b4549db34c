/** What is said of an alarm: what happened, what it means, what to do. Pure. */
import type { AlarmKind, AlarmSeverity, AlarmView } from '@slowlight/protocol';

export interface Said {
  title: string;
  text: string;
}
interface Told {
  kind: AlarmKind;
  name: string;
  detail: AlarmView['detail'];
}

type Detail = AlarmView['detail'];
const number = (detail: Detail, name: string): number => Number(detail[name] ?? 0);
const reason = (detail: Detail, name: string): string =>
  typeof detail[name] === 'string' && detail[name] !== '' ? ` (${detail[name]})` : '';
const films = (count: number) => (count === 1 ? 'A film' : `${count} films`);

const WORDS: Record<AlarmKind, (name: string, detail: Detail) => Said> = {
  'agent-offline': (name, { state }) =>
    state === 'stopped'
      ? {
          title: `${name} is stopped`,
          text: 'The agent was switched off, so its cameras take no pictures. Start it again, or retire it if it stays off.',
        }
      : {
          title: `${name} is offline`,
          text: 'Nothing is heard of the agent. It goes on taking pictures if it has power, and sends them when it is back; look at its power and its connection.',
        },
  'agent-clone': (name) => ({
    title: `${name} may be a copy`,
    text: 'Two devices seem to work under one identity, so their pictures may be mixed up. Switch one of them off and enrol it anew.',
  }),
  'card-filling': (name, detail) => ({
    title: `The card of ${name} is filling up`,
    text: `${number(detail, 'freePercent')} % of it is free${ending(detail)}. When it is full, the oldest pictures that were not sent yet are lost. Look at its connection, or give it a larger card.`,
  }),
  'clock-untrusted': (name) => ({
    title: `${name} does not know what time it is`,
    text: 'Its pictures may be filed at the wrong time until its clock is set. Give it a time server, or a clock that keeps going without power.',
  }),
  'camera-failing': (name, detail) => ({
    title: `${name} gives no pictures`,
    text: `The camera cannot be used${reason(detail, 'code')}. ${typeof detail.hint === 'string' ? detail.hint : 'Look at its power, its cable and its password.'}`,
  }),
  'view-moved': (name) => ({
    title: `${name} looks elsewhere`,
    text: 'Its newest pictures show another view than before. If nobody meant to turn it, somebody or the wind has: set it right, or its film will jump.',
  }),
  'quality-falling': (name, detail) => ({
    title: `The pictures of ${name} have become bad`,
    text: `Of the newest ${number(detail, 'pictures')} pictures ${number(detail, 'percent')} % have faults, of those of the week ${number(detail, 'weekPercent')} %. Look at them: often it is dirt, a cobweb or fog on the glass.`,
  }),
  'coverage-low': (name, detail) => ({
    title: `${name} misses pictures`,
    text: `On ${detail.date ?? 'the last day'} it has ${number(detail, 'percent')} % of its pictures; ${number(detail, 'missing')} are missing. Its page says when and why.`,
  }),
  'nothing-planned': (name) => ({
    title: `${name} plans nothing`,
    text: 'It runs, but its schedule plans no picture within the next seven days. Change the schedule, or complete the timelapse.',
  }),
  'render-failed': (name, detail) => ({
    title: `${films(number(detail, 'films'))} of ${name} could not be made`,
    text: `It was given up${reason(detail, 'reason')}. Look at the films of the timelapse, and make it again.`,
  }),
  'jobs-dead': (_name, detail) => ({
    title: 'Work was given up',
    text: `${number(detail, 'jobs') === 1 ? 'A job' : `${number(detail, 'jobs')} jobs`} failed too often and will not be tried again by itself. The page System says why, and tries again.`,
  }),
  'certificate-expiring': (_name, detail) => ({
    title: 'The certificate of Slowlight is about to expire',
    text: `It is good for ${number(detail, 'days')} more days; then agents and browsers can no longer connect. Renew it; one of Slowlight's own renews itself, so look into the log why it did not.`,
  }),
  'storage-low': (_name, detail) => ({
    title: 'The disk of Slowlight is filling up',
    text: `${number(detail, 'freePercent')} % of it is free${ending(detail)}. When it is full, no picture is taken in any more. Make room, or set how long pictures are kept.`,
  }),
  'webhook-paused': (name, detail) => ({
    title: `The webhook ${name} is paused`,
    text: `It could not be delivered for days${reason(detail, 'reason')}, so nothing is sent any more. Look at the receiver, and let it go on.`,
  }),
};

function ending(detail: Detail): string {
  return typeof detail.daysLeft === 'number' ? `, which lasts for about ${detail.daysLeft} days` : '';
}

export const say = ({ kind, name, detail }: Told): Said => WORDS[kind](name, detail);

/** In words, such as `2 days 3 h`. @param ms not negative */
export function sayDuration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${Math.max(1, minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} days` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
}

/** As the priorities of ntfy, 1 to 5. */
export const priorityOf = (severity: AlarmSeverity): number => (severity === 'critical' ? 5 : 3);
