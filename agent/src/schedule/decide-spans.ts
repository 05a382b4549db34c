import { isDeepStrictEqual } from 'node:util';
import { type AgentSettings, newSpanId, type Span, type TimelapseId } from '@slowlight/protocol';

export interface SpanDecision {
  closed: Span[];
  opened: Span[];
}

/**
 * Which spans end and which begin when settings come into force (or are found again at a start). Pure.
 * A span begins after every slot that is settled or being taken, so that no slot lies in two spans or in none.
 * @param spans those that are kept, of all timelapses
 * @param settledUpTo the last slot of a timelapse that is settled or under way, ms; null: it has never had a span
 */
export function decideSpans(
  settings: AgentSettings,
  spans: readonly Span[],
  settledUpTo: (timelapse: TimelapseId) => number | null,
  now: number,
): SpanDecision {
  const open = new Map(spans.filter((span) => span.until === null).map((span) => [span.timelapseId, span]));
  const closed: Span[] = [];
  const opened: Span[] = [];
  for (const timelapse of settings.timelapses) {
    const current = open.get(timelapse.id);
    open.delete(timelapse.id);
    const settled = settledUpTo(timelapse.id);
    const from = Math.max(now, (settled ?? 0) + 1, current?.from ?? 0);
    const { endsAt } = timelapse.schedule;
    const over = endsAt !== null && endsAt <= now;
    const wanted = timelapse.state === 'running' && !over;
    if (current !== undefined && wanted && sameSchedule(current, timelapse.schedule)) continue;
    if (current !== undefined) closed.push({ ...current, until: endOf(current, from) });
    if (wanted)
      opened.push({
        id: newSpanId(),
        timelapseId: timelapse.id,
        schedule: timelapse.schedule,
        from,
        until: null,
        firstAtOnce: timelapse.firstAtOnce && settled === null,
      });
  }
  // What the settings do not hold any more has ended too.
  for (const gone of open.values())
    closed.push({ ...gone, until: endOf(gone, Math.max(now, (settledUpTo(gone.timelapseId) ?? 0) + 1, gone.from)) });
  return { closed, opened };
}

/** A span whose schedule has come to its end stops there, however late somebody looks. */
export function endOf(span: Span, at: number): number {
  const { endsAt } = span.schedule;
  return endsAt !== null && endsAt < at ? Math.max(endsAt, span.from) : at;
}

/** By what they say: a field that is left out and one that is `undefined` are the same. */
function sameSchedule(span: Span, schedule: Span['schedule']): boolean {
  const said = (value: Span['schedule']): unknown => JSON.parse(JSON.stringify(value));
  return isDeepStrictEqual(said(span.schedule), said(schedule));
}
