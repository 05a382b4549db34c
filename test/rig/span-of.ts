import { newSpanId, newTimelapseId, type Span, schedule } from '@slowlight/protocol';

const HOUR = 3_600_000;

/** A span of an hourly schedule in UTC from 2024 on, but for what is given. */
export function spanOf(given: object, over: Partial<Span> = {}): Span {
  return {
    id: newSpanId(),
    timelapseId: newTimelapseId(),
    from: Date.parse('2024-01-01T00:00:00Z'),
    until: null,
    firstAtOnce: false,
    ...over,
    schedule: schedule.parse({ rhythm: { kind: 'interval', everyMs: HOUR }, timeZone: 'UTC', ...given }),
  };
}
