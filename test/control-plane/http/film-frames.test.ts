import {
  exclusionDone,
  filmChapters,
  filmStrip,
  frameView,
  pageOf,
  timelapseView,
  videoPreview,
} from '@slowlight/protocol';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createHandClock } from '../../rig/hand-clock.ts';
import { arrange, recordFrame } from '../../rig/http-arrange.ts';
import { openHttpServer } from '../../rig/http-server.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-06-01T00:00:00+02:00');
const frames = pageOf(frameView);

/** Three days of a picture every six hours. */
async function openCampaign() {
  const clock = createHandClock(START);
  const server = await openHttpServer({ clock });
  const { admin, agent, camera } = await arrange(server);
  const schedule = { rhythm: { kind: 'interval', everyMs: 6 * HOUR }, timeZone: 'Europe/Vienna' };
  const started = await admin('POST', '/api/timelapses', { body: { cameraId: camera.id, name: 'Roses', schedule } });
  const { id } = timelapseView.parse(started.body);
  const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#446688' } })
    .jpeg()
    .toBuffer();
  const ids = [];
  for (let seq = 1; seq <= 12; seq += 1) {
    const takenAt = START + (seq - 1) * 6 * HOUR;
    ids.push(await recordFrame(server, { agent: agent.id, camera: camera.id, seq, bytes, timelapse: id, takenAt }));
  }
  clock.setWall(START + 72 * HOUR);
  const preview = async (over: object = {}) =>
    videoPreview.parse((await admin('POST', '/api/videos/preview', { body: { timelapseId: id, ...over } })).body);
  const exclude = (body: object) => admin('POST', `/api/timelapses/${id}/exclusions`, { body });
  return { server, admin, id, ids, preview, exclude };
}

test('a frame that is left out by hand is in no film that is asked for, stays as it is, and can be shown again', async () => {
  const { admin, id, ids, preview, exclude } = await openCampaign();
  expect((await preview()).frames).toBe(12);
  const done = await exclude({ excluded: true, frameIds: [ids[3], ids[4]] });
  expect(exclusionDone.parse(done.body)).toEqual({ frames: 2 });
  expect((await preview()).frames).toBe(10);
  expect((await preview({ last: { frames: 12 } })).frames).toBe(10);
  const left = frames.parse((await admin('GET', `/api/frames?timelapseId=${id}&excluded=true&order=oldest`)).body);
  expect(left.items.map((frame) => frame.id)).toEqual([ids[3], ids[4]]);
  expect(frames.parse((await admin('GET', `/api/frames?timelapseId=${id}`)).body).items).toHaveLength(12);

  // What is so already is not counted again.
  expect((await exclude({ excluded: true, frameIds: [ids[4], ids[5]] })).body).toEqual({ frames: 1 });
  expect((await exclude({ excluded: false, frameIds: ids })).body).toEqual({ frames: 3 });
  expect((await preview()).frames).toBe(12);
});

test('all of a day is left out at once, and only frames of this timelapse are', async () => {
  const { admin, ids, preview, exclude } = await openCampaign();
  expect((await exclude({ excluded: true, from: START + 24 * HOUR, to: START + 48 * HOUR })).body).toEqual({
    frames: 4,
  });
  expect((await preview()).frames).toBe(8);
  expect((await exclude({ excluded: true, from: 5, to: 4 })).status).toBe(400);
  expect((await exclude({ excluded: true })).status).toBe(400);
  expect((await exclude({ excluded: true, frameIds: [ids[0]], from: 0, to: 1 })).status).toBe(400);
  const nobody = await admin('POST', '/api/timelapses/tlp-0000000000000000/exclusions', {
    body: { excluded: true, frameIds: [ids[0]] },
  });
  expect(nobody.status).toBe(404);
});

test('a growing film is made anew without the frames that were left out since', async () => {
  const { server, admin, id, ids, exclude } = await openCampaign();
  const made = await admin('POST', '/api/videos', { body: { timelapseId: id, grows: true } });
  await server.records.videoFailed(made.body.id, 'for the test');
  expect(await server.records.growVideos(0)).toBe(0);
  await exclude({ excluded: true, frameIds: [ids[0]] });
  await server.records.growVideos(0);
  expect(await server.records.growVideos(0)).toBe(1);
  expect((await server.records.videoPlan(made.body.id))?.frames.map((frame) => frame.frameId)).toEqual(ids.slice(1));
});

test('a film can be leafed through before it is made: the frames that it would show, in its size, with their light', async () => {
  const { admin, id, ids, exclude } = await openCampaign();
  await exclude({ excluded: true, frameIds: [ids[1]] });
  const strip = async (body: object) =>
    filmStrip.parse((await admin('POST', '/api/videos/preview/frames', { body: { timelapseId: id, ...body } })).body);
  const begin = await strip({ at: 0, count: 3 });
  expect(begin).toMatchObject({ of: 11, widthPx: 64, heightPx: 48 });
  expect(begin.frames.map((frame) => frame.id)).toEqual([ids[0], ids[2], ids[3]]);
  const end = await strip({ at: 1, count: 3, shape: 'square', everyNth: 2, deflicker: 1 });
  expect(end).toMatchObject({ of: 6, widthPx: 48, heightPx: 48 });
  expect(end.frames.map(({ number, gain }) => [number, gain])).toEqual([
    [4, 1],
    [5, 1],
    [6, 1],
  ]);
  expect((await strip({ from: START + 1000 * HOUR })).frames).toEqual([]);
});

test('the days of a film begin where their first picture is, in the time zone of its timelapse', async () => {
  const { admin, id } = await openCampaign();
  const { body } = await admin('POST', '/api/videos', { body: { timelapseId: id, fps: 2 } });
  // Nothing is made of it yet: it has no days.
  expect(filmChapters.parse((await admin('GET', `/api/videos/${body.id}/chapters`)).body)).toEqual({
    timeZone: 'Europe/Vienna',
    chapters: [],
  });
  expect((await admin('GET', '/api/videos/vid-0000000000000000/chapters')).status).toBe(404);
});

test('a title can be looked at before its film is made, as the film will have it', async () => {
  const { admin, id } = await openCampaign();
  const look = async (title: unknown, over: object = {}) => {
    const reply = await admin('POST', '/api/videos/preview/title', { body: { timelapseId: id, title, ...over } });
    expect(reply.headers.get('content-type')).toBe('image/jpeg');
    const { data, info } = await sharp(reply.body).raw().toBuffer({ resolveWithObject: true });
    return {
      size: [info.width, info.height],
      corner: [...data.subarray(0, 3)],
      letters: Math.max(...data),
      jpeg: reply.body,
    };
  };
  const plain = await look({});
  expect(plain.size).toEqual([64, 48]);
  expect(Math.max(...plain.corner)).toBeLessThan(40);
  const blurred = await look({ ground: 'blurred' }, { shape: 'square' });
  expect(blurred.size).toEqual([48, 48]);
  expect(blurred.corner[2]).toBeGreaterThan(60);
  // By itself it says the days: of another choice of frames others.
  expect((await look({}, { last: { frames: 2 } })).jpeg).not.toEqual(plain.jpeg);
  expect((await look({ text: 'Roses' })).jpeg).not.toEqual(plain.jpeg);
  const none = await admin('POST', '/api/videos/preview/title', { body: { timelapseId: id } });
  expect(none.body).toMatchObject({ status: 400, fields: [{ path: 'title' }] });
});
