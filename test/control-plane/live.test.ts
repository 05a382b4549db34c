import { createLive } from '@slowlight/control-plane/src/live/live.ts';
import {
  type AgentCommand,
  type AgentId,
  type CameraId,
  newAgentId,
  newCameraId,
  newSessionId,
  topics,
} from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { createHandClock } from '../rig/hand-clock.ts';
import { arrange } from '../rig/http-arrange.ts';
import { openHttpServer } from '../rig/http-server.ts';
import { createQuietLog } from '../rig/quiet-log.ts';
import { until } from '../rig/until.ts';

const JPEG = Buffer.from('/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==', 'base64');

function stillOf(cameraId: CameraId, body: object = {}): Buffer {
  const picture = {
    result: 'picture',
    cameraId,
    takenAt: 1000,
    widthPx: 2,
    heightPx: 2,
    jpeg: JPEG.toString('base64'),
  };
  const message = { v: 1, session: newSessionId(), sentAt: 1, type: 'still', body: { ...picture, ...body } };
  return Buffer.from(JSON.stringify(message));
}
const failedStill = (cameraId: CameraId) =>
  Buffer.from(
    JSON.stringify({
      v: 1,
      session: newSessionId(),
      sentAt: 1,
      type: 'still',
      body: { result: 'failed', cameraId, code: 'camera.timed-out', hint: 'Look at its cable.' },
    }),
  );

function openLive() {
  const clock = createHandClock();
  const asked: { agent: AgentId; command: AgentCommand }[] = [];
  const live = createLive({
    clock,
    log: createQuietLog(),
    send: async (agent, command) => void asked.push({ agent, command }),
  });
  const [agent, camera] = [newAgentId(), newCameraId()];
  const signal = new AbortController().signal;
  const look = (has: string | null = null, waitMs = 0) => live.look({ camera, agent, has, waitMs }, signal);
  const hear = (payload: Buffer, from = agent) => live.hear(topics.agentStills(from), payload);
  return { clock, live, asked, agent, camera, look, hear };
}

describe('looking at a camera', () => {
  it('asks its agent, again every five seconds while somebody looks, and no more when nobody does', async () => {
    const { clock, live, asked, agent, look } = openLive();
    expect(await look()).toEqual({ kind: 'nothing' });
    await look();
    expect(asked).toMatchObject([{ agent, command: { type: 'watch-camera', body: { everyMs: 1000, forMs: 15_000 } } }]);
    await clock.advance(5000);
    await look();
    expect(asked).toHaveLength(2);
    expect(live.watched()).toBe(1);
    await clock.advance(15_001);
    expect(live.watched()).toBe(0);
    expect(asked).toHaveLength(2);
  });

  it('gives the newest still, waits for the next one, and says when none came', async () => {
    const { clock, look, hear, camera } = openLive();
    await look();
    hear(stillOf(camera));
    const first = await look();
    expect(first).toMatchObject({ kind: 'still', jpeg: JPEG, takenAt: 1000 });
    const etag = first.kind === 'still' ? first.etag : '';
    const waiting = look(etag, 3000);
    hear(stillOf(camera, { takenAt: 2000 }));
    expect(await waiting).toMatchObject({ kind: 'still', takenAt: 2000 });
    const second = await look(etag);
    const has = second.kind === 'still' ? second.etag : '';
    const inVain = look(has, 3000);
    await until('it waits', () => clock.sleepers > 0);
    await clock.advance(3000);
    expect(await inVain).toEqual({ kind: 'same' });
  });

  it('what was seen long ago is not shown as now', async () => {
    const { clock, look, hear, camera } = openLive();
    await look();
    hear(stillOf(camera));
    await clock.advance(10_001);
    expect(await look()).toEqual({ kind: 'nothing' });
  });

  it('says why the camera gives none', async () => {
    const { look, hear, camera } = openLive();
    await look();
    hear(failedStill(camera));
    expect(await look()).toEqual({ kind: 'failed', code: 'camera.timed-out', hint: 'Look at its cable.' });
  });

  it('takes nothing from another agent, nothing unasked, and nothing that is no JPEG', async () => {
    const { look, hear, camera } = openLive();
    hear(stillOf(camera));
    expect(await look()).toEqual({ kind: 'nothing' });
    hear(stillOf(camera), newAgentId());
    hear(stillOf(newCameraId()));
    hear(stillOf(camera, { jpeg: Buffer.from('<html>').toString('base64') }));
    hear(Buffer.from('{"v":1'));
    hear(stillOf(camera, { surprise: 1 }));
    expect(await look()).toEqual({ kind: 'nothing' });
  });
});

describe('over HTTP', () => {
  it('a still is given with its ETag to whoever may operate, and the agent is asked', async () => {
    const server = await openHttpServer();
    const { admin, agent, camera } = await arrange(server);
    const url = `/api/cameras/${camera.id}/live`;
    expect((await admin('GET', `${url}?waitMs=0`)).status).toBe(202);
    expect(server.sent).toMatchObject([{ agent: agent.id, command: { type: 'watch-camera' } }]);
    server.live.hear(topics.agentStills(agent.id), stillOf(camera.id));
    const shown = await admin('GET', url);
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(shown.headers.get('cache-control')).toBe('private, no-store');
    expect(shown.body).toEqual(JPEG);
    const again = { headers: { 'if-none-match': shown.headers.get('etag') ?? '' } };
    expect((await admin('GET', `${url}?waitMs=0`, again)).status).toBe(304);
    server.live.hear(topics.agentStills(agent.id), failedStill(camera.id));
    expect(await admin('GET', url, again)).toMatchObject({
      status: 409,
      body: { code: 'live.camera-failed', hint: 'Look at its cable.' },
    });
    const viewer = await admin('POST', '/api/tokens', { body: { name: 'wall', role: 'viewer' } });
    const headers = { authorization: `Bearer ${viewer.body.secret}` };
    expect((await server.anybody('GET', url, { headers })).status).toBe(403);
  });

  it('an agent is asked for a test shot, its backlog, its quarantine, another level of its log, and a restart', async () => {
    const server = await openHttpServer();
    const { admin, agent, camera } = await arrange(server);
    const shape = { crop: null, rotateDegrees: 90, aspect: null };
    const frameIds = [`frm-${agent.id.slice(4)}-7`];
    const asks: [string, object | undefined, object][] = [
      [`cameras/${camera.id}/test-shot`, { shape }, { type: 'test-shot', body: { cameraId: camera.id, shape } }],
      [`cameras/${camera.id}/test-shot`, undefined, { type: 'test-shot', body: { shape: null } }],
      [`agents/${agent.id}/backlog`, undefined, { type: 'report-backlog', body: {} }],
      [`agents/${agent.id}/quarantine/retry`, undefined, { type: 'retry-quarantine', body: { frameIds: null } }],
      [`agents/${agent.id}/quarantine/retry`, { frameIds }, { type: 'retry-quarantine', body: { frameIds } }],
      [`agents/${agent.id}/log-level`, { level: 'debug' }, { type: 'set-log-level', body: { forMs: 1_800_000 } }],
      [`agents/${agent.id}/discover`, undefined, { type: 'discover', body: { login: null } }],
      [
        `agents/${agent.id}/discover`,
        { username: 'viewer', password: 'pass' },
        {
          type: 'discover',
          body: { login: { username: 'viewer', sealedPassword: expect.stringMatching(/^(?!.*pass)/) } },
        },
      ],
      [`agents/${agent.id}/restart`, undefined, { type: 'restart', body: {} }],
    ];
    for (const [path, body, command] of asks) {
      const reply = await admin('POST', `/api/${path}`, body === undefined ? {} : { body });
      expect([path, reply.status]).toEqual([path, 202]);
      expect(server.sent.at(-1)).toMatchObject({ agent: agent.id, command });
      expect((await admin('GET', `/api/commands/${reply.body.id}`)).body).toEqual(reply.body);
    }
    const wrong = await admin('POST', `/api/cameras/${camera.id}/test-shot`, {
      body: { shape: { rotateDegrees: 45 } },
    });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    const nameless = await admin('POST', `/api/agents/${agent.id}/discover`, { body: { password: 'pass' } });
    expect(nameless).toMatchObject({ status: 400, body: { fields: [{ path: 'username' }] } });
    expect(server.sent).toHaveLength(asks.length);
  });
});
