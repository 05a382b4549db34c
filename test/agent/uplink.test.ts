import { readMessage } from '@slowlight/agent/src/uplink/read-message.ts';
import { createUplink, type UplinkDeps } from '@slowlight/agent/src/uplink/uplink.ts';
import {
  type AgentId,
  newAgentId,
  newCameraId,
  newSessionId,
  newTimelapseId,
  topics,
  WIRE_VERSION,
} from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog, makeSettings } from '../rig/agent-parts.ts';
import { type Certificate, makeSelfSigned } from '../rig/self-signed.ts';
import { openTinyCloud } from '../rig/tiny-cloud.ts';
import { until } from '../rig/until.ts';

interface Line {
  secret?: string;
  tls?: Certificate | null;
  ca?: string | null;
}
async function openUplink({
  secret = 'secret-of-the-test',
  tls = null,
  ca = null,
  ...more
}: Partial<UplinkDeps> & Line = {}) {
  const agentId = newAgentId();
  const cloud = await openTinyCloud(agentId, { tls });
  const log = createHeardLog();
  const heard: { kind: string; what: unknown }[] = [];
  const note = (kind: string) => (what: unknown) => {
    heard.push({ kind, what });
  };
  const uplink = createUplink(
    {
      clock: systemClock,
      log,
      online: () => ({
        status: 'online',
        bootId: 'boot-of-the-test' as never,
        version: '0',
        startedAt: 0,
        settingsVersion: 3,
        capabilities: [],
        publicKey: `${'A'.repeat(43)}=`,
      }),
      onReceipt: note('receipt'),
      onGrants: note('grants'),
      onSettings: note('settings'),
      onCommand: note('command'),
      onListening: note('listening'),
      onCut() {},
      ...more,
    },
    { url: cloud.brokerUrl, agentId, login: () => ({ username: agentId, secret }), ca },
  );
  const stopping = new AbortController();
  const ended = uplink.run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await ended;
  };
  onTestFinished(stop);
  const online = () => cloud.statuses.filter((status) => status.body.status === 'online');
  return { agentId, cloud, log, heard, uplink, stop, online };
}
const event = { seq: 1, type: 'schedule.applied', body: '{"settingsVersion":1,"at":0,"spans":[]}' };

describe('the line', () => {
  it('says that it is online, and stopped when it stops', async () => {
    const { cloud, online, stop } = await openUplink();
    await until('it is online', () => online().length > 0);
    await stop();
    expect(cloud.statuses.at(-1)?.body).toEqual({ status: 'stopped' });
    expect(cloud.statuses.at(-1)?.session).toBe(online()[0]?.session);
  });

  it('puts its status right when an old will has overwritten it', async () => {
    const { cloud, online, agentId } = await openUplink();
    await until('it is online', () => online().length > 0);
    const old = {
      v: WIRE_VERSION,
      session: newSessionId(),
      sentAt: 0,
      type: 'agent.status',
      body: { status: 'offline' },
    };
    // Again and again, because the subscription may come a moment later.
    await until('it speaks up', () => {
      cloud.publish(topics.agentStatus(agentId), old, true);
      return online().length > 1;
    });
    expect(new Set(online().map((status) => status.session)).size).toBe(1);
  });

  it('comes back by itself with a new session after every cut', async () => {
    const { cloud, online } = await openUplink();
    for (let cut = 1; cut <= 3; cut += 1) {
      await until(
        `it is online (${cut})`,
        () => new Set(online().map((status) => status.session)).size === cut,
        20_000,
      );
      cloud.hangUp();
    }
    expect(cloud.statuses.filter((status) => status.body.status === 'offline').length).toBeGreaterThan(0);
  });

  it('publishes only while somebody listens, and keeps nothing for later', async () => {
    const { cloud, uplink, online } = await openUplink();
    expect(uplink.publish(event)).toBe('held');
    await until('it is online', () => online().length > 0);
    expect(uplink.publish(event)).toBe('held');
    cloud.listen(true);
    await until('it knows', () => uplink.listening());
    expect(uplink.publish(event)).toBe('sent');
    await until('it is heard', () => cloud.heard.length === 1);
    cloud.listen(false);
    await until('it knows that, too', () => !uplink.listening());
    expect(uplink.publish(event)).toBe('held');
    expect(cloud.heard).toHaveLength(1);
  });

  it('never sends a message that is too large', async () => {
    const { cloud, uplink, log } = await openUplink();
    cloud.listen(true);
    await until('it listens', () => uplink.listening());
    expect(uplink.publish({ ...event, body: JSON.stringify('x'.repeat(300_000)) })).toBe('too-large');
    expect(log.lines.at(-1)?.message).toContain('too large');
  });

  it('leaves what it cannot read, counts it, and goes on', async () => {
    const { cloud, uplink, heard, agentId, log, online } = await openUplink();
    await until('it is online', () => online().length > 0);
    await until('all of it was looked at', () => {
      cloud.publish(topics.agentReceipts(agentId), '{"v":1');
      cloud.publish(topics.agentSettings(agentId), { v: 1, type: 'settings', password: 'hunter2' });
      return uplink.unreadable() >= 2;
    });
    cloud.publish(topics.agentSettings(agentId), makeSettings({ agentId: newAgentId() }));
    cloud.publish(topics.agentSettings(agentId), makeSettings({ agentId }));
    await until('the good ones arrive', () => heard.some(({ kind }) => kind === 'settings'));
    expect(heard.filter(({ kind }) => kind === 'settings')).toHaveLength(1);
    expect(JSON.stringify(log.lines)).not.toContain('hunter2');
    expect(cloud.connections).toBe(1);
  });

  it('survives a listener that throws', async () => {
    let asked = 0;
    const { cloud, log, online, agentId } = await openUplink({
      onSettings() {
        asked += 1;
        throw new Error('the card is gone');
      },
    });
    await until('it is online', () => online().length > 0);
    cloud.settings(makeSettings({ agentId }));
    await until('it was asked', () => asked > 0);
    expect(log.lines.some((line) => line.level === 'error' && line.message.includes('the card is gone'))).toBe(true);
    expect(cloud.connections).toBe(1);
  });

  it('says what to do when the broker does not know it, without its secret', async () => {
    const { log } = await openUplink({ secret: 'a-wrong-secret' });
    const line = await until('it is refused', () => log.lines.find((one) => one.message.includes('not connected')));
    expect(line.fields).toMatchObject({ code: 'uplink.unauthorised' });
    expect(JSON.stringify(log.lines)).not.toContain('a-wrong-secret');
  });

  it('speaks TLS with a broker whose authority it was given', async () => {
    const tls = makeSelfSigned();
    const { cloud, uplink, online, log } = await openUplink({ tls, ca: tls.cert });
    expect(cloud.brokerUrl).toMatch(/^mqtts:/);
    await until('it is online', () => online().length > 0);
    cloud.listen(true);
    await until('it listens', () => uplink.listening());
    expect(uplink.publish(event)).toBe('sent');
    await until('it is heard', () => cloud.heard.length === 1);
    expect(log.lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it.each([
    ['no authority of its own', null],
    ['another authority', makeSelfSigned().cert],
  ])('refuses a broker whose certificate it cannot trust, and says what to do: %s', async (_, ca) => {
    const { cloud, log } = await openUplink({ tls: makeSelfSigned(), ca });
    const line = await until('it is refused', () => log.lines.find((one) => one.message.includes('not connected')));
    expect(line.fields).toMatchObject({
      code: 'uplink.tls',
      hint: expect.stringContaining('SLOWLIGHT_AGENT_CA_FILE'),
    });
    expect(line.message).toContain('cannot be trusted');
    expect([cloud.statuses, cloud.heard]).toEqual([[], []]);
    expect(JSON.stringify(log.lines)).not.toContain('secret-of-the-test');
  });

  it('stops at once while the broker does not answer', async () => {
    const { cloud, stop } = await openUplink();
    cloud.reachable(false);
    cloud.hangUp();
    const since = performance.now();
    await stop();
    expect(performance.now() - since).toBeLessThan(1000);
  });

  it('waits with growing distance while nobody answers', async () => {
    const { cloud, log } = await openUplink();
    cloud.reachable(false);
    cloud.hangUp();
    const waits = () => log.lines.filter((line) => line.message.startsWith('not connected'));
    await until('it has tried three times', () => waits().length >= 3, 30_000);
    for (const [index, line] of waits().entries())
      expect((line.fields as { waitMs: number }).waitMs).toBeLessThanOrEqual(1000 * 2 ** index);
  });
});

/** Two hundred cameras with a timelapse each, and three hundred that are over. */
function largestSettings(agentId: AgentId) {
  const whole = makeSettings({ agentId });
  const [camera, timelapse] = [whole.cameras[0], whole.timelapses[0]];
  if (camera === undefined || timelapse === undefined) throw new Error('no settings');
  return {
    ...whole,
    cameras: Array.from({ length: 200 }, () => ({
      ...camera,
      id: newCameraId(),
      source: { kind: 'rtsp', url: `rtsp://192.0.2.1/${'path/'.repeat(20)}` },
      credentials: { username: 'viewer', sealedPassword: 'A'.repeat(160) },
    })),
    timelapses: Array.from({ length: 500 }, () => ({ ...timelapse, id: newTimelapseId(), name: 'x'.repeat(120) })),
  };
}

describe('what comes in', () => {
  const agentId = newAgentId();
  const read = (topic: string, text: string) => readMessage(agentId, topic, Buffer.from(text));
  it.each([
    ['nothing', topics.agentSettings(agentId), '', 'empty'],
    ['no JSON', topics.agentSettings(agentId), '{', 'unreadable'],
    ['another agent’s topic', topics.agentSettings(newAgentId()), '{}', 'unreadable'],
    ['a foreign topic', 'a/b', '{}', 'unreadable'],
    ['an empty object', topics.cloudStatus, '{}', 'unreadable'],
    ['a list', topics.agentCommands(agentId), '[]', 'unreadable'],
    ['far too much', topics.agentGrants(agentId), ' '.repeat(300_000), 'unreadable'],
    ['its own events', topics.agentEvents(agentId), '{}', 'unreadable'],
    ['settings of 200 cameras', topics.agentSettings(agentId), JSON.stringify(largestSettings(agentId)), 'settings'],
    ['far too large settings', topics.agentSettings(agentId), ' '.repeat(3_000_000), 'unreadable'],
    ['good settings', topics.agentSettings(agentId), JSON.stringify(makeSettings({ agentId })), 'settings'],
  ])('is read where it can be: %s', (_, topic, text, kind) => {
    expect(read(topic, text).kind).toBe(kind);
  });
});
