/** What every broker must do, whichever it is: the same acts, allowed and denied, and what the others hear of them. */

import type { Broker } from '@slowlight/control-plane/src/broker/broker.ts';
import { type AgentId, MAX_MESSAGE_BYTES, newAgentId, TOPIC_ROOT, topics } from '@slowlight/protocol';
import type { IClientOptions } from 'mqtt';
import { describe, expect, type TestContext, test } from 'vitest';
import { openMqttAgent } from '../rig/mqtt-agent.ts';
import { until } from '../rig/until.ts';

export interface AgentIdentity {
  id: AgentId;
  secret: string;
}
export interface BrokerUnderTest {
  broker: Broker;
  /** Where agents connect to. */
  url: string;
}

export const newIdentity = (): AgentIdentity => ({ id: newAgentId(), secret: crypto.randomUUID() });

/** @param open a broker that lets these agents in; it may skip the test where the engine is missing */
export function brokerContract(
  name: string,
  open: (context: TestContext, agents: readonly AgentIdentity[]) => Promise<BrokerUnderTest>,
): void {
  const me = newIdentity();
  const other = newIdentity();

  async function scene(context: TestContext) {
    const { broker, url } = await open(context, [me, other]);
    const messages: { topic: string; text: string }[] = [];
    broker.onMessage((topic, payload) => messages.push({ topic, text: Buffer.from(payload).toString('utf8') }));
    await until('the control plane is connected', () => broker.connected());
    const connect = async (who: AgentIdentity, options: IClientOptions = {}) => {
      const agent = openMqttAgent(url, { username: who.id, password: who.secret }, options);
      await until('the broker has answered the login', () => agent.state() !== 'waiting');
      return agent;
    };
    /** Everything that was sent before has been dealt with once this message has gone round. */
    const fence = async () => {
      const text = `fence ${crypto.randomUUID()}`;
      const messenger = await connect(other);
      if (messenger.state() === 'in')
        await messenger.client.publishAsync(topics.agentEvents(other.id), text, { qos: 1 });
      await until('the fence has arrived', () => messages.some((message) => message.text === text));
      await messenger.client.endAsync();
    };
    const heardAbout = (text: string) => messages.filter((message) => message.text === text);
    return { broker, url, connect, fence, messages, heardAbout };
  }

  describe(`${name} keeps the broker's promises`, () => {
    test('the control plane hears the events, status and stills of an agent', async (context) => {
      const { connect, heardAbout } = await scene(context);
      const agent = await connect(me);
      await agent.client.publishAsync(topics.agentEvents(me.id), 'an event', { qos: 1 });
      await agent.client.publishAsync(topics.agentStatus(me.id), 'a status', { qos: 1, retain: true });
      await until('it has arrived', () => heardAbout('a status').length === 1);
      await agent.client.publishAsync(topics.agentStills(me.id), 'a still', { qos: 0 });
      await until('all have arrived', () => heardAbout('an event').length === 1 && heardAbout('a still').length === 1);
      expect(heardAbout('an event')).toEqual([{ topic: topics.agentEvents(me.id), text: 'an event' }]);
    });

    test('an agent hears what the control plane says to it, and what is retained when it comes', async (context) => {
      const { broker, connect } = await scene(context);
      await broker.publish(topics.agentSettings(me.id), 'settings', { qos: 1, retain: true });
      await broker.publish(topics.cloudStatus, 'listening', { qos: 1, retain: true });
      const agent = await connect(me);
      const mine = [
        topics.cloudStatus,
        topics.agentSettings(me.id),
        topics.agentReceipts(me.id),
        topics.agentGrants(me.id),
        topics.agentCommands(me.id),
        topics.agentStatus(me.id),
      ];
      await agent.client.subscribeAsync(mine, { qos: 1 });
      await until('what is retained has arrived', () => agent.heard.length === 2);
      for (const kind of ['receipt', 'grant', 'command'] as const)
        await broker.publish(`${TOPIC_ROOT}/agents/${me.id}/${kind}s`, kind, { qos: 1, retain: false });
      await until('all has arrived', () => agent.heard.length === 5);
      expect(agent.heard.slice(0, 2).map(({ text, retain }) => [text, retain])).toEqual(
        expect.arrayContaining([
          ['settings', true],
          ['listening', true],
        ]),
      );
      expect(agent.heard.slice(2).map(({ text, retain }) => [text, retain])).toEqual([
        ['receipt', false],
        ['grant', false],
        ['command', false],
      ]);
    });

    const wrongLogins: [
      string,
      (a: AgentIdentity, b: AgentIdentity) => { username: string; password: string; clientId?: string },
    ][] = [
      ['a wrong secret', (a) => ({ username: a.id, password: 'wrong' })],
      ['no secret', (a) => ({ username: a.id, password: '' })],
      ['an unknown agent', () => ({ username: newAgentId(), password: 'anything' })],
      ['the secret of another agent', (a, b) => ({ username: a.id, password: b.secret })],
      ['a name that is not an agent id', () => ({ username: '#', password: 'x' })],
    ];
    test.for(wrongLogins)('%s does not come in', async ([, login], context) => {
      const { url } = await scene(context);
      const agent = openMqttAgent(url, login(me, other));
      await until('the broker has answered', () => agent.state() !== 'waiting');
      expect(agent.state()).toBe('refused');
    });

    test('what is retained reaches those who listen already, also when more is said in the same moment', async (context) => {
      const { broker, connect, heardAbout } = await scene(context);
      const agent = await connect(me);
      const settings = topics.agentSettings(me.id);
      await agent.client.subscribeAsync([settings, topics.agentCommands(me.id), topics.agentStatus(me.id)], { qos: 1 });
      const numbers = Array.from({ length: 20 }, (_, number) => number);
      await Promise.all([
        ...numbers.flatMap((number) => [
          broker.publish(settings, `settings ${number}`, { qos: 1, retain: true }),
          broker.publish(topics.agentCommands(me.id), `command ${number}`, { qos: 1, retain: false }),
        ]),
        agent.client.publishAsync(topics.agentStatus(me.id), 'its status', { qos: 1, retain: true }),
      ]);
      await until('all of it is heard', () => agent.heard.length === 41 && heardAbout('its status').length === 1);
      const of = (word: string) => agent.heard.flatMap(({ text }) => (text.startsWith(word) ? [text] : []));
      expect(of('settings')).toEqual(numbers.map((number) => `settings ${number}`));
      expect(of('command')).toEqual(numbers.map((number) => `command ${number}`));
      expect(of('its')).toEqual(['its status']);
      const again = await connect(me);
      await again.client.subscribeAsync([settings, topics.agentStatus(me.id)], { qos: 1 });
      await until('what was retained last is heard', () => again.heard.length === 2);
      expect(again.heard.map(({ text, retain }) => `${text} ${retain}`).sort()).toEqual([
        'its status true',
        'settings 19 true',
      ]);
    });

    test('without a login nobody comes in', async (context) => {
      const { url } = await scene(context);
      const agent = openMqttAgent(url, { username: me.id, password: me.secret }, {
        username: undefined,
        password: undefined,
      } as unknown as IClientOptions);
      await until('the broker has answered', () => agent.state() !== 'waiting');
      expect(agent.state()).toBe('refused');
    });

    const deniedTopics: [string, (mine: AgentId, others: AgentId) => string][] = [
      ['events of another agent', (_, others) => topics.agentEvents(others)],
      ['stills of another agent', (_, others) => topics.agentStills(others)],
      ['status of another agent', (_, others) => topics.agentStatus(others)],
      ['receipts', (mine) => topics.agentReceipts(mine)],
      ['grants', (mine) => topics.agentGrants(mine)],
      ['settings', (mine) => topics.agentSettings(mine)],
      ['commands of another agent', (_, others) => topics.agentCommands(others)],
      ['the status of the cloud', () => topics.cloudStatus],
      ['a topic below its events', (mine) => `${topics.agentEvents(mine)}/more`],
      ['a foreign topic', () => 'home/lights'],
      ['a system topic', () => '$SYS/broker/uptime'],
    ];
    test.for(deniedTopics)('an agent cannot publish to %s', async ([, topicOf], context) => {
      const { broker, connect, fence, heardAbout } = await scene(context);
      const topic = topicOf(me.id, other.id);
      const witness = await connect(other);
      await witness.client.subscribeAsync([topics.cloudStatus, ...topicsReadBy(other.id)]);
      for (const retain of [false, true]) {
        const agent = await connect(me);
        let answered = false;
        agent.client.publish(topic, 'forbidden', { qos: 1, retain }, () => {
          answered = true;
        });
        await until('it has been answered or thrown out', () => answered || agent.state() === 'closed');
        await agent.client.endAsync(true);
      }
      await witness.client.endAsync();
      await fence();
      expect(heardAbout('forbidden')).toEqual([]);
      expect(witness.heard.filter(({ text }) => text === 'forbidden')).toEqual([]);
      // Nor is it retained for whoever comes later.
      for (const who of [other, me]) {
        const later = await connect(who);
        await later.client.subscribeAsync([topics.cloudStatus, ...topicsReadBy(who.id)]);
        await broker.publish(topics.agentCommands(who.id), 'last', { qos: 1, retain: false });
        await until('the last message has arrived', () => later.heard.some(({ text }) => text === 'last'));
        expect(later.heard.filter(({ text }) => text === 'forbidden')).toEqual([]);
      }
    });

    const deniedSubscriptions: [string, (others: AgentId) => string][] = [
      ['everything', () => '#'],
      ['all agents', () => `${TOPIC_ROOT}/agents/#`],
      ['one topic of all agents', () => `${TOPIC_ROOT}/agents/+/settings`],
      ['settings of another agent', (others) => topics.agentSettings(others)],
      ['events of another agent', (others) => topics.agentEvents(others)],
      ['stills of another agent', (others) => topics.agentStills(others)],
      ['grants of another agent', (others) => topics.agentGrants(others)],
    ];
    test.for(deniedSubscriptions)('an agent does not hear %s', async ([, filterOf], context) => {
      const { broker, connect, fence } = await scene(context);
      await broker.publish(topics.agentSettings(other.id), 'retained secret', { qos: 1, retain: true });
      const agent = await connect(me);
      await agent.client.subscribeAsync(filterOf(other.id), { qos: 1 }).catch(() => {});
      await agent.client.subscribeAsync(topics.agentCommands(me.id), { qos: 1 }).catch(() => {});
      await broker.publish(topics.agentSettings(other.id), 'live secret', { qos: 1, retain: false });
      await broker.publish(topics.agentGrants(other.id), 'grant', { qos: 1, retain: false });
      await fence();
      await broker.publish(topics.agentCommands(me.id), 'to me', { qos: 1, retain: false });
      await until('its own message has arrived', () => agent.heard.length > 0);
      expect(agent.heard.map(({ text }) => text)).toEqual(['to me']);
    });

    test('a message larger than allowed reaches nobody; the largest allowed one does', async (context) => {
      const { connect, fence, messages } = await scene(context);
      const agent = await connect(me);
      await agent.client.publishAsync(topics.agentEvents(me.id), Buffer.alloc(MAX_MESSAGE_BYTES, 'a'), { qos: 1 });
      await until('the largest has arrived', () => messages.some(({ text }) => text.length === MAX_MESSAGE_BYTES));
      agent.client.publish(topics.agentEvents(me.id), Buffer.alloc(MAX_MESSAGE_BYTES + 1, 'b'), { qos: 1 });
      agent.client.publish(topics.agentEvents(me.id), Buffer.alloc(4 * 1024 * 1024, 'c'), { qos: 1 });
      await fence();
      expect(messages.filter(({ text }) => text.startsWith('b') || text.startsWith('c'))).toEqual([]);
    });

    test('an agent that goes without a word leaves its will; one that says goodbye does not', async (context) => {
      const { connect, heardAbout, fence } = await scene(context);
      const will = (text: string) => ({
        will: { topic: topics.agentStatus(me.id), payload: Buffer.from(text), qos: 1 as const, retain: true },
      });
      const polite = await connect(me, will('never said'));
      await polite.client.endAsync();
      const rude = await connect(me, will('offline'));
      rude.client.stream.destroy();
      await until('the will has arrived', () => heardAbout('offline').length === 1);
      await fence();
      expect(heardAbout('never said')).toEqual([]);
    });

    test('a will on a topic that is not its own reaches nobody', async (context) => {
      const { connect, fence, heardAbout } = await scene(context);
      const payload = Buffer.from('a forged will');
      for (const retain of [false, true]) {
        const agent = await connect(me, { will: { topic: topics.agentStatus(other.id), payload, qos: 1, retain } });
        agent.client.stream?.destroy();
        await until('it is gone', () => agent.state() === 'refused' || agent.state() === 'closed');
      }
      await fence();
      expect(heardAbout('a forged will')).toEqual([]);
    });

    test('a second connection of an agent replaces the first', async (context) => {
      const { connect, heardAbout } = await scene(context);
      const first = await connect(me);
      const second = await connect(me);
      await until('the first is closed', () => first.state() === 'closed');
      await second.client.publishAsync(topics.agentEvents(me.id), 'from the second', { qos: 1 });
      await until('the second is heard', () => heardAbout('from the second').length === 1);
    });

    test('nobody can throw out another agent by its client id', async (context) => {
      const { connect, fence } = await scene(context);
      const agent = await connect(me);
      const impostor = await connect(other, { clientId: me.id });
      await impostor.client.endAsync(true);
      await fence();
      expect(agent.state()).toBe('in');
    });
  });
}

const topicsReadBy = (agent: AgentId) => [
  topics.agentStatus(agent),
  topics.agentReceipts(agent),
  topics.agentGrants(agent),
  topics.agentSettings(agent),
  topics.agentCommands(agent),
];
