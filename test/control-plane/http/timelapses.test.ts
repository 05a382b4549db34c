import { coverageView, type Problem, timelapseView } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { announceFrame, arrange, recordFrame } from '../../rig/http-arrange.ts';
import { openHttpServer } from '../../rig/http-server.ts';

const fieldsOf = (body: unknown) => (body as Problem).fields?.map(({ path }) => path).toSorted();
const every = (everyMs: number) => ({ rhythm: { kind: 'interval', everyMs }, timeZone: 'Europe/Vienna' });

describe('a timelapse', () => {
  it('starts, pauses, resumes, changes and completes, and there is no way back', async () => {
    const server = await openHttpServer();
    const { admin, camera } = await arrange(server);
    const start = () =>
      admin('POST', '/api/timelapses', { body: { cameraId: camera.id, name: 'Bloom', schedule: every(60_000) } });
    const started = await start();
    expect(started.status).toBe(201);
    const { id } = timelapseView.parse(started.body);
    expect(await start()).toMatchObject({ status: 409, body: { code: 'camera.busy' } });
    const act = async (verb: string) => (await admin('POST', `/api/timelapses/${id}/${verb}`)).body.state;
    expect([await act('pause'), await act('pause'), await act('resume')]).toEqual(['paused', 'paused', 'running']);
    const changed = await admin('PATCH', `/api/timelapses/${id}`, { body: { schedule: every(30_000) } });
    expect(changed.body).toMatchObject({ name: 'Bloom', schedule: { rhythm: { everyMs: 30_000 } } });
    expect(await act('complete')).toBe('completed');
    expect(await admin('POST', `/api/timelapses/${id}/resume`)).toMatchObject({
      status: 409,
      body: { code: 'timelapse.completed' },
    });
    expect((await admin('GET', `/api/timelapses?cameraId=${camera.id}`)).body.items).toHaveLength(1);
    expect((await start()).status).toBe(201);
  });

  it.each([
    ['POST', '/api/timelapses'],
    ['POST', '/api/schedules/preview'],
  ])('faster than the control plane takes is refused by %s %s, naming the field', async (method, at) => {
    const server = await openHttpServer({ minIntervalMs: 10_000 });
    const { admin, camera } = await arrange(server);
    const body = { cameraId: camera.id, name: 'Bloom', schedule: every(9000) };
    const reply = await admin(method, at, { body: at.includes('preview') ? { schedule: body.schedule } : body });
    expect(reply.status).toBe(400);
    expect(fieldsOf(reply.body)).toEqual(['schedule.rhythm.everyMs']);
    expect(reply.body.detail).toContain('10 s');
  });

  it('shows the coverage of today up to now when nothing else is asked', async () => {
    const server = await openHttpServer();
    const { admin, camera } = await arrange(server);
    const body = { cameraId: camera.id, name: 'Bloom', schedule: every(60_000) };
    const { id } = (await admin('POST', '/api/timelapses', { body })).body;
    const before = Date.now();
    const coverage = coverageView.parse((await admin('GET', `/api/timelapses/${id}/coverage`)).body);
    expect(coverage.to).toBeGreaterThanOrEqual(before);
    const midnight = new Intl.DateTimeFormat('de', { timeZone: 'Europe/Vienna', hour: '2-digit', minute: '2-digit' });
    expect(midnight.format(coverage.from)).toBe('00:00');
    expect(coverage.to - coverage.from).toBeLessThan(25 * 3_600_000);
    const asked = (await admin('GET', `/api/timelapses/${id}/coverage?from=1000&to=2000`)).body;
    expect([asked.from, asked.to, asked.planned]).toEqual([1000, 2000, 0]);
    const backwards = await admin('GET', `/api/timelapses/${id}/coverage?from=2000&to=1000`);
    expect(fieldsOf(backwards.body)).toEqual(['from']);
  });

  it('counts its frames, which are listed and read', async () => {
    const server = await openHttpServer();
    const { admin, agent, camera } = await arrange(server);
    const body = { cameraId: camera.id, name: 'Bloom', schedule: every(60_000) };
    const { id } = (await admin('POST', '/api/timelapses', { body })).body;
    const bytes = Buffer.from('a picture');
    for (const seq of [1, 2, 3])
      await recordFrame(server, {
        agent: agent.id,
        camera: camera.id,
        timelapse: id,
        seq,
        bytes,
        takenAt: Date.now() + seq,
      });
    await announceFrame(server, { agent: agent.id, camera: camera.id, seq: 4, bytes });
    expect((await admin('GET', `/api/timelapses/${id}`)).body).toMatchObject({ frames: 3, bytes: 27 });
    const page = (await admin('GET', `/api/frames?timelapseId=${id}&limit=2&order=oldest`)).body;
    expect(page.items).toHaveLength(2);
    const rest = (await admin('GET', `/api/frames?timelapseId=${id}&limit=2&order=oldest&after=${page.next}`)).body;
    expect(rest.items).toHaveLength(1);
    expect((await admin('GET', `/api/frames/${rest.items[0].id}`)).body).toEqual(rest.items[0]);
    expect((await admin('GET', '/api/system')).body).toMatchObject({
      version: '0.0.0-test',
      minIntervalMs: 5000,
      records: { frames: 3, bytes: 27 },
    });
  });
});

describe('jobs and faults', () => {
  it('are listed, and only a dead job is tried again', async () => {
    const server = await openHttpServer();
    const { admin, agent, camera } = await arrange(server);
    await recordFrame(server, { agent: agent.id, camera: camera.id, seq: 1, bytes: Buffer.from('x') });
    await server.records.keepFault({ agentId: agent.id, code: 'ingest.unreadable', reason: 'odd', excerpt: null });
    expect((await admin('GET', '/api/faults')).body.items).toMatchObject([
      { code: 'ingest.unreadable', reason: 'odd' },
    ]);
    const [job] = (await admin('GET', '/api/jobs?state=waiting')).body.items;
    expect(job).toMatchObject({ kind: 'thumbnail', state: 'waiting' });
    expect(await admin('POST', `/api/jobs/${job.id}/retry`)).toMatchObject({
      status: 409,
      body: { code: 'job.not-dead' },
    });
    const leased = await server.records.lease(['thumbnail'], 1000);
    if (leased !== null) await server.records.fail(leased, { message: 'broken', retry: 'never' });
    expect((await admin('POST', `/api/jobs/${job.id}/retry`)).status).toBe(204);
    expect((await admin('GET', '/api/system')).body.jobs).toEqual({ waiting: 1, running: 0, dead: 0 });
  });
});
