import { isOldEnough } from '@slowlight/control-plane/src/http/shared-sight.ts';
import { describe, expect, it } from 'vitest';
import { type Client, type HttpServer, openHttpServer } from '../../rig/http-server.ts';
import { type Furnished, furnish, logInAs } from '../../rig/people.ts';

const HOUR = 3_600_000;

async function share(by: Client, body: object) {
  const reply = await by('POST', '/api/shares', { body: { name: 'For the town', ...body } });
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return { at: `/api/share/${reply.body.token}`, token: reply.body.token as string, id: reply.body.share.id as string };
}

/** The film is made: its bytes lie in the store. */
async function finishFilm(server: HttpServer, { video }: Furnished): Promise<void> {
  const key = `videos/${video}/film.mp4`;
  await server.objects.write(key, Buffer.from('a film'), 'video/mp4');
  const made = {
    widthPx: 64,
    heightPx: 48,
    durationMs: 1000,
    sizeBytes: 6,
    framesTotal: 2,
    framesDone: 2,
    framesLeftOut: 0,
  };
  const film = { ...made, fps: 24, speedReason: null, key, posterKey: null, ffmpeg: '7.1', joinMs: 1 };
  await server.records.videoReady(video as never, film as never);
}

describe('a link for strangers', () => {
  it('shows its timelapse without a login, and nothing else of the house', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    const own = await furnish(server, admin, 'Own');
    const other = await furnish(server, admin, 'Other');
    await finishFilm(server, own);
    await finishFilm(server, other);
    const { at, id } = await share(admin, { timelapseId: own.timelapse });
    const view = await server.anybody('GET', at);
    expect(view).toMatchObject({
      status: 200,
      body: { name: 'For the town', kind: 'timelapse', newest: { id: own.newer } },
    });
    expect(view.body.videos.map((video: { id: string }) => video.id)).toEqual([own.video]);
    expect((await server.anybody('GET', `${at}/frames`)).body.items.map((frame: { id: string }) => frame.id)).toEqual([
      own.newer,
      own.older,
    ]);
    expect((await server.anybody('GET', `${at}/frames/${own.newer}/thumbnail`)).status).toBe(200);
    expect((await server.anybody('GET', `${at}/frames/${own.older}/picture`)).body).toEqual(own.bytes);
    expect((await server.anybody('GET', `${at}/videos/${own.video}/file`)).body.toString()).toBe('a film');
    for (const address of [
      `${at}/frames/${other.newer}/picture`,
      `${at}/frames/${other.newer}/thumbnail`,
      `${at}/frames/no-frame/thumbnail`,
      `${at}/videos/${other.video}/file`,
      `${at}/videos/${other.video}/hls/index.m3u8`,
      `${at}/videos/${own.video}/hls/${'f'.repeat(64)}/init.mp4?scale=90000`,
      `${at.slice(0, -1)}${at.endsWith('A') ? 'B' : 'A'}`,
      '/api/share/short',
    ])
      expect([address, (await server.anybody('GET', address)).status]).toEqual([address, 404]);
    for (const address of ['/api/cameras', `/api/frames/${own.newer}/picture`, `/api/videos/${own.video}/file`])
      expect((await server.anybody('GET', address)).status, address).toBe(401);
    const text = JSON.stringify(view.body);
    for (const secret of [own.camera, own.agent, own.site]) expect(text).not.toContain(secret);
    expect((await admin('GET', '/api/shares')).body.items.find((one: { id: string }) => one.id === id)).toMatchObject({
      views: 1,
    });
    expect(JSON.stringify((await admin('GET', '/api/shares')).body)).not.toContain(at.slice(11));
  });

  it('is shown once, ends when it is over or withdrawn, and is made only by who may', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    const own = await furnish(server, admin, 'Own');
    const { client: viewer } = await logInAs(server, { name: 'v', role: 'viewer' });
    expect((await viewer('POST', '/api/shares', { body: { name: 'x', timelapseId: own.timelapse } })).status).toBe(403);
    expect((await admin('POST', '/api/shares', { body: { name: 'x' } })).body.code).toBe('request.invalid');
    const past = { name: 'x', timelapseId: own.timelapse, expiresAt: Date.now() - 1 };
    expect((await admin('POST', '/api/shares', { body: past })).body.fields).toEqual([
      { path: 'expiresAt', problem: 'must not be past' },
    ]);
    const brief = await share(admin, { timelapseId: own.timelapse, expiresAt: Date.now() + 1500 });
    expect((await server.anybody('GET', brief.at)).status).toBe(200);
    await expect
      .poll(async () => (await server.anybody('GET', `${brief.at}/frames`)).status, { timeout: 5000 })
      .toBe(404);
    const { at, id } = await share(admin, { videoId: own.video });
    expect((await server.anybody('GET', at)).body).toMatchObject({ kind: 'video', pictures: false, newest: null });
    expect(
      (await server.anybody('GET', `${at}/frames/${own.newer}/picture`)).status,
      'a film shows no single pictures',
    ).toBe(404);
    expect((await admin('DELETE', `/api/shares/${id}`)).body.revokedAt).toBeGreaterThan(0);
    expect((await server.anybody('GET', at)).body.code).toBe('share.not-found');
  });

  it('with a delay shows no picture that is younger, and no film that holds one', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    const own = await furnish(server, admin, 'Own');
    await finishFilm(server, own);
    // The frames are two hours and one hour old.
    const { at, id } = await share(admin, { timelapseId: own.timelapse, delayMs: 1.5 * HOUR });
    const seen = async () =>
      (await server.anybody('GET', `${at}/frames`)).body.items.map((frame: { id: string }) => frame.id);
    expect(await seen()).toEqual([own.older]);
    expect((await server.anybody('GET', at)).body).toMatchObject({ newest: { id: own.older }, videos: [] });
    expect((await server.anybody('GET', `${at}/frames/${own.newer}/picture`)).status).toBe(404);
    expect((await server.anybody('GET', `${at}/videos/${own.video}/file`)).status).toBe(404);
    await admin('PATCH', `/api/shares/${id}`, { body: { delayMs: 0.5 * HOUR } });
    expect(await seen()).toEqual([own.newer, own.older]);
    expect((await server.anybody('GET', `${at}/videos/${own.video}/file`)).status).toBe(200);
    expect([0, 10, 11].map((at) => isOldEnough(at, { delayMs: 10, now: 20 }))).toEqual([true, true, false]);
  });

  it('may be shown inside the pages that it names, and inside no others', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    const own = await furnish(server, admin, 'Own');
    const policy = async (body: object) => {
      const { token } = await share(admin, { timelapseId: own.timelapse, ...body });
      const { headers } = await server.anybody('GET', `/embed/${token}`);
      expect(headers.get('x-frame-options')).toBeNull();
      return /frame-ancestors ([^;]*)/.exec(headers.get('content-security-policy') ?? '')?.[1];
    };
    expect(await policy({ embeddedBy: ['https://town.example.org'] })).toBe("'self' https://town.example.org");
    expect(await policy({ embeddedBy: null })).toBe('*');
    expect(await policy({})).toBe("'self'");
    const unknown = await server.anybody('GET', `/embed/${'A'.repeat(43)}`);
    expect(unknown.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const page = await server.anybody('GET', `/s/${'A'.repeat(43)}`);
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(
      (
        await admin('POST', '/api/shares', {
          body: { name: 'x', timelapseId: own.timelapse, embeddedBy: ['https://a.b; script-src *'] },
        })
      ).status,
    ).toBe(400);
  });
});
