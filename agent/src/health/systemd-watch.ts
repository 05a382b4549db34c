/**
 * Tells systemd how the agent is: ready, alive, stopping.
 *
 * Promise: the watchdog is fed only while every loop turns; one that is stuck stops the feeding, and systemd starts the agent
 * anew. When telling fails, it is tried again well before systemd's patience ends.
 * Node has no unix datagram sockets, so it is told through `systemd-notify`, which is wherever systemd is; see
 * docs/decisions/0013-systemd-notify.md.
 */
import { type Clock, messageOf, runLoop, runProgram } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';

export interface ServiceWatchDeps {
  clock: Clock;
  log: Log;
  /** The loops that do not turn any more. */
  stuck(): string[];
}
export interface ServiceWatchOptions {
  /** How long systemd waits to be fed, ms; null: it does not watch. */
  watchdogMs: number | null;
  program?: string;
}

const PROGRAM = 'systemd-notify';
const TELL_MS = 10_000;
/** Fed three times in systemd's patience, so that one that fails does no harm. */
const FEEDS = 3;

export function createServiceWatch({ clock, log, stuck }: ServiceWatchDeps, options: ServiceWatchOptions) {
  const { watchdogMs, program = PROGRAM } = options;
  const never = new AbortController().signal;

  /** @throws Failure `program.missing` | `program.timed-out` */
  async function tell(...words: string[]): Promise<void> {
    const { exitCode, complaint } = await runProgram({
      program,
      args: words,
      clock,
      deadlineMs: TELL_MS,
      signal: never,
    });
    if (exitCode !== 0) throw new Error(`${program} failed (${exitCode}): ${complaint}`);
  }

  /** One look: fed when everything turns. */
  async function feed(): Promise<void> {
    const loops = stuck();
    if (loops.length === 0) return tell('WATCHDOG=1', 'STATUS=working');
    log.error({ loops }, 'a loop does not turn any more: the watchdog is not fed, and the agent will be started anew');
    await tell(`STATUS=stuck: ${loops.join(', ').slice(0, 200)}`);
  }

  return async (signal: AbortSignal): Promise<void> => {
    let ready = false;
    await runLoop(
      async () => {
        if (!ready) await tell('READY=1', 'STATUS=working');
        ready = true;
        if (watchdogMs === null) {
          await clock.sleep(3_600_000, signal);
          return 0;
        }
        await feed();
        return watchdogMs / FEEDS;
      },
      {
        clock,
        backoff: { firstMs: 500, mostMs: Math.min(10_000, (watchdogMs ?? 60_000) / FEEDS) },
        onFailure: (failure, waitMs) =>
          log.error(
            { code: failure.code, hint: failure.hint, waitMs },
            `systemd could not be told: ${failure.message}`,
          ),
      },
      signal,
    );
    await tell('STOPPING=1').catch((cause: unknown) =>
      log.warn({}, `systemd could not be told that the agent stops: ${messageOf(cause)}`),
    );
  };
}
