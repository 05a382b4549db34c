/**
 * What has been said to one broker on one connection.
 *
 * Promise: what is kept there (retained) is what was said last, and what is not said any more is taken away.
 * Invariants: a text that the broker has already is not sent again, unless everything is; a component that is gone is named
 * as gone before it is left out; a removed device goes before its state.
 * When it fails: the connection ends, and on the next one everything is said anew.
 */

import type { DeviceDiscovery } from './discovery-schema.ts';
import type { Gone } from './gone.ts';
import { farewellTo, isOurs, readKept } from './left-over.ts';
import type { Link } from './link.ts';
import type { HomeTopics } from './topics.ts';

export interface Spoken {
  /** Hears what the broker has kept from before; to be asked before anything is said. */
  hearKept(topic: string, payload: Buffer): void;
  state(topic: string, content: object): Promise<void>;
  config(topic: string, content: DeviceDiscovery): Promise<void>;
  picture(topic: string, read: () => Promise<Buffer | null>, frame: string): Promise<void>;
  /** Whether the broker keeps something there, as far as we know. */
  has(topic: string): boolean;
  clear(...topics: readonly string[]): Promise<void>;
  /** Says once more what was taken away within so many milliseconds, for those who were away then. */
  clearAgain(withinMs: number): Promise<void>;
  /** Takes away what is kept and was not said since `beginAll`. */
  clearOthers(): Promise<void>;
  /** From here on everything is said again, also what has not changed. */
  beginAll(): void;
  /** Takes away all that is kept of us. */
  clearAll(): Promise<void>;
  /** Devices that are announced. */
  devices(): number;
}

/**
 * @param known topics on which something was said before, on whatever connection, and not taken away. A broker that lost
 * what it kept has not told those who listen that something is gone.
 * @param gone what was taken away, on whatever connection
 */
export function createSpoken(
  link: Link,
  { topics, houseId, known, gone }: { topics: HomeTopics; houseId: string; known: Set<string>; gone: Gone },
): Spoken {
  /** By topic, as the broker has it: the text, the configuration, the frame of a picture. */
  const texts = new Map<string, string>();
  const configs = new Map<string, unknown>();
  const pictures = new Map<string, string>();
  /** What may be there still, and was not said since everything was begun. */
  const stale = new Set<string>(known);

  const send = async (topic: string, payload: string | Buffer) => {
    known.add(topic);
    gone.delete(topic);
    await link.publish(topic, payload, { retain: true });
  };

  async function clear(...unsaid: readonly string[]): Promise<void> {
    for (const topic of unsaid) {
      await send(topic, '');
      gone.add(topic);
      for (const said of [texts, configs, pictures]) said.delete(topic);
      for (const maybe of [stale, known]) maybe.delete(topic);
    }
  }

  return {
    hearKept(topic, payload) {
      const content = readKept(payload);
      if (content === null) return;
      if (topics.readConfig(topic) !== null) {
        if (!isOurs(content)) return;
        configs.set(topic, content);
        stale.add(topic);
      } else if (content.house === houseId) {
        // Only states say it; the picture lies beside.
        if (content.picture === 'ON') stale.add(topic.replace(/state$/, 'picture'));
        stale.add(topic);
      }
    },
    async state(topic, content) {
      stale.delete(topic);
      const text = JSON.stringify(content);
      if (texts.get(topic) === text) return;
      await send(topic, text);
      texts.set(topic, text);
    },
    async config(topic, content) {
      stale.delete(topic);
      const text = JSON.stringify(content);
      if (texts.get(topic) === text) return;
      const goodbye = farewellTo(configs.get(topic), content);
      if (goodbye !== null) await send(topic, JSON.stringify(goodbye));
      await send(topic, text);
      texts.set(topic, text);
      configs.set(topic, content);
    },
    async picture(topic, read, frame) {
      stale.delete(topic);
      if (pictures.get(topic) === frame) return;
      const picture = await read();
      if (picture === null) return;
      await send(topic, picture);
      pictures.set(topic, frame);
    },
    has: (topic) => texts.has(topic) || pictures.has(topic) || stale.has(topic),
    clear,
    async clearAgain(withinMs) {
      for (const topic of gone.within(withinMs)) await link.publish(topic, '', { retain: true });
    },
    async clearOthers() {
      const isConfig = (topic: string) => topics.readConfig(topic) !== null;
      await clear(...[...stale].toSorted((a, b) => Number(isConfig(b)) - Number(isConfig(a))));
    },
    beginAll() {
      for (const said of [texts, configs, pictures]) for (const topic of said.keys()) stale.add(topic);
      texts.clear();
      pictures.clear();
    },
    async clearAll() {
      const isConfig = (topic: string) => topics.readConfig(topic) !== null;
      const all = new Set([...configs.keys(), ...texts.keys(), ...pictures.keys(), ...stale]);
      await clear(...[...all].toSorted((a, b) => Number(isConfig(b)) - Number(isConfig(a))));
    },
    devices: () => configs.size,
  };
}
