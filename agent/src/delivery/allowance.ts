/**
 * The allowance: what may go on the line by the user's budget, rate and hours.
 *
 * Promise: pictures go only as the settings allow, whatever lane they are on; what has gone is counted by the day of the
 * site's calendar, failed tries included, and is on the card with the next commit of uploads. After a crash at most the
 * pictures that were on their way are not counted. Events (about 1 KB for each picture) are not counted.
 */
import { type DeliverySettings, deliverySettings, type SiteDay, siteDay } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import { decideHold, type Hold } from './decide-hold.ts';
import type { LaneName } from './lanes.ts';

export interface SentBytes {
  day: string;
  newBytes: number;
  backlogBytes: number;
}
export interface AllowanceDeps {
  clock: Clock;
  log: Log;
  /** Null before the first settings have come. */
  settings(): { delivery?: DeliverySettings | undefined; timeZone: string } | null;
  /** What the card knows of what was sent. */
  sentBytes(): SentBytes[];
}

/** What the rate could not use because nobody looked in time, and may use a little later, ms. */
const CREDIT_MS = 2000;
const UNLIMITED = deliverySettings.parse({});

export function createAllowance({ clock, log, settings, sentBytes }: AllowanceDeps) {
  const stored = new Map(sentBytes().map((one) => [one.day, { ...one }]));
  const unsaved = new Map<string, SentBytes>();
  const onTheWay = { new: 0, backlog: 0 };
  const holds: Record<LaneName, Hold | null> = { new: null, backlog: null };
  /** When the rate lets the next frame of the backlog go, monotonic ms. */
  let pacedUntil = 0;
  let known: { zone: string; day: SiteDay } | null = null;

  const rules = () => settings()?.delivery ?? UNLIMITED;
  const zone = () => settings()?.timeZone ?? 'UTC';

  function today(): string {
    const now = clock.now();
    if (known === null || known.zone !== zone() || now < known.day.startsAt || now >= known.day.endsAt)
      known = { zone: zone(), day: siteDay(zone(), now) };
    return known.day.day;
  }

  function add(to: Map<string, SentBytes>, lane: LaneName, bytes: number): void {
    const day = today();
    const entry = to.get(day) ?? { day, newBytes: 0, backlogBytes: 0 };
    if (lane === 'new') entry.newBytes += bytes;
    else entry.backlogBytes += bytes;
    to.set(day, entry);
  }

  function decide(lane: LaneName, bytes: number): Hold | null {
    const limits = rules();
    const unlimited = limits.bytesPerDay === null && limits.bytesPerMonth === null;
    if (unlimited && limits.backlogBitsPerSecond === null && limits.backlogHours.length === 0) return null;
    const now = clock.now();
    const counted = new Map([...stored].map(([day, one]) => [day, { ...one }]));
    add(counted, 'new', onTheWay.new);
    add(counted, 'backlog', onTheWay.backlog);
    return decideHold(lane, bytes, {
      settings: limits,
      timeZone: zone(),
      now,
      sent: [...counted.values()],
      pacedUntil: limits.backlogBitsPerSecond === null ? 0 : now + (pacedUntil - clock.monotonicMs()),
    });
  }

  function note(lane: LaneName, hold: Hold | null): void {
    const before = holds[lane];
    holds[lane] = hold;
    // The rate holds for moments, again and again: that is its work, and no news.
    const news = (one: Hold | null) => (one === null || one.by === 'rate' ? null : one.by);
    if (news(before) === news(hold)) return;
    const what = lane === 'new' ? 'new frames are' : 'the backlog is';
    if (news(hold) === null) log.info({ lane }, `${what} not held back any more`);
    else log.info({ lane, by: hold?.by, until: hold?.until }, `${what} held back by the ${hold?.by}`);
  }

  return {
    /** Whether the next picture of a lane has to wait, and for how long at most; null: it may go. */
    hold(lane: LaneName, bytes: number): Hold | null {
      const hold = decide(lane, bytes);
      note(lane, hold);
      return hold;
    },
    begin(lane: LaneName, bytes: number): void {
      onTheWay[lane] += bytes;
      const rate = rules().backlogBitsPerSecond;
      if (lane !== 'backlog' || rate === null) return;
      pacedUntil = Math.max(pacedUntil, clock.monotonicMs() - CREDIT_MS) + (bytes * 8000) / rate;
    },
    /** @param sent how many of its bytes have gone, as far as one can know */
    end(lane: LaneName, { bytes, sent }: { bytes: number; sent: number }): void {
      onTheWay[lane] -= bytes;
      add(stored, lane, sent);
      add(unsaved, lane, sent);
    },
    /** What is to be written down. */
    unsaved: (): SentBytes[] => [...unsaved.values()].filter((one) => one.newBytes + one.backlogBytes > 0),
    /** These have been written down. */
    saved(written: readonly SentBytes[]): void {
      for (const { day, newBytes, backlogBytes } of written) {
        const entry = unsaved.get(day);
        if (entry === undefined) continue;
        entry.newBytes -= newBytes;
        entry.backlogBytes -= backlogBytes;
        if (entry.newBytes + entry.backlogBytes <= 0) unsaved.delete(day);
      }
    },
    /** Why the backlog (or even new frames) wait now; null: they do not. */
    holds: (): Readonly<Record<LaneName, Hold | null>> => ({ ...holds }),
  };
}
export type Allowance = ReturnType<typeof createAllowance>;
