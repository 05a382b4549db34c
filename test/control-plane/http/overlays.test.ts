import { crc32, deflateSync } from 'node:zlib';
import { createOverlays } from '@slowlight/control-plane/src/render/overlay/overlays.ts';
import { type FrameId, overlayLayout, sidecarKey, timelapseOverlayInput } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { arrange, recordFrame } from '../../rig/http-arrange.ts';
import { type Client, type HttpServer, openHttpServer } from '../../rig/http-server.ts';
import { createQuietLog } from '../../rig/quiet-log.ts';

const time = { kind: 'time', id: 'time', anchor: 'bottom-right', pattern: 'HH:mm' };
const everyMinute = { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'Europe/Vienna' };
const jpeg = sharp({ create: { width: 64, height: 48, channels: 3, background: '#335577' } })
  .jpeg()
  .toBuffer();

async function upload(client: Client, bytes: Uint8Array, type = 'image/png') {
  return client('POST', '/api/assets?name=Logo', { body: bytes, headers: { 'content-type': type } });
}

async function scene() {
  const server = await openHttpServer();
  const { admin, agent, camera } = await arrange(server);
  const started = await admin('POST', '/api/timelapses', {
    body: { cameraId: camera.id, name: 'Growing', schedule: everyMinute },
  });
  const timelapse: string = started.body.id;
  const shoot = async (seq: number): Promise<FrameId> =>
    recordFrame(server, { agent: agent.id, camera: camera.id, seq, bytes: await jpeg, timelapse: timelapse as never });
  return { server, admin, timelapse, shoot };
}

const sizeOf = async (bytes: Buffer) => {
  const { format, width, height } = await sharp(bytes).metadata();
  return [format, width, height];
};

describe('templates of overlays', () => {
  it('are made, listed beside those that come along, changed as versions, duplicated and deleted', async () => {
    const { admin } = await scene();
    const made = await admin('POST', '/api/overlay-templates', {
      body: { name: 'Mine', layout: { elements: [time] } },
    });
    expect(made).toMatchObject({ status: 201, body: { version: 1, builtIn: false, layout: { opacity: 1 } } });
    const at = `/api/overlay-templates/${made.body.id}`;
    const changed = await admin('PATCH', at, { body: { layout: { elements: [time], opacity: 0.5 } } });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, layout: { opacity: 0.5 } } });
    expect((await admin('GET', `${at}?version=1`)).body).toMatchObject({ layout: { opacity: 1 }, newestVersion: 2 });
    const copy = await admin('POST', `${at}/duplicate`, { body: {} });
    expect(copy).toMatchObject({ status: 201, body: { name: 'Mine (copy)', version: 1, layout: { opacity: 0.5 } } });
    const ofBuiltIn = await admin('POST', '/api/overlay-templates/ovt-builtin-complete/duplicate', {
      body: { name: 'Full' },
    });
    expect(ofBuiltIn.body).toMatchObject({ name: 'Full', builtIn: false });
    const list = await admin('GET', '/api/overlay-templates');
    expect(list.body.items.map(({ name }: { name: string }) => name).sort()).toEqual(['Full', 'Mine', 'Mine (copy)']);
    expect(list.body.builtIn).toHaveLength(4);
    expect((await admin('DELETE', at)).status).toBe(204);
    expect((await admin('DELETE', at)).status).toBe(404);
    expect(await admin('DELETE', '/api/overlay-templates/ovt-builtin-complete')).toMatchObject({
      status: 409,
      body: { hint: expect.stringContaining('Duplicate') },
    });
  });

  it('that are wrong are refused by the field', async () => {
    const { admin } = await scene();
    const layout = {
      elements: [
        { ...time, pattern: 'YYYY' },
        { ...time, id: 'two', style: { sizePercent: 900 } },
      ],
    };
    const reply = await admin('POST', '/api/overlay-templates', { body: { name: 'Mine', layout } });
    expect(reply.status).toBe(400);
    expect(reply.body.fields.map(({ path }: { path: string }) => path)).toEqual([
      'layout.elements.0.pattern',
      'layout.elements.1.style.sizePercent',
    ]);
  });
});

describe('a preview', () => {
  it('is the frame with the overlay on it, as JPEG or PNG, and exactly what the sidecar shows', async () => {
    const { server, admin, shoot } = await scene();
    const frame = await shoot(1);
    const ask = (more: object) => admin('POST', '/api/overlay-previews', { body: { frameId: frame, ...more } });
    const shown = await ask({ layout: { elements: [time] }, type: 'image/png' });
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(await sizeOf(shown.body)).toEqual(['png', 64, 48]);
    const bare = await ask({ layout: { elements: [] }, type: 'image/png' });
    const fromTemplate = await ask({ templateId: 'ovt-builtin-timestamp' });
    expect(await sizeOf(fromTemplate.body)).toEqual(['jpeg', 64, 48]);

    const sidecar = await drawSidecar(server, frame);
    const laid = await sharp(bare.body)
      .composite([{ input: sidecar }])
      .removeAlpha()
      .raw()
      .toBuffer();
    expect(laid.equals(await sharp(shown.body).removeAlpha().raw().toBuffer())).toBe(true);
    expect(laid.equals(await sharp(bare.body).removeAlpha().raw().toBuffer())).toBe(false);
  });

  it('shows a drawn landscape where there is no picture, and says what is wrong with what was asked for', async () => {
    const { admin } = await scene();
    const ask = (body: object) => admin('POST', '/api/overlay-previews', { body });
    const shown = await ask({ templateId: 'ovt-builtin-complete', timeZone: 'Asia/Tokyo' });
    expect(await sizeOf(shown.body)).toEqual(['jpeg', 1920, 1080]);
    expect((await ask({})).body.fields).toEqual([{ path: 'layout', problem: 'give either a templateId or a layout' }]);
    expect((await ask({ templateId: 'ovt-builtin-nothing' })).status).toBe(404);
    expect((await ask({ layout: { elements: [] }, frameId: 'frm-0000000000000000-1' })).status).toBe(404);
    expect((await ask({ layout: { elements: [] }, timeZone: 'Mars/North' })).status).toBe(400);
  });
});

/** What the runner of sidecars leaves beside the frame. */
async function drawSidecar({ records, objects }: HttpServer, frame: FrameId): Promise<Buffer> {
  const view = await records.frame(frame);
  const template = await records.createOverlayTemplate({
    name: 'T',
    layout: overlayLayout.parse({ elements: [time] }),
  });
  if (view?.timelapseId == null) throw new Error('the frame belongs to no timelapse');
  const input = timelapseOverlayInput.parse({ templateId: template.id, sidecars: true });
  await records.setTimelapseOverlay(view.timelapseId, input);
  const { sidecars } = createOverlays({ clock: systemClock, log: createQuietLog(), objects, records });
  await sidecars.one({ subject: frame }, new AbortController().signal);
  const parts: Uint8Array[] = [];
  for await (const part of await objects.read(sidecarKey(frame))) parts.push(part);
  return Buffer.concat(parts);
}

describe('a timelapse', () => {
  it('shows a template with changes of its own, and says how far its sidecars are', async () => {
    const { server, admin, timelapse, shoot } = await scene();
    const frame = await shoot(1);
    const at = `/api/timelapses/${timelapse}/overlay`;
    expect((await admin('GET', at)).status).toBe(404);
    const body = { templateId: 'ovt-builtin-timestamp', changes: { opacity: 0.7 }, sidecars: true };
    expect(await admin('PUT', at, { body })).toMatchObject({
      status: 200,
      body: { revision: 1, version: null, progress: { pending: 1, ready: 0 } },
    });
    expect((await admin('GET', `/api/frames/${frame}/overlay`)).body).toMatchObject({ state: 'pending' });
    await drawSidecar(server, frame);
    expect((await admin('GET', at)).body).toMatchObject({ revision: 2, progress: { pending: 0, ready: 1 } });
    expect((await admin('GET', `/api/frames/${frame}/overlay`)).body).toEqual({
      state: 'ready',
      reason: null,
      revision: 2,
    });
    const picture = await admin('GET', `/api/frames/${frame}/overlay/picture`);
    expect(await sizeOf(picture.body)).toEqual(['png', 64, 48]);
    const etag = picture.headers.get('etag') ?? '';
    const again = await admin('GET', `/api/frames/${frame}/overlay/picture`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect((await admin('DELETE', at)).status).toBe(204);
    expect((await admin('GET', `/api/frames/${frame}/overlay`)).status).toBe(404);
    expect((await admin('PUT', at, { body: { templateId: 'ovt-0000000000000000' } })).status).toBe(404);
    expect((await admin('PUT', '/api/timelapses/tlp-0000000000000000/overlay', { body })).status).toBe(404);
  });
});

describe('assets', () => {
  it('are uploaded as bytes, served as what they became, kept while shown and deleted', async () => {
    const { admin, server } = await scene();
    const given = await sharp({ create: { width: 30, height: 20, channels: 3, background: '#c00' } })
      .webp()
      .toBuffer();
    const made = await upload(admin, given, 'image/webp');
    expect(made).toMatchObject({ status: 201, body: { name: 'Logo', type: 'image/png', widthPx: 30, heightPx: 20 } });
    const at = `/api/assets/${made.body.id}`;
    expect((await admin('GET', at)).body).toEqual(made.body);
    expect((await admin('GET', '/api/assets')).body.items).toEqual([made.body]);
    const picture = await admin('GET', `${at}/picture`);
    expect(await sizeOf(picture.body)).toEqual(['png', 30, 20]);
    expect(picture.headers.get('content-security-policy')).toContain('sandbox');
    expect(picture.headers.get('x-content-type-options')).toBe('nosniff');

    const elements = [{ kind: 'image', id: 'logo', anchor: 'top', assetId: made.body.id }];
    const template = await admin('POST', '/api/overlay-templates', { body: { name: 'Logo', layout: { elements } } });
    expect(await admin('DELETE', at)).toMatchObject({ status: 409, body: { detail: expect.stringContaining('Logo') } });
    await admin('DELETE', `/api/overlay-templates/${template.body.id}`);
    expect((await admin('DELETE', at)).status).toBe(204);
    expect((await admin('GET', at)).status).toBe(404);
    expect(await assetsIn(server)).toEqual([]);
    expect((await admin('POST', '/api/overlay-templates', { body: { name: 'L', layout: { elements } } })).status).toBe(
      404,
    );
  });

  it('that are no pictures are refused with what to do', async () => {
    const { admin, server } = await scene();
    const evil = '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://e/x.png"/></svg>';
    expect(await upload(admin, Buffer.from(evil), 'image/svg+xml')).toMatchObject({
      status: 415,
      body: { code: 'asset.refused', hint: expect.stringContaining('PNG') },
    });
    expect(await upload(admin, Buffer.from('no picture'))).toMatchObject({
      status: 415,
      body: { code: 'asset.unreadable' },
    });
    expect((await upload(admin, Buffer.alloc(11 * 1024 * 1024))).status).toBe(413);
    expect((await upload(admin, Buffer.from('x'), 'text/html')).status).toBe(415);
    expect((await admin('POST', '/api/assets?name=Logo', { body: {} })).status).toBe(400);
    expect(
      (await admin('POST', '/api/assets', { body: await jpeg, headers: { 'content-type': 'image/jpeg' } })).status,
    ).toBe(400);
    expect(await assetsIn(server)).toEqual([]);
  });

  it('that claim to be huge are refused by what they claim, before anything is unpacked', async () => {
    const { admin, server } = await scene();
    // A few kilobytes that would be 3.6 GB of pixels, and a drawing that would be 100 GB.
    const bombs: [Uint8Array, string][] = [
      [pngOf(30_000, 30_000), 'image/png'],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="160000" height="160000"/>'), 'image/svg+xml'],
    ];
    const before = process.memoryUsage().rss;
    for (const [bytes, type] of bombs) {
      expect(bytes.length).toBeLessThan(4_000_000);
      const refused = await upload(admin, bytes, type);
      expect(refused).toMatchObject({
        status: 415,
        body: { code: 'asset.unreadable', hint: expect.stringContaining('50 megapixels') },
      });
    }
    expect((process.memoryUsage().rss - before) / 1e6, 'MB').toBeLessThan(100);
    expect(await assetsIn(server)).toEqual([]);
  });
});

/** A whole PNG of one grey value: its rows are real, so that nothing but its size speaks against it. */
function pngOf(width: number, height: number): Buffer {
  const chunk = (name: string, bytes: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), bytes]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(bytes.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // 1 bit a pixel, greyscale.
  head.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height));
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

async function assetsIn({ objects }: HttpServer): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of objects.list('assets/')) keys.push(key);
  return keys;
}
