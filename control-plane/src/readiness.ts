import { type Clock, deadline, Failure, messageOf } from '@slowlight/protocol/kit';
import type { PartState } from './http/deps.ts';

/** A part that does not answer within this time is not ready, ms. */
const ANSWER_WITHIN_MS = 2000;

/** Asks every part at once whether it can do its work, and how long that took. Part of THE PAGE. */
export function askParts(parts: Readonly<Record<string, () => Promise<void>>>, clock: Clock): Promise<PartState[]> {
  return Promise.all(Object.entries(parts).map(([part, ping]) => askPart(part, ping, clock)));
}

async function askPart(part: string, ping: () => Promise<void>, clock: Clock): Promise<PartState> {
  const asked = clock.monotonicMs();
  const never = new AbortController();
  const limit = deadline(clock, ANSWER_WITHIN_MS, never.signal);
  const tooLate = new Promise<never>((_resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)));
  });
  try {
    await Promise.race([ping(), tooLate]);
    return { part, ready: true, detail: `answered within ${Math.ceil(clock.monotonicMs() - asked)} ms` };
  } catch (thrown) {
    const hint = thrown instanceof Failure ? ` ${thrown.hint}` : '';
    return { part, ready: false, detail: `${asSentence(messageOf(thrown))}${hint}` };
  } finally {
    limit.clear();
  }
}

const asSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
