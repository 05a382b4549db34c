import { type AddressInfo, createServer } from 'node:net';
import { ECHO_WITHIN_MS } from '@slowlight/agent/src/uplink/connection.ts';
import { createUplink } from '@slowlight/agent/src/uplink/uplink.ts';
import { mosquittoAcl } from '@slowlight/control-plane/src/broker/mosquitto-acl.ts';
import { type AgentId, newAgentId, topics } from '@slowlight/protocol';
import { type Clock, systemClock } from '@slowlight/protocol/kit';
import { Aedes } from 'aedes';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { createHeardLog } from '../rig/agent-parts.ts';
import { openMosquitto } from '../rig/mosquitto.ts';
import { until } from '../rig/until.ts';

/** Ten times as fast as the real one; notes which times are over. */
function createQuickClock(): { clock: Clock; over: number[] } {
  const over: number[] = [];
  const sleep: Clock['sleep'] = async (ms, signal) => {
    await systemClock.sleep(ms / 10, signal);
    over.push(ms);
  };
  return { clock: { ...systemClock, sleep }, over };
}
const SECRET = 'secret-of-the-test';

async function withMosquitto(context: TestContext, aclOf: (user: string) => string) {
  const agentId = newAgentId();
  const { url } = await openMosquitto(context, { users: { [agentId]: SECRET }, acl: aclOf(agentId) });
  return openUplink(agentId, url);
}

function openUplink(agentId: AgentId, url: string) {
  const log = createHeardLog();
  const { clock, over } = createQuickClock();
  const nothing = () => {};
  const uplink = createUplink(
    {
      clock,
      log,
      online: () => ({
        status: 'online',
        bootId: 'boot-of-the-test' as never,
        version: '0',
        startedAt: 0,
        settingsVersion: 0,
        capabilities: [],
        publicKey: `${'A'.repeat(43)}=`,
      }),
      onReceipt: nothing,
      onGrants: nothing,
      onSettings: nothing,
      onCommand: nothing,
      onListening: nothing,
      onCut: nothing,
    },
    { url, agentId, login: () => ({ username: agentId, secret: SECRET }), ca: null },
  );
  const stopping = new AbortController();
  const ended = uplink.run(stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await ended;
  });
  const said = () => log.lines.filter(({ fields }) => 'code' in fields && fields.code === 'uplink.deaf');
  /** The time within which its own status has to come back is over. */
  const looked = () => over.includes(ECHO_WITHIN_MS);
  return { agentId, uplink, log, said, looked };
}

/** A broker that lets everybody in and nobody hear. Gives its address. */
async function openRefusing(): Promise<string> {
  const broker = await Aedes.createBroker({ authorizeSubscribe: (_client, _wanted, done) => done(null, null) });
  const server = createServer((socket) => void broker.handle(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await new Promise<void>((resolve) => broker.close(resolve));
    await new Promise((resolve) => server.close(resolve));
  });
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a broker that lets an agent in', () => {
  it('and refuses its subscriptions is told in words, with what to give it', async () => {
    const agentId = newAgentId();
    const { uplink, said } = openUplink(agentId, await openRefusing());
    const [line] = await until('it is told', () => said().length > 0 && said());
    expect(line?.message).toContain('lets this agent in and does not let it hear its own topics');
    expect(line?.fields).toMatchObject({ hint: expect.stringContaining(topics.agentStatus(agentId)) });
    expect(uplink.connection()).toMatchObject({ state: 'deaf', reason: expect.stringContaining('lets this agent in') });
  });

  it('and keeps everything from it is told as well', async (context) => {
    const { said } = await withMosquitto(context, () => 'user somebody-else\ntopic readwrite #\n');
    const [line] = await until('it is told', () => said().length > 0 && said());
    expect(line).toMatchObject({ level: 'error', message: expect.stringContaining('passes nothing on') });
  });

  it('and silently drops what it says is told as well', async (context) => {
    const { uplink, said } = await withMosquitto(context, (user) => `user ${user}\ntopic read #\n`);
    const [line] = await until('it is told', () => said().length > 0 && said());
    expect(line).toMatchObject({ level: 'error', message: expect.stringContaining('passes nothing on') });
    expect(uplink.connection().state).toBe('deaf');
  });

  it('with its rights is not complained of', async (context) => {
    const { uplink, log, said, looked } = await withMosquitto(context, () => mosquittoAcl('control-plane'));
    await until('it is connected', () => uplink.connection().state === 'connected');
    await until('it has looked for its echo', looked);
    expect(uplink.connection().state).toBe('connected');
    expect(said()).toEqual([]);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
