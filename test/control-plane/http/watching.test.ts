import { momentsView, SHEET_TILE_PX, sheetTile, wallView } from '@slowlight/protocol';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createEdge, spanOf } from '../../rig/edge.ts';
import { createHandClock } from '../../rig/hand-clock.ts';
import { arrange, makeCamera, recordFrame, writeThumbnail } from '../../rig/http-arrange.ts';
import { openHttpServer } from '../../rig/http-server.ts';

const HOUR = 3_600_000;

const plain = (background: string, width = 64, height = 48) =>
  sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();

test('the wall tells the coverage of every camera since its midnight in one answer', async () => {
  const clock = createHandClock(Date.parse('2026-06-01T22:00:00+02:00'));
  const server = await openHttpServer({ clock });
  const { admin, agent, camera } = await arrange(server);
  const idle = await makeCamera(admin, agent.id, 'Lilies');
  const schedule = { rhythm: { kind: 'interval', everyMs: HOUR }, timeZone: 'Europe/Vienna' };
  const { id } = (await admin('POST', '/api/timelapses', { body: { cameraId: camera.id, name: 'Roses', schedule } }))
    .body;
  const from = clock.now();
  const edge = createEdge(agent.id, from);
  await server.records.recordEvents([
    edge.applied([spanOf(id, 1, { from, everySeconds: 3600, timeZone: 'Europe/Vienna' })]),
    edge.captured(id, camera.id, from + HOUR),
    edge.captured(id, camera.id, from + 2 * HOUR),
    edge.settled(id, from + 3 * HOUR, 'failed'),
  ]);
  clock.setWall(from + 4 * HOUR - 1);
  const { items } = wallView.parse((await admin('GET', '/api/wall')).body);
  const of = (id: string) => items.find(({ cameraId }) => cameraId === id);
  expect(of(camera.id)).toMatchObject({
    timelapse: { id },
    today: { from: from + 2 * HOUR, planned: 2, covered: 0.5 },
  });
  expect(of(idle.id)).toMatchObject({ timelapse: null, today: null });
  const other = (await admin('POST', '/api/sites', { body: { name: 'Roof', timeZone: 'UTC' } })).body;
  const password = 'a password of her own';
  const sites = [{ siteId: other.id, role: 'viewer' }];
  expect((await admin('POST', '/api/users', { body: { name: 'Eve', role: 'none', sites, password } })).status).toBe(
    201,
  );
  const { client: first } = await server.logIn('Eve', password);
  const next = `${password}!`;
  await first('POST', '/api/session/password', { body: { current: password, next } });
  const { client: eve } = await server.logIn('Eve', next);
  expect((await eve('GET', '/api/wall')).body, 'who sees another site only').toEqual({ items: [] });
  expect((await server.anybody('GET', '/api/wall')).status).toBe(401);
});

test('a sheet shows each frame in its place; one without a picture stays dark, and then the sheet is not kept', async () => {
  const server = await openHttpServer();
  const { admin, agent, camera } = await arrange(server);
  const shot = async (seq: number, colour: string) => {
    const bytes = await plain(colour);
    const id = await recordFrame(server, {
      agent: agent.id,
      camera: camera.id,
      seq,
      bytes,
      takenAt: 1_780_000_000_000 + seq,
    });
    await writeThumbnail(server, id, 'small', bytes);
    await server.records.thumbnailsDrawn([{ frameId: id, failed: null }]);
    return id;
  };
  const red = await shot(1, 'red');
  const blue = await shot(2, 'blue');
  const { heightPx } = sheetTile(64 / 48);
  const colourAt = async (body: Uint8Array, index: number) => {
    const left = index * SHEET_TILE_PX + SHEET_TILE_PX / 2;
    const { data } = await sharp(body)
      .extract({ left, top: Math.round(heightPx / 2), width: 1, height: 1 })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return ['red', 'green', 'blue'][[...data].indexOf(Math.max(...data))];
  };
  const whole = await admin('GET', `/api/cameras/${camera.id}/sheet?frames=${blue},${red}`);
  expect(whole.headers.get('cache-control')).toContain('immutable');
  expect(await sharp(whole.body).metadata()).toMatchObject({ width: 2 * SHEET_TILE_PX, height: heightPx });
  expect([await colourAt(whole.body, 0), await colourAt(whole.body, 1)]).toEqual(['blue', 'red']);

  const unknown = `frm-${agent.id.slice(4)}-77`;
  const part = await admin('GET', `/api/cameras/${camera.id}/sheet?frames=${red},${unknown}`);
  expect(part.headers.get('cache-control')).not.toContain('immutable');
  const dark = await sharp(part.body)
    .extract({ left: SHEET_TILE_PX, top: 0, width: SHEET_TILE_PX, height: heightPx })
    .raw()
    .toBuffer();
  expect(dark.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(120);

  const other = await makeCamera(admin, agent.id, 'Lilies');
  expect((await admin('GET', `/api/cameras/${other.id}/sheet?frames=${red}`)).status, 'of another camera').toBe(404);
  expect((await admin('GET', `/api/cameras/${camera.id}/sheet?frames=`)).status).toBe(400);
  expect((await admin('GET', `/api/cameras/${camera.id}/sheet?frames=../../etc`)).status).toBe(400);
  expect((await admin('GET', `/api/cameras/${camera.id}/sheet?frames=${Array(65).fill(red).join(',')}`)).status).toBe(
    400,
  );
});

test('moments are asked for by a stretch of time that has a beginning before its end', async () => {
  const server = await openHttpServer();
  const { admin, agent, camera } = await arrange(server);
  const bytes = await plain('red');
  await recordFrame(server, { agent: agent.id, camera: camera.id, seq: 1, bytes, takenAt: 5000 });
  const found = await admin('GET', `/api/cameras/${camera.id}/moments?from=4000&to=6000`);
  expect(momentsView.parse(found.body)).toMatchObject({
    at: [5000],
    scores: [100],
    brightness: [null],
    thinned: false,
  });
  expect((await admin('GET', `/api/cameras/${camera.id}/moments?from=6000&to=4000`)).status).toBe(400);
  expect((await admin('GET', '/api/cameras/cam-0000000000000000/moments?from=0&to=1')).status).toBe(404);
});
