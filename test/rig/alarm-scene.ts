import { randomBytes } from 'node:crypto';
import { type Alarms, createAlarms } from '@slowlight/control-plane/src/alarms/alarms.ts';
import { MAIL_WITHIN_MS } from '@slowlight/control-plane/src/alarms/send-email.ts';
import type { Records } from '@slowlight/control-plane/src/ports.ts';
import { newSessionId } from '@slowlight/protocol';
import { createOutbound, createSecretBox, systemClock } from '@slowlight/protocol/kit';
import { onTestFinished, type TestContext } from 'vitest';
import { openDirectoryStore } from './directory-store.ts';
import { createQuietLog } from './quiet-log.ts';
import { openRecordsScene } from './records-scene.ts';
import { openSqliteHouse } from './sqlite-house.ts';

/** The alarms room on real records with one agent; its waits are short in real time while the wall clock is moved by hand. */
export async function openAlarmScene(context: TestContext, { allow = ['127.0.0.0/8'] }: { allow?: string[] } = {}) {
  const scene = await openRecordsScene(openSqliteHouse, context);
  const { store } = await openDirectoryStore();
  const log = createQuietLog();
  const states: object[] = [];
  // Whoever waits is woken in real time; what time it is, the test says.
  const clock = {
    now: scene.clock.now,
    monotonicMs: systemClock.monotonicMs,
    // A mail may take its time.
    sleep: (ms: number, signal: AbortSignal) =>
      systemClock.sleep(ms === MAIL_WITHIN_MS ? ms : Math.min(ms, 30), signal),
  };
  const timeouts = { ...clock, sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms / 20, signal) };
  const box = createSecretBox(randomBytes(32));
  const make = (records: Records = scene.records) =>
    createAlarms(
      {
        clock,
        log,
        records,
        objects: store,
        box,
        outbound: createOutbound({ clock: timeouts }, { allow }),
        certificateExpiresAt: () => null,
        storage: async () => null,
        sayState: (state) => void states.push(state),
      },
      { publicUrl: 'https://slowlight.example.org', works: true },
    );
  /** Runs until it is stopped, or the test ends. */
  function start(alarms: Alarms): () => Promise<void> {
    const stop = new AbortController();
    const ended = alarms.run(stop.signal);
    const end = () => {
      stop.abort();
      return ended;
    };
    onTestFinished(end);
    return end;
  }
  const say = (status: 'online' | 'offline') =>
    scene.records.recordStatus(scene.agent.id, {
      v: 1,
      session: newSessionId(),
      sentAt: scene.clock.now(),
      type: 'agent.status',
      body:
        status === 'online'
          ? {
              status,
              bootId: 'boot-0001' as never,
              version: '0.1.0',
              startedAt: scene.clock.now(),
              settingsVersion: 1,
              capabilities: [],
              publicKey: `${'A'.repeat(43)}=`,
            }
          : { status },
    });
  return { ...scene, store, log, states, make, start, say, box };
}
