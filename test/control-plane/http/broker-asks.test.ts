import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createBrokerDoor, same } from '@slowlight/control-plane/src/broker/door.ts';
import { mosquittoHash } from '@slowlight/control-plane/src/broker/mosquitto-hash.ts';
import { createRightsFolder } from '@slowlight/control-plane/src/broker/rights-folder.ts';
import { newAgentId, topics } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { openFolder } from '../../rig/folder.ts';
import { openHttpServer } from '../../rig/http-server.ts';
import { createQuietLog } from '../../rig/quiet-log.ts';

const SECRET = 'a-secret-between-broker-and-us';
const me = newAgentId();
const other = newAgentId();
const login = { username: me, password: 'the secret of the agent', clientid: me };
const hash = (secret: string) => createHash('sha256').update(secret).digest('hex');

async function openAsked() {
  const door = createBrokerDoor({ username: 'slowlight', password: 'own' });
  door.setLogins([{ agentId: me, secretHash: hash(login.password) }]);
  const server = await openHttpServer({ brokerAsks: { door, isSecret: (given) => same(given, SECRET) } });
  const ask = (at: string, body: unknown, headers: Record<string, string> = {}) =>
    server.anybody('POST', `/api/broker/${at}`, { body, headers: { authorization: `Bearer ${SECRET}`, ...headers } });
  const form = (fields: Record<string, string>) => Buffer.from(new URLSearchParams(fields).toString());
  const asForm = { 'content-type': 'application/x-www-form-urlencoded' };
  return { server, ask, form, asForm };
}

describe('a broker that asks', () => {
  it('as EMQX 5 does is answered in the body', async () => {
    const { ask } = await openAsked();
    expect(await ask('auth', login)).toMatchObject({ status: 200, body: { result: 'allow', is_superuser: false } });
    expect(await ask('auth', { ...login, password: 'x' })).toMatchObject({ status: 200, body: { result: 'deny' } });
    expect(await ask('auth', { ...login, clientid: other })).toMatchObject({ body: { result: 'deny' } });
    const act = (action: string, topic: string) =>
      ask('acl', { username: me, clientid: me, action, topic, qos: 1, retain: false });
    expect((await act('publish', topics.agentEvents(me))).body.result).toBe('allow');
    expect((await act('publish', topics.agentEvents(other))).body.result).toBe('deny');
    expect((await act('subscribe', topics.agentGrants(me))).body.result).toBe('allow');
    expect((await act('subscribe', '#')).body.result).toBe('deny');
    expect((await act('dance', topics.agentGrants(me))).body.result).toBe('deny');
  });

  it('with a form is answered by the status', async () => {
    const { ask, form, asForm } = await openAsked();
    expect((await ask('auth', form(login), asForm)).status).toBe(200);
    expect((await ask('auth', form({ ...login, password: 'x' }), asForm)).status).toBe(403);
    const act = async (acc: string, topic: string) =>
      (await ask('acl', form({ username: me, clientid: me, acc, topic }), asForm)).status;
    expect(await act('2', topics.agentEvents(me))).toBe(200);
    expect(await act('1', topics.agentGrants(me))).toBe(200);
    expect(await act('4', topics.agentGrants(me))).toBe(200);
    expect(await act('3', topics.agentGrants(me))).toBe(403);
    expect(await act('3', topics.agentStatus(me))).toBe(200);
    expect(await act('2', topics.agentGrants(me))).toBe(403);
    expect(await act('9', topics.agentEvents(me))).toBe(403);
  });

  it('as VerneMQ does is answered in its words, for all topics together', async () => {
    const { ask } = await openAsked();
    const hook = (name: string) => ({ 'vernemq-hook': name });
    const who = { username: me, client_id: me };
    const register = { ...who, password: login.password, mountpoint: '', clean_session: true };
    expect((await ask('auth', register, hook('auth_on_register'))).body).toEqual({ result: 'ok' });
    expect((await ask('auth', { ...register, password: 'x' }, hook('auth_on_register'))).body).toEqual({
      result: { error: 'not_allowed' },
    });
    const said = { ...who, topic: topics.agentEvents(me), qos: 1, retain: false, payload: 'e30=' };
    expect((await ask('acl', said, hook('auth_on_publish'))).body.result).toBe('ok');
    const heard = (...wanted: string[]) =>
      ask('acl', { ...who, topics: wanted.map((topic) => ({ topic, qos: 1 })) }, hook('auth_on_subscribe'));
    expect((await heard(topics.agentGrants(me), topics.cloudStatus)).body.result).toBe('ok');
    expect((await heard(topics.agentGrants(me), topics.agentGrants(other))).body.result).not.toBe('ok');
  });

  it('is asked for the secret first, and after thirty wrong ones in a minute not heard; the right one always is', async () => {
    const { server, ask } = await openAsked();
    for (const headers of [{ authorization: '' }, { authorization: 'Bearer wrong' }, { authorization: 'Basic eDp5' }])
      expect((await ask('auth', login, headers)).status).toBe(401);
    const basic = `Basic ${Buffer.from(`broker:${SECRET}`).toString('base64')}`;
    expect((await ask('auth', login, { authorization: basic })).status).toBe(200);
    const tries = await Promise.all(
      Array.from({ length: 40 }, () => ask('auth', login, { authorization: 'Bearer x' })),
    );
    expect(tries.filter(({ status }) => status === 429).length).toBeGreaterThan(5);
    expect((await ask('auth', login)).body.result).toBe('allow');
    expect((await server.anybody('GET', '/health/live')).status).toBe(200);
    expect(server.logged.join('')).not.toContain(login.password);
  });

  it('finds nothing there where no secret is set', async () => {
    const server = await openHttpServer();
    expect((await server.anybody('POST', '/api/broker/auth', { body: login })).status).toBe(404);
  });
});

describe('the files for a Mosquitto', () => {
  it('say what the records said last, for their owner alone, and who is missing is told', async () => {
    const folder = path.join(await openFolder(), 'rights');
    const log = createQuietLog();
    const files = createRightsFolder({ log }, { folder, own: { username: 'slowlight', password: 'own' } });
    const login = (agentId: typeof me, brokerHash: string | null) => ({ agentId, secretHash: hash('x'), brokerHash });
    await files.write([login(me, mosquittoHash('x')), login(other, null)]);
    const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
    expect(read('passwords')).toMatch(new RegExp(`^slowlight:\\$7\\$101\\$\\S+\n${me}:\\$7\\$101\\$\\S+\n$`));
    expect(read('acl')).toContain('user slowlight');
    expect(read('dynamic-security.json')).toContain(me);
    expect(log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { agents: [other] } });
    for (const name of ['passwords', 'acl', 'dynamic-security.json'])
      expect(statSync(path.join(folder, name)).mode & 0o077).toBe(0);
    await files.write([]);
    expect(read('passwords').split('\n')).toHaveLength(2);
    expect(read('dynamic-security.json')).not.toContain(me);
  });

  it('that cannot be written are told of, and nothing ends', async () => {
    const folder = path.join(await openFolder(), 'a file');
    writeFileSync(folder, 'in the way');
    const log = createQuietLog();
    const files = createRightsFolder({ log }, { folder, own: { username: 'slowlight', password: 'own' } });
    await files.write([]);
    expect(log.lines).toMatchObject([{ level: 'error' }]);
    expect(readFileSync(folder, 'utf8')).toBe('in the way');
  });
});
