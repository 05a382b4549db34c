import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cutKey, frameKey, type VideoId } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { announceFrame, arrange, recordFrame, writeThumbnail } from '../../rig/http-arrange.ts';
import { type HttpServer, openHttpServer } from '../../rig/http-server.ts';

const cacheOf = (headers: Headers) => headers.get('cache-control');

describe('a picture', () => {
  it('is served as it was taken, for ever, and not twice to whoever has it', async () => {
    const server = await openHttpServer();
    const { admin, agent, camera } = await arrange(server);
    const bytes = randomBytes(5000);
    const id = await recordFrame(server, { agent: agent.id, camera: camera.id, seq: 1, bytes });
    const reply = await admin('GET', `/api/frames/${id}/picture`);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(reply.body.equals(bytes)).toBe(true);
    expect(cacheOf(reply.headers)).toBe('private, max-age=31536000, immutable');
    const etag = reply.headers.get('etag') ?? '';
    expect((await admin('GET', `/api/frames/${id}/picture`, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it('is served in parts and as a download, and a store that is away is told although the length had been said', async () => {
    const server = await openHttpServer();
    const { admin, agent, camera } = await arrange(server);
    const bytes = randomBytes(5000);
    const id = await recordFrame(server, { agent: agent.id, camera: camera.id, seq: 1, bytes });
    const at = `/api/frames/${id}/picture`;
    const part = await admin('GET', at, { headers: { range: 'bytes=4990-' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 4990-4999/5000']);
    expect(part.body.equals(bytes.subarray(4990))).toBe(true);
    const stale = await admin('GET', at, { headers: { range: 'bytes=0-9', 'if-range': '"older"' } });
    expect([stale.status, stale.body.length]).toEqual([200, 5000]);
    const outside = await admin('GET', at, { headers: { range: 'bytes=5000-' } });
    expect([outside.status, outside.body.code]).toEqual([416, 'frame.out-of-range']);
    const download = await admin('GET', `${at}?download=1`);
    expect(download.headers.get('content-disposition')).toMatch(/^attachment; filename="frm-.*\.jpg"/);
    await server.objects.remove(frameKey(id, 'image/jpeg'));
    expect(await admin('GET', at, { headers: { range: 'bytes=0-9' } })).toMatchObject({
      status: 404,
      body: { code: 'frame.picture-not-here' },
    });
  });

  it('that is still at the edge is a clear 404', async () => {
    const server = await openHttpServer();
    const { admin, agent, camera } = await arrange(server);
    const id = await announceFrame(server, { agent: agent.id, camera: camera.id, seq: 1, bytes: Buffer.from('x') });
    for (const part of ['picture', 'thumbnail'])
      expect(await admin('GET', `/api/frames/${id}/${part}`)).toMatchObject({
        status: 404,
        body: { code: 'frame.picture-not-here', detail: expect.stringContaining('still with its agent') },
      });
  });

  it('that somebody deleted from the store says what to do', async () => {
    const server = await openHttpServer();
    const { admin, agent, camera } = await arrange(server);
    const id = await recordFrame(server, { agent: agent.id, camera: camera.id, seq: 1, bytes: Buffer.from('x') });
    await server.objects.remove(frameKey(id, 'image/jpeg'));
    expect(await admin('GET', `/api/frames/${id}/picture`)).toMatchObject({
      status: 404,
      body: { hint: expect.stringContaining('restore') },
    });
  });
});

describe('a thumbnail', () => {
  it('falls back from its size to the other and to the whole picture, and only itself is kept for ever', async () => {
    const server = await openHttpServer();
    const { admin, agent, camera } = await arrange(server);
    const whole = randomBytes(400);
    const [small, large] = [randomBytes(100), randomBytes(200)];
    const id = await recordFrame(server, { agent: agent.id, camera: camera.id, seq: 1, bytes: whole });
    const get = async (size: string) => {
      const reply = await admin('GET', `/api/frames/${id}/thumbnail?size=${size}`);
      return [reply.body.length, cacheOf(reply.headers)?.includes('immutable')];
    };
    expect(await get('small')).toEqual([400, false]);
    await writeThumbnail(server, id, 'large', large);
    await server.records.thumbnailsDrawn([{ frameId: id, failed: null }]);
    expect(await get('large')).toEqual([200, true]);
    expect(await get('small')).toEqual([200, false]);
    await writeThumbnail(server, id, 'small', small);
    expect(await get('small')).toEqual([100, true]);
    expect((await admin('GET', `/api/frames/${id}/thumbnail?size=huge`)).status).toBe(400);
  });
});

async function readyVideo(server: HttpServer, bytes: Buffer) {
  const { admin, agent, camera } = await arrange(server);
  const schedule = { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'UTC' };
  const body = { cameraId: camera.id, name: 'Rosé "1"', schedule };
  const timelapseId = (await admin('POST', '/api/timelapses', { body })).body.id;
  const none = await admin('POST', '/api/videos', { body: { timelapseId } });
  for (const seq of [1, 2])
    await recordFrame(server, {
      agent: agent.id,
      camera: camera.id,
      timelapse: timelapseId,
      seq,
      bytes: Buffer.from('x'),
      takenAt: Date.now() + seq,
    });
  const made = await admin('POST', '/api/videos', { body: { timelapseId, name: 'Rosé "1"' } });
  const id: VideoId = made.body.id;
  const finish = async () => {
    const job = await server.records.lease(['video'], 10_000);
    if (job !== null) await server.records.planSegments(job, id, []);
    const key = cutKey(id, 'abc', 'mp4');
    await server.objects.write(key, bytes, 'video/mp4');
    const film = {
      widthPx: 64,
      heightPx: 48,
      durationMs: 83,
      sizeBytes: bytes.length,
      framesDone: 2,
      framesLeftOut: 0,
      framesTotal: 2,
      fps: 24,
      speedReason: null,
      key,
      posterKey: null,
      ffmpeg: '5.1.9',
      encoder: 'software' as const,
      encoderReason: null,
      joinMs: 5,
    };
    await server.records.videoReady(id, film);
    if (job !== null) await server.records.finish(job);
  };
  return { admin, none, made, id, finish };
}

describe('a video', () => {
  it('is made of frames, can be cancelled while it is made, and is deleted with its file', async () => {
    const server = await openHttpServer();
    const { admin, none, made, id } = await readyVideo(server, randomBytes(10));
    expect(none).toMatchObject({ status: 409, body: { code: 'video.too-few-frames' } });
    expect(made).toMatchObject({ status: 201, body: { state: 'queued', framesTotal: 2, fps: 24 } });
    expect((await admin('GET', `/api/videos/${id}/file`)).body.code).toBe('video.file-not-here');
    expect((await admin('DELETE', `/api/videos/${id}`)).body.code).toBe('video.not-finished');
    expect((await admin('POST', `/api/videos/${id}/cancel`)).body.state).toBe('cancelled');
    expect((await admin('POST', `/api/videos/${id}/cancel`)).body.code).toBe('video.finished');
    expect((await admin('DELETE', `/api/videos/${id}`)).status).toBe(204);
    expect((await admin('GET', '/api/videos')).body.items).toEqual([]);
  });

  it('can be read in parts, so that players can jump', async () => {
    const server = await openHttpServer();
    const bytes = randomBytes(10_000);
    const { admin, id, finish } = await readyVideo(server, bytes);
    await finish();
    const get = (range?: string, query = '') =>
      admin('GET', `/api/videos/${id}/file${query}`, { headers: range === undefined ? {} : { range } });
    const whole = await get();
    expect([whole.status, whole.headers.get('accept-ranges'), whole.body.equals(bytes)]).toEqual([200, 'bytes', true]);
    const part = await get('bytes=1000-1999');
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1000-1999/10000']);
    expect(part.body.equals(bytes.subarray(1000, 2000))).toBe(true);
    const end = await get('bytes=-10');
    expect([end.status, end.body.equals(bytes.subarray(-10))]).toEqual([206, true]);
    const outside = await get('bytes=10000-');
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */10000']);
    const head = await admin('HEAD', `/api/videos/${id}/file`);
    expect([head.status, head.headers.get('content-length'), head.body.length]).toEqual([200, '10000', 0]);
    const download = (await get(undefined, '?download=1')).headers.get('content-disposition');
    expect(download).toBe(`attachment; filename="Rose 1.mp4"; filename*=UTF-8''Ros%C3%A9%20%221%22.mp4`);
    expect((await get()).headers.get('content-disposition')).toMatch(/^inline; /);
    expect((await admin('DELETE', `/api/videos/${id}`)).status).toBe(204);
    expect(await server.objects.stat(cutKey(id, 'abc', 'mp4'))).toBeNull();
  });
});

describe('an upload', () => {
  it('that was granted is taken, any other is refused before it is read', async () => {
    const server = await openHttpServer();
    const bytes = randomBytes(3_000_000);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const key = 'frames/agt-0000000000000000/0/frm-0000000000000000-1.jpg';
    const terms = { key, sizeBytes: bytes.length, sha256, contentType: 'image/jpeg', expiresAt: Date.now() + 60_000 };
    const grant = await server.objects.grant(terms);
    const at = grant.url.slice(server.address.length);
    const put = (address: string) =>
      server.anybody('PUT', address, {
        body: bytes,
        headers: { 'content-type': 'image/jpeg', 'sec-fetch-site': 'cross-site' },
      });
    expect(await put(at.replace(/signature=..../, 'signature=AAAA'))).toMatchObject({
      status: 403,
      body: { code: 'upload.not-granted' },
    });
    expect((await put(at)).status).toBe(201);
    expect(await server.objects.stat(key)).toMatchObject({ sizeBytes: bytes.length });
    expect((await put(at)).status).toBe(412);
    expect((await put('/objects/../../etc/passwd')).status).toBeGreaterThanOrEqual(400);
  });
});

describe('the dashboard', () => {
  it('says how to build it while it is not built, and is served for every address once it is', async () => {
    const server = await openHttpServer();
    const missing = await server.anybody('GET', '/');
    expect(missing.status).toBe(503);
    expect(String(missing.body)).toContain('npm run build -w @slowlight/dashboard');
    const folder = path.join(server.folder, 'dashboard');
    await mkdir(path.join(folder, 'assets'), { recursive: true });
    await writeFile(path.join(folder, 'index.html'), '<!doctype html><title>wall</title>');
    await writeFile(path.join(folder, 'assets/app-1a2b.js'), 'export {}');
    for (const at of ['/', '/cameras/cam-0000000000000000', '/login?next=/']) {
      const page = await server.anybody('GET', at);
      expect([at, page.status, String(page.body).includes('wall')]).toEqual([at, 200, true]);
      expect(cacheOf(page.headers)).toBe('no-cache');
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe|upgrade-insecure/);
    }
    const script = await server.anybody('GET', '/assets/app-1a2b.js');
    expect([script.status, cacheOf(script.headers)]).toEqual([200, 'public, max-age=31536000, immutable']);
    expect((await server.anybody('GET', '/assets/missing.js')).status).toBe(404);
    const key = await readFile(path.join(server.folder, 'key'));
    for (const at of ['/assets/..%2f..%2fkey', '/..%2fkey', '/%2e%2e%2fkey']) {
      const reply = await server.anybody('GET', at);
      expect([at, reply.status !== 200 || String(reply.body).includes('wall')]).toEqual([at, true]);
      expect(Buffer.from(String(reply.body)).includes(key)).toBe(false);
    }
  });
});

describe('health', () => {
  it('says which part is not ready', async () => {
    const parts = [
      { part: 'records', ready: true, detail: 'answered' },
      { part: 'broker', ready: false, detail: 'not connected' },
    ];
    const server = await openHttpServer({ readiness: async () => parts });
    expect((await server.anybody('GET', '/health/live')).body).toEqual({ live: true });
    expect(await server.anybody('GET', '/health/ready')).toMatchObject({ status: 503, body: { ready: false, parts } });
  });

  it('has metrics for whoever may look, and for everybody when it is set so', async () => {
    const closed = await openHttpServer();
    expect((await closed.anybody('GET', '/metrics')).status).toBe(401);
    const open = await openHttpServer({ metricsOpen: true });
    await open.anybody('GET', '/health/live');
    const text = String((await open.anybody('GET', '/metrics')).body);
    for (const line of [
      'slowlight_jobs{state="waiting"} 0',
      'slowlight_frames_stored 0',
      'slowlight_frame_bytes_stored 0',
      'slowlight_sse_viewers 0',
      'slowlight_ingest_total{what="events"} 7',
      'slowlight_http_request_duration_seconds_count{method="GET",route="/health/live",status="200"} 1',
    ])
      expect(text).toContain(line);
  });
});

describe('the description of the API', () => {
  it('is OpenAPI 3.1, names every address, and can be read offline', async () => {
    const server = await openHttpServer();
    const { body } = await server.anybody('GET', '/api/openapi.json');
    expect(body.openapi).toMatch(/^3\.1/);
    const described = Object.entries<object>(body.paths).flatMap(([at, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${at.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const routes = server.server
      .routes()
      .map(({ method, url }) => `${method} ${url}`)
      .filter((route) => / \/api\//.test(route) && !/ \/api\/(docs|openapi)/.test(route));
    expect(routes.length).toBeGreaterThan(35);
    expect(routes.filter((route) => !described.includes(route))).toEqual([]);
    const page = String((await server.anybody('GET', '/api/docs/')).body);
    expect(page).not.toMatch(/https?:\/\//);
    const scripts = [...page.matchAll(/src="([^"]+)"/g)].map(
      (match) => new URL(match[1] ?? '', `${server.address}/api/docs/`),
    );
    expect(scripts.length).toBeGreaterThan(2);
    for (const script of scripts) expect((await fetch(script)).status).toBe(200);
  });
});
