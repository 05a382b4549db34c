/**
 * Open-Meteo, or a server of its kind: hourly values, without a key. Its forecast covers the last 92 days too; what is
 * older is in its archive.
 * Source: https://open-meteo.com/en/docs and https://open-meteo.com/en/docs/historical-weather-api
 */
import { type WeatherFacts, weatherFacts } from '@slowlight/protocol';
import { type Clock, deadline, Failure, messageOf } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { readLimited } from './read-limited.ts';
import type { WeatherProvider } from './weather-provider.ts';

/** Where the two kinds of questions go. */
export interface OpenMeteoOptions {
  forecastUrl: string;
  archiveUrl: string;
  timeLimitMs?: number;
}

/** The public one. */
export const OPEN_METEO: OpenMeteoOptions = {
  forecastUrl: 'https://api.open-meteo.com',
  archiveUrl: 'https://archive-api.open-meteo.com',
};

const DAY_MS = 86_400_000;
/** Two days less than it says, because its days and ours may begin at different moments. */
const FORECAST_COVERS_MS = 90 * DAY_MS;
/** Up to two weeks of up to ten values count as one question; 13 days from any hour lie within 14 days of the calendar. */
const MOST_HOURS = 13 * 24;
/** Two weeks of our values are about 15 KB. */
const MOST_BYTES = 256 * 1024;
/** Hundredths of a degree are about a kilometre: finer than its weather, and nobody's front door. */
const DECIMALS = 2;
const MOST_REASON = 200;

const values = z.array(z.number().nullable()).max(1000);
const answerShape = z.object({
  hourly_units: z.object({ temperature_2m: z.literal('°C'), wind_speed_10m: z.literal('m/s') }),
  hourly: z.object({
    time: z.array(z.int()).max(1000),
    temperature_2m: values,
    weather_code: values,
    wind_speed_10m: values,
    wind_direction_10m: values,
    cloud_cover: values,
  }),
});
const refusalShape = z.object({ reason: z.string() });

export function createOpenMeteo(
  { clock }: { clock: Clock },
  { forecastUrl, archiveUrl, timeLimitMs = 10_000 }: OpenMeteoOptions,
): WeatherProvider {
  const name = new URL(forecastUrl).host;

  async function ask(url: URL, parent: AbortSignal): Promise<string> {
    const limit = deadline(clock, timeLimitMs, parent);
    try {
      const answer = await fetch(url, {
        redirect: 'manual',
        signal: limit.signal,
        headers: { accept: 'application/json', 'user-agent': 'slowlight' },
      });
      const body = await readLimited(answer, MOST_BYTES);
      if (body === null) throw unreadable(`an answer of more than ${MOST_BYTES / 1024} KB`);
      if (answer.ok) return body;
      throw answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429
        ? refused(answer.status, body)
        : unreachable(`it answers with status ${answer.status}`);
    } catch (thrown) {
      throw thrown instanceof Failure ? thrown : unreachable(whyNot(thrown), thrown);
    } finally {
      limit.clear();
    }
  }

  const unreachable = (why: string, cause?: unknown) =>
    new Failure({
      code: 'weather.unreachable',
      message: `The weather cannot be asked of ${name}: ${why}.`,
      hint: 'Frames go on without it, and get it later. If this machine may not reach it, set SLOWLIGHT_WEATHER=off.',
      retry: 'soon',
      cause,
    });
  const refused = (status: number, body: string) =>
    new Failure({
      code: 'weather.refused',
      message: `${name} refuses to tell the weather (status ${status}${reasonOf(body)}).`,
      hint: "Look at the site's latitude and longitude, and at SLOWLIGHT_WEATHER.",
      retry: 'never',
    });
  const unreadable = (what: string, cause?: unknown) =>
    new Failure({
      code: 'weather.unreadable',
      message: `What ${name} says of the weather cannot be understood: ${what}.`,
      hint: 'SLOWLIGHT_WEATHER must name a server that answers as Open-Meteo does.',
      retry: 'later',
      cause,
    });

  return {
    name,
    mostHours: MOST_HOURS,
    async read(place, { from, until }, signal) {
      const isOld = from < clock.now() - FORECAST_COVERS_MS;
      const url = new URL(isOld ? '/v1/archive' : '/v1/forecast', isOld ? archiveUrl : forecastUrl);
      url.search = new URLSearchParams({
        latitude: place.latitude.toFixed(DECIMALS),
        longitude: place.longitude.toFixed(DECIMALS),
        hourly: 'temperature_2m,weather_code,wind_speed_10m,wind_direction_10m,cloud_cover',
        wind_speed_unit: 'ms',
        timeformat: 'unixtime',
        timezone: 'GMT',
        start_date: dayOf(from),
        end_date: dayOf(until),
      }).toString();
      const body = await ask(url, signal);
      try {
        return readAnswer(JSON.parse(body));
      } catch (thrown) {
        throw unreadable(thrown instanceof z.ZodError ? firstOf(thrown) : 'it is no JSON', thrown);
      }
    },
  };
}

/** Pure: an answer as facts by the begin of their hour, ms. Hours of which it knows nothing are left out. @throws ZodError */
export function readAnswer(answer: unknown): Map<number, WeatherFacts> {
  const { hourly } = answerShape.parse(answer);
  const facts = new Map<number, WeatherFacts>();
  for (const [index, seconds] of hourly.time.entries()) {
    const of = (list: readonly (number | null)[]) => list[index] ?? null;
    const read = weatherFacts.parse({
      temperatureCelsius: of(hourly.temperature_2m),
      conditions: of(hourly.weather_code),
      windMs: of(hourly.wind_speed_10m),
      windDirectionDegrees: of(hourly.wind_direction_10m),
      cloudPercent: of(hourly.cloud_cover),
    });
    if (Object.values(read).some((value) => value !== null)) facts.set(seconds * 1000, read);
  }
  return facts;
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

const firstOf = ({ issues: [first] }: z.ZodError): string => `${first?.path.join('.')}: ${first?.message}`;

function reasonOf(body: string): string {
  try {
    const { reason } = refusalShape.parse(JSON.parse(body));
    return `: ${reason.replace(/\p{Cc}/gu, ' ').slice(0, MOST_REASON)}`;
  } catch {
    return '';
  }
}

function whyNot(thrown: unknown): string {
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') return 'it does not answer in time';
  return messageOf(thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown);
}
