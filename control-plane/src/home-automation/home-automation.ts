/**
 * The door of home automation: tells the houses of the users what there is, and does what they ask for.
 *
 * Promise: each broker that is arranged and enabled is told of everything, by Home Assistant's device discovery and as plain
 * JSON, and comes back by itself whoever was away.
 * Invariants: one connection for each broker; what is told comes from the records alone; what people ask goes through the
 * same verbs as the API. A broker that is removed, disabled or given other topics is left clean; one that only gets another
 * login keeps what it knows.
 * When it fails: each connection on its own; the records and all other rooms never wait for a house.
 */
import {
  type FeedEntry,
  type HomeAutomationView,
  type HomeBrokerId,
  type HomeLinkView,
  type HomeTestInput,
  type HomeTestResult,
  newSessionId,
} from '@slowlight/protocol';
import { type Clock, createBell, Failure, runLoop, type SecretBox } from '@slowlight/protocol/kit';
import type { Log, ObjectStore } from '../frame.ts';
import type { HomeBroker, HomeRecords } from '../ports-home.ts';
import { type BrokerSettings, createBrokerSettings } from './broker-settings.ts';
import type { HomeCommand } from './commands.ts';
import { tryLink } from './link.ts';
import { createLook, type LookRecords } from './look.ts';
import { createSpeaker, type Leaving, type Speaker } from './speaker.ts';
import { homeTopics } from './topics.ts';

export interface HomeAutomationDeps {
  clock: Clock;
  log: Log;
  records: HomeRecords & LookRecords;
  objects: Pick<ObjectStore, 'read' | 'stat'>;
  box: SecretBox;
  /** The verbs of the API. Resolves when it was accepted. @throws Failure why it was not */
  execute: (command: HomeCommand, by: Pick<HomeBroker, 'id' | 'name'>) => Promise<void>;
}
export interface HomeAutomationOptions {
  version: string;
  publicUrl: string | null;
  minIntervalMs: number;
  /** Whether this process speaks with houses; of several on the same records only one may. */
  speaks: boolean;
}

export interface HomeAutomation extends Pick<BrokerSettings, 'add' | 'change' | 'remove'> {
  view(): Promise<HomeAutomationView>;
  test(input: HomeTestInput, signal: AbortSignal): Promise<HomeTestResult>;
  /** Hears what happened, in order. */
  hear(entry: FeedEntry): void;
  /** Says something else of ours to every house that is there now, below its topic root; never fails, and waits for nobody. */
  say(path: string, content: object, how?: { retain?: boolean }): void;
  run(signal: AbortSignal): Promise<void>;
}

interface Running {
  broker: HomeBroker;
  speaker: Speaker;
  stop: AbortController;
  ended: Promise<void>;
}

/** Whoever takes away what it had announced gives Home Assistant so much time before it announces it anew, ms. */
const BEFORE_AGAIN_MS = 2000;
const LOOK_AGAIN_MS = 60_000;
const OFF: HomeLinkView = { state: 'off', since: null, fault: null, devices: 0, bornAt: null };

export function createHomeAutomation(deps: HomeAutomationDeps, options: HomeAutomationOptions): HomeAutomation {
  const { clock, log, records } = deps;
  const look = createLook(deps);
  const changed = createBell();
  const running = new Map<HomeBrokerId, Running>();
  const settings = createBrokerSettings(deps, {
    linkOf: ({ id }) => running.get(id)?.speaker.view() ?? OFF,
    onChanged: changed.ring,
  });

  async function start(broker: HomeBroker): Promise<void> {
    const facts = {
      houseId: await records.houseId(),
      version: options.version,
      publicUrl: options.publicUrl,
      shortestS: options.minIntervalMs / 1000,
    };
    const speaker = createSpeaker({ ...deps, look, passwordOf: settings.passwordOf }, facts, broker);
    const stop = new AbortController();
    running.set(broker.id, { broker, speaker, stop, ended: speaker.run(stop.signal) });
  }

  async function end({ broker, speaker, stop, ended }: Running, how: Leaving): Promise<void> {
    speaker.leave(how);
    if (how === 'for-ever' && speaker.view().state !== 'connected')
      log.warn(
        { broker: broker.name },
        'a house cannot be reached, so what it was told stays there; speak with it once more under the same topics to clear it',
      );
    stop.abort();
    await ended;
    running.delete(broker.id);
  }

  /** Brings the connections to what is arranged. */
  async function arrange(signal: AbortSignal): Promise<number> {
    const wanted = new Map((await records.homeBrokers()).filter((one) => one.enabled).map((one) => [one.id, one]));
    let cleared = false;
    for (const one of [...running.values()]) {
      const now = wanted.get(one.broker.id);
      if (now !== undefined && sameLink(one.broker, now)) {
        if (JSON.stringify(one.broker) !== JSON.stringify(now)) one.speaker.update(now);
        one.broker = now;
        continue;
      }
      const how = now !== undefined && sameTopics(one.broker, now) ? 'stopped' : 'for-ever';
      await end(one, how);
      cleared ||= how === 'for-ever' && now !== undefined;
    }
    if (cleared) await clock.sleep(BEFORE_AGAIN_MS, signal);
    if (signal.aborted) return 0;
    for (const [id, broker] of wanted) if (!running.has(id)) await start(broker);
    await changed.wait(clock, LOOK_AGAIN_MS, signal);
    return 0;
  }

  return {
    add: settings.add,
    change: settings.change,
    remove: settings.remove,
    view: async () => ({ houseId: await records.houseId(), brokers: await settings.list() }),
    async test(input, signal) {
      const { password, ...wanted } = await settings.toTry(input);
      const topics = homeTopics({ ...wanted, houseId: await records.houseId() });
      const clientId = `sl-try-${newSessionId().slice(-12)}`;
      try {
        const { tookMs } = await tryLink(
          clock,
          {
            options: { ...wanted, password, clientId, will: null },
            topics: [topics.echo, topics.config(topics.node('trial'))],
          },
          signal,
        );
        return { kind: 'works', tookMs };
      } catch (thrown) {
        if (!(thrown instanceof Failure)) throw thrown;
        const { code, message, hint } = thrown;
        return { kind: 'failed', code, message, hint };
      }
    },
    hear(entry) {
      for (const { speaker } of running.values()) speaker.hear(entry);
    },
    say(path, content, { retain = false } = {}) {
      for (const { speaker } of running.values()) speaker.say(path, content, retain);
    },
    async run(signal) {
      if (!options.speaks) return;
      await runLoop(
        arrange,
        {
          clock,
          onFailure: ({ message: reason, hint }, waitMs) =>
            log.warn({ reason, hint, waitMs }, 'the houses to speak with cannot be read; it is tried again'),
        },
        signal,
      );
      await Promise.all([...running.values()].map((one) => end(one, 'stopped')));
    },
  };
}

const sameTopics = (one: HomeBroker, other: HomeBroker) =>
  one.url === other.url && one.topicRoot === other.topicRoot && one.discoveryPrefix === other.discoveryPrefix;
const sameLink = (one: HomeBroker, other: HomeBroker) =>
  sameTopics(one, other) &&
  one.mqtt === other.mqtt &&
  one.username === other.username &&
  one.sealedPassword === other.sealedPassword &&
  one.ca === other.ca;
