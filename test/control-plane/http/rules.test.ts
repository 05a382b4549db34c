import { ruleView, type TimelapseId, timelapseView } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { arrange, recordFrame } from '../../rig/http-arrange.ts';
import { type HttpServer, openHttpServer } from '../../rig/http-server.ts';
import { logInAs } from '../../rig/people.ts';

async function withTimelapse(server: HttpServer, frames = 2) {
  const arranged = await arrange(server);
  const { admin, agent, camera } = arranged;
  const schedule = { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'UTC' };
  const body = { cameraId: camera.id, name: 'Roses', schedule };
  const timelapse = timelapseView.parse((await admin('POST', '/api/timelapses', { body })).body);
  const takeFrame = (seq: number) =>
    recordFrame(server, {
      agent: agent.id,
      camera: camera.id,
      timelapse: timelapse.id as TimelapseId,
      seq,
      bytes: Buffer.from('x'),
      takenAt: Date.now() + seq,
    });
  for (let seq = 1; seq <= frames; seq += 1) await takeFrame(seq);
  return { ...arranged, at: `/api/timelapses/${timelapse.id}/rules`, timelapse, takeFrame };
}

describe('the rules of a timelapse', () => {
  it('are made with what is left out filled in, changed, asked by hand and deleted', async () => {
    const server = await openHttpServer();
    const { admin, at, takeFrame } = await withTimelapse(server);
    const made = await admin('POST', at, {
      body: { name: 'Weekly', when: { kind: 'scheduled', expression: '0 7 * * 1' } },
    });
    expect(made.status).toBe(201);
    const rule = ruleView.parse(made.body);
    expect(rule).toMatchObject({ makes: 'new', covers: 'all', film: { fps: 24, heightPx: 1080, quality: 'medium' } });
    expect(new Date(rule.nextDueAt ?? 0).getUTCDay()).toBe(1);
    const film = { fps: 30, daylight: true, length: { seconds: 20 }, quality: 'low' };
    const changed = await admin('PATCH', `${at}/${rule.id}`, { body: { covers: 'week', film } });
    expect(changed.body).toMatchObject({ name: 'Weekly', covers: 'week', film: { fps: 30, length: { maxFps: 60 } } });
    expect((await admin('GET', at)).body).toEqual({ items: [changed.body], next: null });
    expect((await admin('GET', `${at}/${rule.id}`)).body).toEqual(changed.body);
    // Garden has no place: daylight cannot be told, and that is said by hand and noted of the rule.
    await admin('PATCH', `${at}/${rule.id}`, { body: { covers: 'all' } });
    expect((await admin('POST', `${at}/${rule.id}/run`)).body.code).toBe('request.place-needed');
    await admin('PATCH', `${at}/${rule.id}`, { body: { film: {} } });
    await takeFrame(3);
    expect(await admin('POST', `${at}/${rule.id}/run`)).toMatchObject({ status: 201, body: { framesTotal: 3 } });
    expect((await admin('GET', `${at}/${rule.id}/occurrences`)).body.items).toMatchObject([
      { outcome: 'made', occurrence: 'hand:1', number: 1 },
    ]);
    expect((await admin('DELETE', `${at}/${rule.id}`)).status).toBe(204);
    expect((await admin('DELETE', `${at}/${rule.id}`)).body.code).toBe('rule.not-found');
  });

  it.each([
    [{ kind: 'scheduled', expression: 'every day' }, 'when.expression'],
    [{ kind: 'milestone' }, 'when.at'],
    [{ kind: 'milestone', every: 1 }, 'when.every'],
    [{ kind: 'per-capture', throttleMinutes: 0 }, 'when.throttleMinutes'],
  ])('%j is refused by the name of its field', async (when, field) => {
    const server = await openHttpServer();
    const { admin, at } = await withTimelapse(server, 0);
    const { status, body } = await admin('POST', at, { body: { name: 'Wrong', when } });
    expect(status).toBe(400);
    expect(body.fields.map(({ path }: { path: string }) => path)).toEqual([field]);
  });

  it('of another timelapse is not found, and too many are refused', async () => {
    const server = await openHttpServer();
    const { admin, at } = await withTimelapse(server, 0);
    const body = { name: 'By hand', when: { kind: 'manual' } };
    const { id } = (await admin('POST', at, { body })).body;
    const elsewhere = `/api/timelapses/tlp-0000000000000000/rules/${id}`;
    expect((await admin('GET', elsewhere)).body.code).toBe('rule.not-found');
    expect((await admin('PATCH', elsewhere, { body: { name: 'x' } })).body.code).toBe('rule.not-found');
    for (let count = 1; count < 50; count += 1) await admin('POST', at, { body });
    expect(await admin('POST', at, { body })).toMatchObject({ status: 409, body: { code: 'rule.too-many' } });
  });
});

describe('work on the pictures of a timelapse', () => {
  it('is begun, seen and stopped by whoever may operate at its site, and by nobody under another timelapse', async () => {
    const server = await openHttpServer();
    const { admin, site, timelapse, camera } = await withTimelapse(server);
    const sites = [{ siteId: site.id, role: 'operator' as const }];
    const { client } = await logInAs(server, { name: 'there', role: 'none', sites });
    const begun = await client('POST', '/api/bulk-jobs', {
      body: { what: 'thumbnails', which: 'all', timelapseId: timelapse.id },
    });
    expect(begun).toMatchObject({ status: 202, body: { state: 'running', total: 2, timelapseId: timelapse.id } });
    await admin('POST', '/api/bulk-jobs', { body: { what: 'thumbnails', siteId: site.id } });
    expect((await client('GET', '/api/bulk-jobs')).status).toBe(403);
    const at = `/api/timelapses/${timelapse.id}/bulk-jobs`;
    expect((await client('GET', at)).body).toEqual({ items: [begun.body], next: null });

    await admin('POST', `/api/timelapses/${timelapse.id}/complete`);
    const body = { cameraId: camera.id, name: 'Again', schedule: timelapse.schedule };
    const other = (await admin('POST', '/api/timelapses', { body })).body.id;
    const stop = (of: string) => client('POST', `/api/timelapses/${of}/bulk-jobs/${begun.body.id}/cancel`);
    expect((await stop(other)).body.code).toBe('bulk-job.not-found');
    expect(await stop(timelapse.id)).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    expect(await stop(timelapse.id)).toMatchObject({ status: 409, body: { code: 'bulk-job.finished' } });
  });
});
