/** A server that answers as Open-Meteo does: hourly values by the calendar of GMT; and one that does not. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

const HOUR = 3_600_000;
export type WeatherFault =
  | 'silent'
  | 'broken'
  | 'refuses'
  | 'no-json'
  | 'endless'
  | 'impossible'
  | 'redirects'
  | 'imperial';

export interface WeatherServer {
  url: string;
  /** Path and parameters of each question. */
  asked: { path: string; query: Record<string, string> }[];
  fault: WeatherFault | null;
  /** From this hour on it knows nothing yet, ms. */
  knowsUntil: number;
}

/** Pure: the temperature that it tells for an hour, °C. */
export const temperatureAt = (hour: number): number => (hour / HOUR) % 24;

/** Goes with the test. */
export async function openWeatherServer(): Promise<WeatherServer> {
  const state: WeatherServer = { url: '', asked: [], fault: null, knowsUntil: Number.MAX_SAFE_INTEGER };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const query = Object.fromEntries(searchParams);
    state.asked.push({ path: pathname, query });
    response.on('error', () => {});
    if (state.fault === 'silent') return;
    if (state.fault === 'broken') return response.writeHead(503).end('no');
    if (state.fault === 'redirects') return response.writeHead(302, { location: `${state.url}/elsewhere` }).end();
    if (state.fault === 'no-json') return response.end('<html>a portal of a hotel</html>');
    if (state.fault === 'refuses')
      return response.writeHead(400).end(JSON.stringify({ error: true, reason: 'Latitude must be in range' }));
    if (state.fault === 'endless') {
      const piece = '['.repeat(64 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', more);
      return more();
    }
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(answerTo(query, state)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

function answerTo(query: Record<string, string>, { fault, knowsUntil }: WeatherServer) {
  const from = Date.parse(`${query.start_date}T00:00Z`);
  const until = Date.parse(`${query.end_date}T00:00Z`) + 24 * HOUR;
  const hours = Array.from({ length: (until - from) / HOUR }, (_, index) => from + index * HOUR);
  const each = (value: (hour: number) => number) => hours.map((hour) => (hour < knowsUntil ? value(hour) : null));
  return {
    latitude: 48.2,
    longitude: 16.36,
    generationtime_ms: 0.05,
    utc_offset_seconds: 0,
    timezone: 'GMT',
    timezone_abbreviation: 'GMT',
    elevation: 192,
    hourly_units: {
      time: 'unixtime',
      temperature_2m: '°C',
      weather_code: 'wmo code',
      wind_speed_10m: fault === 'imperial' ? 'mp/h' : 'm/s',
      wind_direction_10m: '°',
      cloud_cover: '%',
    },
    hourly: {
      time: hours.map((hour) => hour / 1000),
      temperature_2m: each(fault === 'impossible' ? () => 4000 : temperatureAt),
      weather_code: each(() => 61),
      wind_speed_10m: each(() => 3.25),
      wind_direction_10m: each(() => 225),
      cloud_cover: each(() => 90),
    },
  };
}
