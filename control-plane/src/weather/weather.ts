/**
 * Fetches what the weather was.
 *
 * Promise: nothing waits for it. Frames are recorded with what is known, and get the rest when it is.
 * Invariants: one question at a time; a site is asked for at most once in an hour, and then for no more than a few
 * stretches of hours, the present one first; only places of sites that have frames are told to anybody.
 * When it fails: the provider is left alone, for a minute first and for an hour at last, and one warning says so until it
 * answers again. A site whose question is refused is left alone for a day.
 */
import { type Clock, createBell, Failure, runLoop } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { FeedRecords } from '../ports.ts';
import type { WeatherRecords, WeatherRound } from '../ports-weather.ts';
import { stretchesOf } from './stretches.ts';
import type { WeatherProvider } from './weather-provider.ts';

export interface WeatherDeps {
  clock: Clock;
  log: Log;
  records: WeatherRecords & Pick<FeedRecords, 'onAppended'>;
  provider: WeatherProvider;
}

/** How often somebody looks for a site whose turn it is: at the least, and at the most while frames come. */
const LOOK_MS = 30_000;
const PAUSE_MS = 1000;
const MOST_STRETCHES = 4;
const REST = { firstMs: 60_000, mostMs: 3_600_000 };
const REFUSED_REST_MS = 24 * 3_600_000;

export function createWeather({ clock, log, records, provider }: WeatherDeps) {
  const somethingNew = createBell();
  let failures = 0;

  async function readRound({ siteId, hours, ...place }: WeatherRound, signal: AbortSignal): Promise<void> {
    for (const { from, until, hours: asked } of stretchesOf(hours, { ...provider, most: MOST_STRETCHES })) {
      const known = await provider.read(place, { from, until }, signal);
      await records.weatherRead(
        siteId,
        asked.map((hour) => ({ hour, facts: known.get(hour) ?? null })),
      );
    }
  }

  /** One site. Gives how long to wait, ms. */
  async function turn(signal: AbortSignal): Promise<number> {
    const round = await records.claimWeather();
    if (round === null) {
      await somethingNew.wait(clock, LOOK_MS, signal);
      return PAUSE_MS;
    }
    try {
      await readRound(round, signal);
      if (failures > 0) log.info({ provider: provider.name }, 'the weather is told again');
      failures = 0;
      return 0;
    } catch (thrown) {
      if (!(thrown instanceof Failure) || !thrown.code.startsWith('weather.')) throw thrown;
      // Whoever stops while it waits has not been failed.
      if (signal.aborted) return await giveBack(round, 0);
      const { message: reason, hint } = thrown;
      if (thrown.retry === 'never') {
        log.warn(
          { site: round.siteId, reason, hint },
          'the weather of a site is refused; it is asked for again tomorrow',
        );
        return await giveBack(round, REFUSED_REST_MS);
      }
      failures += 1;
      const waitMs = Math.min(REST.mostMs, REST.firstMs * 2 ** Math.min(failures - 1, 10));
      if (failures === 1) log.warn({ reason, hint, waitMs }, 'the weather is not known now; frames get it later');
      await giveBack(round, waitMs);
      return waitMs;
    }
  }

  async function giveBack({ siteId }: WeatherRound, waitMs: number): Promise<number> {
    await records.weatherFailed(siteId, waitMs);
    return 0;
  }

  return {
    async run(signal: AbortSignal): Promise<void> {
      log.info({ provider: provider.name }, 'the weather of sites that have a place is asked for once in an hour');
      const stopHearing = records.onAppended(somethingNew.ring);
      await runLoop(
        turn,
        {
          clock,
          onFailure: ({ message: reason, hint }, waitMs) =>
            log.warn({ reason, hint, waitMs }, 'the weather cannot be kept now; it is tried again'),
        },
        signal,
      );
      stopHearing();
    },
  };
}
