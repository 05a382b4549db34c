/** The whole control plane in this process, and somebody who is logged in to it. */
import { readConfig } from '@slowlight/control-plane/src/config.ts';
import { createControlPlane } from '@slowlight/control-plane/src/control-plane.ts';
import { createClosing, systemClock } from '@slowlight/protocol/kit';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';

export const HOUSE_PASSWORD = 'a-password-for-tests';

// biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape and compare them
export type Ask = (method: string, at: string, body?: unknown) => Promise<{ status: number; body: any }>;

/**
 * Runs until the test ends, or until `close`; opened again on the same folder, it is the same house.
 *
 * @param settings as in the environment; ports are free ones, unless they are given
 */
export async function openWholePlane(folder: string, settings: Record<string, string> = {}) {
  const environment = {
    SLOWLIGHT_HTTP_PORT: '0',
    SLOWLIGHT_BROKER_PORT: '0',
    SLOWLIGHT_ADMIN_PASSWORD: HOUSE_PASSWORD,
    SLOWLIGHT_WEATHER: 'off',
    ...settings,
  };
  const closing = createClosing();
  onTestFinished(closing.close);
  const log = pino({ level: 'silent' });
  const plane = await createControlPlane(readConfig(environment, folder), { clock: systemClock, log });
  closing.push('the control plane', plane.close);
  const stop = new AbortController();
  const running = plane.run(stop.signal);
  closing.push('what runs', () => {
    stop.abort();
    return running;
  });
  const login = await fetch(`${plane.address}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'admin', password: HOUSE_PASSWORD }),
  });
  const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const ask: Ask = async (method, at, body) => {
    const reply = await fetch(`${plane.address}${at}`, {
      method,
      headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    return { status: reply.status, body: text === '' ? null : JSON.parse(text) };
  };
  return { plane, ask, close: closing.close };
}
