/**
 * Speaks with the broker of one house.
 *
 * Promise: what is kept there is what the records say, within a second while the connection stands and within seconds after
 * it came back, whichever side was away; nothing of ours is left that is not there any more.
 * Invariants: on each connection what the broker kept is heard first, then everything is said, then `online`; a command is
 * taken only when it came just now, is well formed and not too frequent, and its effect is shown only when it was accepted.
 * When it fails: the connection is made again with full jitter; the broker says `offline` for us meanwhile.
 */
import type { FeedEntry, HomeLinkView, HouseId } from '@slowlight/protocol';
import { type Clock, createBell, Failure, runLoop, toFailure } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { HomeBroker } from '../ports-home.ts';
import { type CommandAnswer, createRateLimit, type HomeCommand, readCommand } from './commands.ts';
import { createGone } from './gone.ts';
import { holdLink, type Link } from './link.ts';
import type { Look } from './look.ts';
import { isPassedOn, marksOf } from './marks.ts';
import { addMark, createSayer, type Marked, nothingMarked } from './sayer.ts';
import { createSpoken } from './spoken.ts';
import { homeTopics } from './topics.ts';

export interface SpeakerDeps {
  clock: Clock;
  log: Log;
  look: Look;
  /** Resolves when it was accepted. @throws Failure why it was not */
  execute: (command: HomeCommand, by: Pick<HomeBroker, 'id' | 'name'>) => Promise<void>;
  /** @throws Failure `secret.cannot-open` */
  passwordOf: (broker: HomeBroker) => string | null;
}
export interface SpeakerFacts {
  houseId: HouseId;
  version: string;
  publicUrl: string | null;
  shortestS: number;
}

/** How it leaves: for a while, or for ever, and then nothing stays behind. */
export type Leaving = 'stopped' | 'for-ever';

const RETRY = { firstMs: 500, mostMs: 8000 };
/** What the broker kept comes as it likes: heard is all when nothing came for a while, ms. */
const KEPT = { quietMs: 700, mostMs: 5000 };
const TOGETHER_MS = 200;
const REFRESH_MS = 60_000;
/** Home Assistant asks everybody at once when it starts: answers are spread, ms. */
const BIRTH_WITHIN_MS = 2000;
/**
 * Who lost the broker with us comes back to it after us: so long after each connection what is gone is said once more, ms.
 * Node-RED tries again every 15 s as it comes.
 */
const REMOVED_AGAIN_AFTER_MS = [3000, 20_000, 60_000];
/** Also while we stay: somebody may have been away for a moment. At each refresh, for so long, ms. */
const REMOVED_JUST_NOW_MS = 600_000;
const MOST_WAITING = 1000;
const MOST_COMMANDS = 50;

export function createSpeaker(deps: SpeakerDeps, facts: SpeakerFacts, first: HomeBroker) {
  const { clock, log, look } = deps;
  const topics = homeTopics({ ...first, houseId: facts.houseId });
  const bell = createBell();
  const mayAsk = createRateLimit(clock);
  const known = new Set<string>();
  const gone = createGone(clock);
  let broker = first;
  let leaving: Leaving = 'stopped';
  let marked: Marked = nothingMarked();
  let again = false;
  let waiting: { topic: string; content: object; retain: boolean }[] = [];
  let commands: { topic: string; payload: string }[] = [];
  let devices = () => 0;
  let view: Omit<HomeLinkView, 'devices'> = { state: 'connecting', since: null, fault: null, bornAt: null };

  const connected = () => view.state === 'connected';
  const later = (message: (typeof waiting)[number]) => {
    if (waiting.length >= MOST_WAITING) waiting.shift();
    waiting.push(message);
    bell.ring();
  };

  /** What the broker kept from before this connection. */
  async function hearKept(link: Link, heard: () => number, signal: AbortSignal): Promise<void> {
    await link.subscribe(topics.kept);
    const began = clock.monotonicMs();
    let before = -1;
    while (!signal.aborted && clock.monotonicMs() - began < KEPT.mostMs && heard() !== before) {
      before = heard();
      await clock.sleep(KEPT.quietMs, signal);
    }
    await link.unsubscribe(topics.kept);
  }

  async function speak(signal: AbortSignal): Promise<number> {
    let heard = 0;
    let spoken: ReturnType<typeof createSpoken> | null = null;
    const will = { topic: topics.status, payload: 'offline' };
    const options = { ...broker, password: deps.passwordOf(broker), clientId: clientIdOf(facts.houseId), will };
    await holdLink(
      clock,
      options,
      {
        onMessage(topic, payload, kept) {
          if (topic === topics.birth) return hearBirth(payload, kept);
          if (topics.readCommand(topic) !== null) return hearCommand(topic, payload, kept);
          if (!kept) return;
          heard += 1;
          spoken?.hearKept(topic, payload);
        },
        async work(link, until) {
          spoken = createSpoken(link, { topics, houseId: facts.houseId, known, gone });
          devices = spoken.devices;
          await hearKept(link, () => heard, until);
          await speakOn(link, { spoken, signal: until });
        },
        async farewell(link) {
          if (leaving === 'for-ever') await spoken?.clearAll();
          if (leaving === 'for-ever') await link.publish(topics.status, '', { retain: true });
          else await link.publish(topics.status, 'stopped', { retain: true });
        },
      },
      signal,
    ).finally(() => {
      view = { ...view, state: 'connecting', since: clock.now(), bornAt: null };
      [waiting, commands] = [[], []];
    });
    return 0;
  }

  async function speakOn(
    link: Link,
    { spoken, signal }: { spoken: ReturnType<typeof createSpoken>; signal: AbortSignal },
  ) {
    const tell = (topic: string, content: object) => link.publish(topic, JSON.stringify(content), { retain: false });
    const sayer = createSayer({
      look,
      facts: { ...facts, topics, house: facts.houseId, topicRoot: broker.topicRoot },
      spoken,
      withPicture: (camera) => broker.pictures.includes(camera),
      tell,
    });
    const sayAll = async () => {
      spoken.beginAll();
      await sayer.all(signal);
      if (!signal.aborted) await spoken.clearOthers();
    };
    marked = nothingMarked();
    await link.subscribe([topics.allCommands, topics.birth]);
    await sayAll();
    if (signal.aborted) return;
    await link.publish(topics.status, 'online', { retain: true });
    view = { ...view, state: 'connected', since: clock.now(), fault: null };
    log.info({ broker: broker.name, devices: spoken.devices() }, 'a house is told of everything');
    const beganAt = clock.monotonicMs();
    let refreshedAt = beganAt;
    let removedAgain = 0;
    while (!signal.aborted) {
      if (again) {
        await clock.sleep(Math.random() * BIRTH_WITHIN_MS, signal);
        again = false;
        await sayAll();
        await spoken.clearAgain(Number.POSITIVE_INFINITY);
        await link.publish(topics.status, 'online', { retain: true });
      }
      const nextRemoval = () => beganAt + (REMOVED_AGAIN_AFTER_MS[removedAgain] ?? Number.POSITIVE_INFINITY);
      if (clock.monotonicMs() >= nextRemoval()) {
        removedAgain += 1;
        await spoken.clearAgain(Number.POSITIVE_INFINITY);
      }
      for (const command of commands.splice(0)) await obey(command);
      const now = marked;
      marked = nothingMarked();
      const isDue = clock.monotonicMs() - refreshedAt >= REFRESH_MS;
      if (now.everything || isDue) {
        refreshedAt = clock.monotonicMs();
        await sayer.all(signal);
        if (isDue) await spoken.clearAgain(REMOVED_JUST_NOW_MS);
      }
      await sayer.some(now, signal);
      for (const { topic, content, retain } of waiting.splice(0))
        await link.publish(topic, JSON.stringify(content), { retain });
      await bell.wait(clock, Math.max(0, Math.min(REFRESH_MS, nextRemoval() - clock.monotonicMs())), signal);
      if (commands.length === 0) await clock.sleep(TOGETHER_MS, signal);
    }
  }

  function hearBirth(payload: Buffer, kept: boolean): void {
    if (kept || payload.toString('utf8') !== 'online') return;
    again = true;
    view = { ...view, bornAt: clock.now() };
    bell.ring();
  }

  function hearCommand(topic: string, payload: Buffer, kept: boolean): void {
    // Whoever kept a command would have it done again at every connection.
    if (kept || payload.length === 0 || payload.length > 1000 || commands.length >= MOST_COMMANDS) return;
    commands.push({ topic, payload: payload.toString('utf8') });
    bell.ring();
  }

  async function obey({ topic, payload }: { topic: string; payload: string }): Promise<void> {
    const asked = topics.readCommand(topic);
    if (asked === null) return;
    const answer = (result: Pick<CommandAnswer, 'result' | 'code' | 'message'>) => {
      const at = new Date(clock.now()).toISOString();
      const content: CommandAnswer = { command: asked.name, ...result, at };
      later({ topic: topics.camera(asked.camera).answer, content, retain: false });
    };
    const refuse = (code: string, message: string) => answer({ result: 'refused', code, message });
    const command = readCommand(asked, payload);
    if (typeof command === 'string') return refuse('command.unreadable', `The payload ${command}.`);
    if (!mayAsk(asked.name, asked.camera))
      return refuse('command.too-many', 'This was asked for too often in a short time; try again in a minute.');
    try {
      await deps.execute(command, broker);
      log.info(
        { broker: broker.name, camera: asked.camera, command: asked.name },
        'a house asked for something, and it is done',
      );
      answer({ result: 'accepted', code: null, message: null });
    } catch (thrown) {
      const failure = toFailure(thrown);
      if (failure.code === 'unexpected') log.error({ err: thrown, command: asked.name }, 'a command of a house failed');
      const { code, message, hint } = failure;
      refuse(code, code === 'unexpected' ? 'Something went wrong inside Slowlight.' : `${message} ${hint}`);
    }
    // Shown is what holds now, also where it was refused: a switch that was moved goes back.
    addMark(marked, { kind: 'camera', id: asked.camera });
  }

  return {
    topics,
    hear({ event, at }: FeedEntry): void {
      // Also while everything is being said: what was read just before is said once more then.
      for (const mark of marksOf(event)) addMark(marked, mark);
      bell.ring();
      if (!connected() || !isPassedOn(event)) return;
      const content = { at: new Date(at).toISOString(), type: event.type, ...event.body };
      later({ topic: topics.event(event.type), content, retain: false });
    },
    /** Anything else of ours, below the root; nobody hears it while there is no connection. */
    say(path: string, content: object, retain: boolean): void {
      if (connected()) later({ topic: topics.below(path), content, retain });
    },
    /** What needs no new connection: its name, and which pictures are shown. */
    update(changed: HomeBroker): void {
      broker = changed;
      marked.everything = true;
      bell.ring();
    },
    leave(how: Leaving): void {
      leaving = how;
    },
    view: (): HomeLinkView => ({ ...view, devices: connected() ? devices() : 0 }),
    run: (signal: AbortSignal): Promise<void> =>
      runLoop(
        speak,
        {
          clock,
          backoff: RETRY,
          onFailure(failure, waitMs) {
            const { code, message, hint } = failure;
            // Said once for each kind of fault, not at every try.
            if (view.fault?.code !== code)
              log.warn(
                { broker: broker.name, reason: message, hint, waitMs },
                'no connection to a house; it is tried again',
              );
            view = { ...view, fault: failure instanceof Failure ? { code, message, hint } : null };
          },
        },
        signal,
      ),
  };
}
export type Speaker = ReturnType<typeof createSpeaker>;

/** Within the 23 characters that every broker of MQTT 3.1.1 takes. */
const clientIdOf = (house: HouseId) => `sl-${house.slice('hse-'.length)}`;
