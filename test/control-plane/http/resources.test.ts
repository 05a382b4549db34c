import { agentCommand, cameraView, type Problem } from '@slowlight/protocol';
import { unseal } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';
import { arrange, comeOnline, makeCamera } from '../../rig/http-arrange.ts';
import { openHttpServer } from '../../rig/http-server.ts';

const fieldsOf = (body: unknown) => (body as Problem).fields?.map(({ path }) => path).toSorted();
const every = (everyMs: number) => ({ rhythm: { kind: 'interval', everyMs }, timeZone: 'Europe/Vienna' });

describe('a wrong input', () => {
  it('is refused with every wrong field named, and nothing is stored', async () => {
    const server = await openHttpServer();
    const { client } = await server.logIn();
    const reply = await client('POST', '/api/sites', {
      body: { name: ' ', timeZone: 'Mars/Base', latitude: 91, altitude: 3 },
    });
    expect(reply.status).toBe(400);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(reply.body).toMatchObject({ code: 'request.invalid', status: 400 });
    expect(fieldsOf(reply.body)).toEqual(['altitude', 'latitude', 'name', 'timeZone']);
    expect((await client('GET', '/api/sites')).body).toEqual({ items: [], next: null });
  });

  it.each([
    ['POST', '/api/sites', '{"name":', 'application/json', 400],
    ['POST', '/api/sites', '<site/>', 'text/xml', 415],
    ['POST', '/api/sites', JSON.stringify({ name: 'x'.repeat(300_000) }), 'application/json', 413],
    ['GET', '/api/frames?limit=1000', undefined, 'application/json', 400],
    ['GET', '/api/frames/not-a-frame', undefined, 'application/json', 400],
    ['GET', '/api/nowhere', undefined, 'application/json', 404],
    ['GET', '/api/sites?after=nonsense', undefined, 'application/json', 400],
  ])('%s %s with a bad body or query is a problem without a stack', async (method, at, body, type, status) => {
    const server = await openHttpServer();
    const { cookie } = await server.logIn();
    const reply = await fetch(`${server.address}${at}`, {
      method,
      headers: { cookie, 'content-type': type },
      ...(body !== undefined && { body }),
    });
    const text = await reply.text();
    expect([reply.status, reply.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(JSON.parse(text)).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    expect(text).not.toMatch(/\.ts|node_modules|\\n\s+at /);
  });

  it('that breaks something inside is a 500 that names the line in the log, and shows nothing else', async () => {
    const server = await openHttpServer({
      records: { sites: () => Promise.reject(new Error('secret inner workings')) },
    });
    const { client } = await server.logIn();
    const reply = await client('GET', '/api/sites');
    expect(reply.status).toBe(500);
    const text = JSON.stringify(reply.body);
    expect(text).not.toContain('secret inner workings');
    const [request = 'none'] = /req-[0-9a-f-]+/.exec(text) ?? [];
    expect(server.logged.find((line) => line.includes(request))).toContain('secret inner workings');
  });
});

describe('sites and agents', () => {
  it('are made, read, changed and paged by key', async () => {
    const server = await openHttpServer();
    const { client } = await server.logIn();
    const names = ['A', 'B', 'C'];
    for (const name of names)
      expect((await client('POST', '/api/sites', { body: { name, timeZone: 'UTC' } })).status).toBe(201);
    const first = (await client('GET', '/api/sites?limit=2')).body;
    const second = (await client('GET', `/api/sites?limit=2&after=${first.next}`)).body;
    expect([...first.items, ...second.items].map(({ name }) => name).toSorted()).toEqual(names);
    expect(second.next).toBeNull();
    const [site] = first.items;
    const changed = await client('PATCH', `/api/sites/${site.id}`, { body: { latitude: 48.2, longitude: 16.4 } });
    expect(changed.body).toEqual({ ...site, latitude: 48.2, longitude: 16.4 });
    expect((await client('GET', `/api/sites/${site.id}`)).body).toEqual(changed.body);
    expect((await client('GET', '/api/sites/sit-0000000000000000')).body.code).toBe('site.not-found');
  });

  it('an agent’s secret is shown once, is stored only as a hash, and the agent can be renamed', async () => {
    const server = await openHttpServer();
    const { admin, agent, secret } = await arrange(server);
    expect(secret).toMatch(/^[\w-]{43}$/);
    const [login] = await server.records.agentLogins();
    expect(login).toMatchObject({ agentId: agent.id, secretHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(JSON.stringify((await admin('GET', '/api/agents')).body)).not.toContain(secret);
    expect((await admin('PATCH', `/api/agents/${agent.id}`, { body: { name: 'Barn' } })).body.name).toBe('Barn');
    expect((await admin('GET', `/api/agents/${agent.id}`)).body).toMatchObject({
      name: 'Barn',
      state: 'online',
      canSeal: true,
    });
    const limited = { bytesPerDay: 5_000_000, backlogHours: [{ from: '22:00', until: '06:00' }] };
    const limits = await admin('PATCH', `/api/agents/${agent.id}`, { body: { delivery: limited } });
    expect(limits.body).toMatchObject({ name: 'Barn', delivery: { ...limited, newFrames: 'always' } });
    for (const delivery of [{ bytesPerDay: 1 }, { backlogHours: [{ from: '25:00', until: '06:00' }] }])
      expect((await admin('PATCH', `/api/agents/${agent.id}`, { body: { delivery } })).status).toBe(400);
    const unlimited = await admin('PATCH', `/api/agents/${agent.id}`, { body: { delivery: null } });
    expect(unlimited.body.delivery).toBeNull();
    const orphan = await admin('POST', '/api/agents', { body: { siteId: 'sit-0000000000000000', name: 'X' } });
    expect(orphan).toMatchObject({ status: 404, body: { code: 'site.not-found' } });
  });
});

describe('a camera', () => {
  it('has its password sealed for its agent alone, and never shows it', async () => {
    const server = await openHttpServer();
    const { admin, agent, keys } = await arrange(server);
    const source = { kind: 'rtsp', url: 'rtsp://192.168.1.20/stream' };
    const body = { agentId: agent.id, name: 'Door', source, username: 'viewer', password: 'open-sesame' };
    const made = await admin('POST', '/api/cameras', { body });
    expect(made).toMatchObject({ status: 201, body: { username: 'viewer', hasPassword: true } });
    const camera = cameraView.parse(made.body);
    const sealedPassword = async () =>
      (await server.records.settingsOf(agent.id))?.cameras.find(({ id }) => id === camera.id)?.credentials
        ?.sealedPassword ?? '';
    expect(unseal(await sealedPassword(), keys.privateKey, camera.id)).toBe('open-sesame');

    await admin('PATCH', `/api/cameras/${camera.id}`, { body: { name: 'Gate' } });
    expect(unseal(await sealedPassword(), keys.privateKey, camera.id)).toBe('open-sesame');
    await admin('PATCH', `/api/cameras/${camera.id}`, { body: { password: 'changed-sesame' } });
    expect(unseal(await sealedPassword(), keys.privateKey, camera.id)).toBe('changed-sesame');
    const without = await admin('PATCH', `/api/cameras/${camera.id}`, { body: { password: null } });
    expect(without.body).toMatchObject({ name: 'Gate', hasPassword: false });
    expect(JSON.stringify([made.body, without.body]) + server.logged.join('')).not.toMatch(/sesame/);
  });

  it.each([
    [{ kind: 'snapshot', url: 'https://10.0.0.5/a.jpg' }, {}],
    [{ kind: 'mjpeg', url: 'http://10.0.0.5/v', connection: 'cold' }, {}],
    [
      { kind: 'rtsp', url: 'rtsps://10.0.0.5/s', transport: 'tcp', pictures: 'keyframe', connection: 'warm' },
      { certificateSha256: `AB:${'0f'.repeat(31)}` },
    ],
  ])('with the source %j reaches its agent as it was given', async (source, pinned) => {
    const server = await openHttpServer();
    const { admin, agent } = await arrange(server);
    const body = { agentId: agent.id, name: 'Door', source: { ...source, ...pinned } };
    const made = await admin('POST', '/api/cameras', { body });
    expect(made.status).toBe(201);
    expect(made.body.source).toEqual(body.source);
    expect((await server.records.settingsOf(agent.id))?.cameras.at(-1)?.source).toEqual(body.source);
  });

  it('with a password waits until its agent has shown its key', async () => {
    const server = await openHttpServer();
    const { admin, site, keys } = await arrange(server);
    const { agent } = (await admin('POST', '/api/agents', { body: { siteId: site.id, name: 'New' } })).body;
    const source = { kind: 'rtsp', url: 'rtsp://192.168.1.20/stream' };
    const body = { agentId: agent.id, name: 'Door', source, username: 'viewer', password: 'sesame' };
    expect(await admin('POST', '/api/cameras', { body })).toMatchObject({
      status: 409,
      body: { code: 'camera.agent-not-ready', hint: expect.stringContaining('Start the agent') },
    });
    expect((await admin('GET', `/api/cameras?agentId=${agent.id}`)).body.items).toEqual([]);
    await comeOnline(server, agent.id, keys.publicKey);
    expect((await admin('POST', '/api/cameras', { body })).status).toBe(201);
  });

  it.each([
    [{ password: 'sesame' }, ['username']],
    [{ source: { kind: 'rtsp', url: 'rtsp://u:p@192.168.1.20/' } }, ['source.url']],
    [{ source: { kind: 'rtsp', url: 'file:///etc/passwd' } }, ['source.url']],
    [{ source: { kind: 'snapshot', url: 'rtsp://10.0.0.5/' } }, ['source.url']],
    [{ source: { kind: 'mjpeg', url: 'http://u:p@10.0.0.5/' } }, ['source.url']],
    [{ source: { kind: 'rtsp', url: 'rtsps://10.0.0.5/', certificateSha256: 'abc' } }, ['source.certificateSha256']],
    [{ quality: 0 }, ['quality']],
    [{ shape: { rotateDegrees: 45 } }, ['shape.rotateDegrees']],
  ])('with %j is refused, naming %j', async (wrong, fields) => {
    const server = await openHttpServer();
    const { admin, agent } = await arrange(server);
    const reply = await admin('POST', '/api/cameras', {
      body: { agentId: agent.id, name: 'Door', source: { kind: 'test' }, ...wrong },
    });
    expect(reply.status).toBe(400);
    expect([...new Set(fieldsOf(reply.body))]).toEqual(fields);
    expect(JSON.stringify(reply.body)).not.toContain('u:p');
  });

  it('is asked for a picture by a command that is kept, and not when its agent is away', async () => {
    const server = await openHttpServer();
    const { admin, site, agent, camera } = await arrange(server);
    const asked = await admin('POST', `/api/cameras/${camera.id}/capture`);
    expect(asked).toMatchObject({ status: 202, body: { type: 'capture-now', state: 'sent', cameraId: camera.id } });
    const [sent] = server.sent;
    expect(sent?.agent).toBe(agent.id);
    expect(agentCommand.parse(sent?.command)).toMatchObject({ id: asked.body.id, type: 'capture-now' });
    expect((await admin('GET', `/api/commands/${asked.body.id}`)).body).toEqual(asked.body);
    expect((await admin('POST', `/api/cameras/${camera.id}/test`)).body.type).toBe('test-camera');

    const away = (await admin('POST', '/api/agents', { body: { siteId: site.id, name: 'Away' } })).body.agent;
    const other = await makeCamera(admin, away.id, 'Other');
    expect(await admin('POST', `/api/cameras/${other.id}/capture`)).toMatchObject({
      status: 409,
      body: { code: 'agent.offline' },
    });
    expect(server.sent).toHaveLength(2);
  });

  it('cannot be deleted while it is filmed, and can after', async () => {
    const server = await openHttpServer();
    const { admin, camera } = await arrange(server);
    const started = await admin('POST', '/api/timelapses', {
      body: { cameraId: camera.id, name: 'Bloom', schedule: every(60_000) },
    });
    expect((await admin('DELETE', `/api/cameras/${camera.id}`)).body.code).toBe('camera.in-use');
    await admin('POST', `/api/timelapses/${started.body.id}/complete`);
    expect((await admin('DELETE', `/api/cameras/${camera.id}`)).status).toBe(204);
    expect((await admin('GET', `/api/cameras/${camera.id}`)).status).toBe(404);
  });
});
