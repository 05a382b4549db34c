/** A Mosquitto keeps one password for each user name: while an agent changes its credential, it has two names there. */
import { mosquittoAcl } from '@slowlight/control-plane/src/broker/mosquitto-acl.ts';
import { mosquittoHash } from '@slowlight/control-plane/src/broker/mosquitto-hash.ts';
import { dynamicSecurity, mosquittoPasswords } from '@slowlight/control-plane/src/broker/mosquitto-rights.ts';
import { topics, userNameBefore } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { openMosquitto } from '../rig/mosquitto.ts';
import { openMqttAgent } from '../rig/mqtt-agent.ts';
import { until } from '../rig/until.ts';
import { newIdentity } from './broker.ts';

const CONTROL_PLANE = { name: 'control-plane', secret: 'own secret of the control plane' };

test.for(['files', 'plugin'] as const)(
  'while an agent changes its credential, a Mosquitto with our %s lets it in with either, as itself and as nobody else',
  async (kind, context) => {
    const [me, other] = [newIdentity(), newIdentity()];
    const old = newIdentity().secret;
    const users = {
      controlPlane: { name: CONTROL_PLANE.name, hash: mosquittoHash(CONTROL_PLANE.secret) },
      agents: [
        { agentId: me.id, hash: mosquittoHash(me.secret), before: mosquittoHash(old) },
        { agentId: other.id, hash: mosquittoHash(other.secret) },
      ],
    };
    const { url } = await openMosquitto(context, {
      users: mosquittoPasswords(users),
      acl: mosquittoAcl(CONTROL_PLANE.name, [me.id]),
      ...(kind === 'plugin' && { dynamicSecurity: dynamicSecurity(users) }),
    });
    const come = async (username: string, password: string) => {
      const line = openMqttAgent(url, { username, password });
      await until('the broker has answered', () => line.state() !== 'waiting');
      return line;
    };
    const cloud = await come(CONTROL_PLANE.name, CONTROL_PLANE.secret);
    await cloud.client.subscribeAsync([topics.allEvents, topics.allStatus], { qos: 1 });
    const second = userNameBefore(me.id);
    const wrong = [await come(me.id, old), await come(second, me.secret), await come(userNameBefore(other.id), old)];
    expect(wrong.map((line) => line.state())).toEqual(['refused', 'refused', 'refused']);

    for (const [name, secret] of [
      [me.id, me.secret],
      [second, old],
    ] as const) {
      const line = await come(name, secret);
      expect(line.state()).toBe('in');
      await line.client.subscribeAsync(topics.agentCommands(me.id), { qos: 1 });
      // Allowed or not, it is acknowledged: what counts is what others hear.
      await line.client.subscribeAsync(topics.agentCommands(other.id), { qos: 1 }).catch(() => {});
      await line.client.publishAsync(topics.agentEvents(other.id), `foreign of ${name}`, { qos: 1 }).catch(() => {});
      await line.client.publishAsync(topics.agentEvents(me.id), `event of ${name}`, { qos: 1 });
      await line.client.publishAsync(topics.agentStatus(me.id), `own of ${name}`, { qos: 1 });
      await until('its own is heard', () => cloud.heard.some(({ text }) => text === `own of ${name}`));
      await cloud.client.publishAsync(topics.agentCommands(other.id), `not for ${name}`, { qos: 1 });
      await cloud.client.publishAsync(topics.agentCommands(me.id), `for ${name}`, { qos: 1 });
      await until('it hears its commands', () => line.heard.some(({ text }) => text === `for ${name}`));
      expect(line.heard).toHaveLength(1);
      await line.client.endAsync(true);
    }
    expect(cloud.heard.map(({ text }) => text.split(' ')[0])).toEqual(['event', 'own', 'event', 'own']);
  },
);
