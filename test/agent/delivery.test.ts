import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type FrameId, newCameraId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';
import { openDelivery } from '../rig/open-delivery.ts';
import { until } from '../rig/until.ts';

describe('delivery', () => {
  it('brings each frame to the store and forgets it only on its receipt', async () => {
    const scene = await openDelivery();
    scene.start();
    scene.cloud.listen(true);
    let mayForget = false;
    scene.cloud.mayForget = () => mayForget;
    const frames = await scene.keepMany(5);
    await until(
      'all are uploaded and said to be',
      () => [...scene.cloud.recorded.values()].filter((event) => event.type === 'frame.uploaded').length === 5,
    );
    expect(await scene.filesLeft()).toHaveLength(5);
    mayForget = true;
    scene.cloud.hangUp();
    await until('the buffer is empty', () => scene.buffer.backlog().frames === 0, 30_000);
    expect(await until('the files are gone', async () => (await scene.filesLeft()).length === 0)).toBe(true);
    expect([...scene.cloud.uploads.keys()].sort()).toEqual([...frames].sort());
    expect(scene.cloud.conflicts).toEqual([]);
  });

  it('says nothing before somebody listens, and everything again to a new listener', async () => {
    const scene = await openDelivery();
    scene.start();
    await scene.keepMany(3);
    await until('it is online', () => scene.cloud.statuses.length > 0);
    expect(scene.cloud.heard).toEqual([]);
    scene.cloud.onEvent = () => false;
    scene.cloud.listen(true);
    await until('three events are heard', () => scene.cloud.heard.length === 3);
    scene.cloud.listen(false);
    await until('the agent knows', () => !scene.uplink.listening());
    scene.cloud.onEvent = () => true;
    scene.cloud.listen(true);
    await until('all is delivered', () => scene.cloud.forgotten.size === 3);
  });

  it('repeats an event whose receipt is lost', async () => {
    const scene = await openDelivery({ repeatMs: 200 });
    let lost = 0;
    scene.cloud.onEvent = () => {
      lost += 1;
      return lost > 3;
    };
    scene.start();
    scene.cloud.listen(true);
    const frame = await scene.keep();
    await until('it is forgotten', () => scene.cloud.forgotten.has(frame));
    expect(scene.cloud.conflicts).toEqual([]);
  });

  it('shows the newest frame of each camera first after an outage, and drains all', async () => {
    const scene = await openDelivery();
    const [one, two] = [newCameraId(), newCameraId()];
    const old = await scene.keepMany(300, { camera: one });
    const last = [old.at(-1), await scene.keep({ camera: two })];
    scene.start();
    scene.cloud.listen(true);
    await until('all are uploaded', () => scene.cloud.uploads.size === 301, 30_000);
    for (const frame of last) expect(scene.cloud.uploadedInOrder.indexOf(frame as FrameId)).toBeLessThan(6);
    await until('all are forgotten', () => scene.buffer.backlog().frames === 0, 30_000);
  });

  it('lets a new frame pass a long backlog', async () => {
    const scene = await openDelivery();
    await scene.keepMany(400);
    scene.cloud.onUpload = async () => {
      await systemClock.sleep(10, new AbortController().signal);
      return false;
    };
    scene.start();
    scene.cloud.listen(true);
    await until('the backlog drains', () => scene.cloud.uploads.size > 20);
    const fresh = await scene.keep();
    const before = scene.cloud.uploads.size;
    await until('the new one is there', () => scene.cloud.uploads.has(fresh));
    expect(scene.cloud.uploadedInOrder.indexOf(fresh) - before).toBeLessThan(60);
    expect(scene.buffer.backlog().frames).toBeGreaterThan(100);
  });

  it('uses no grant that has ended, and asks for a new one', async () => {
    const scene = await openDelivery();
    scene.cloud.grantLifeMs = 1000;
    scene.start();
    scene.cloud.listen(true);
    const frame = await scene.keep();
    await until('grants come that are over too soon', () => (scene.cloud.grantsGiven.get(frame) ?? 0) >= 2);
    expect(scene.cloud.uploads.size).toBe(0);
    scene.cloud.grantLifeMs = 600_000;
    await until('it is uploaded', () => scene.cloud.uploads.has(frame));
  });

  it('asks for a grant again when an upload is refused, and sets the frame aside after enough refusals without holding others up', async () => {
    const scene = await openDelivery({ quarantineAfter: 3 });
    const poison = await scene.keep();
    let refused = 0;
    scene.cloud.onUpload = (frame, _, response) => {
      if (frame !== poison) return false;
      refused += 1;
      response.writeHead(403).end('{"code":"upload.not-granted"}');
      return true;
    };
    scene.start();
    scene.cloud.listen(true);
    const others = await scene.keepMany(20);
    await until('the others are delivered', () => others.every((frame) => scene.cloud.forgotten.has(frame)));
    await until('it is set aside', () => scene.buffer.backlog().quarantined === 1);
    expect(refused).toBe(3);
    expect(scene.log.lines.find((line) => line.message.includes('set aside'))?.message).toContain('upload.not-granted');
  });

  it('takes "already there" for uploaded: the control plane checks it', async () => {
    const scene = await openDelivery();
    scene.start();
    scene.cloud.listen(true);
    let first = true;
    scene.cloud.onUpload = async (frame, request, response) => {
      if (!first) return false;
      first = false;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      scene.cloud.uploads.set(frame, Buffer.concat(chunks));
      // The bytes are stored, the answer is lost.
      response.destroy();
      return true;
    };
    const frame = await scene.keep();
    await until('it is forgotten', () => scene.cloud.forgotten.has(frame), 20_000);
  });

  it('waits while the store is away, obeys Retry-After, and goes on', async () => {
    const scene = await openDelivery();
    let asked = 0;
    const since = performance.now();
    let again = 0;
    scene.cloud.onUpload = (_, __, response) => {
      asked += 1;
      if (asked > 1) {
        again = again || performance.now();
        return false;
      }
      response.writeHead(503, { 'retry-after': '2' }).end();
      return true;
    };
    scene.start();
    scene.cloud.listen(true);
    const frame = await scene.keep();
    await until('it is forgotten', () => scene.cloud.forgotten.has(frame), 20_000);
    expect(again - since).toBeGreaterThan(1900);
  });

  it('does not follow a redirect', async () => {
    const scene = await openDelivery({ quarantineAfter: 1 });
    scene.cloud.onUpload = (frame, _, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:1/${frame}` }).end();
      return true;
    };
    scene.start();
    scene.cloud.listen(true);
    await scene.keep();
    await until('it is set aside', () => scene.buffer.backlog().quarantined === 1);
  });

  it('reports a picture that the card has lost, and goes on', async () => {
    const scene = await openDelivery();
    const lost = await scene.keep();
    for (const name of await scene.filesLeft()) await rm(path.join(scene.folder, 'data', 'frames', name));
    const other = await scene.keep();
    scene.start();
    scene.cloud.listen(true);
    const evicted = await until('it is reported', () =>
      [...scene.cloud.recorded.values()].find((event) => event.type === 'frames.evicted'),
    );
    expect(evicted.body).toEqual({ frameIds: [lost], reason: 'picture-unreadable' });
    await until('the other is delivered', () => scene.cloud.forgotten.has(other));
    await until('nothing is left to say', () => scene.buffer.unrecorded(0, 1e9, 10).length === 0);
  });

  it('uploads anew what the control plane refused after its check', async () => {
    const scene = await openDelivery();
    scene.start();
    scene.cloud.listen(true);
    let refusedOnce = false;
    scene.cloud.mayForget = (frame) => {
      if (refusedOnce) return true;
      refusedOnce = true;
      scene.cloud.uploads.delete(frame);
      scene.cloud.refuse.push({
        what: 'upload',
        frameId: frame,
        code: 'upload.checksum-mismatch',
        reason: 'other bytes',
      });
      return false;
    };
    const frame = await scene.keep();
    await until('it is forgotten', () => scene.cloud.forgotten.has(frame), 20_000);
    expect(scene.cloud.uploadedInOrder).toEqual([frame, frame]);
    const said = scene.cloud.heard.filter((event) => event.type === 'frame.uploaded').map((event) => event.seq);
    expect(new Set(said).size).toBe(1);
  });

  it('steps back from a frame that no grant comes for', async () => {
    const scene = await openDelivery();
    const without = await scene.keepMany(60);
    scene.cloud.givesGrants = (frame) => !without.includes(frame);
    scene.start();
    scene.cloud.listen(true);
    const others = await scene.keepMany(5);
    await until('the others are delivered', () => others.every((frame) => scene.cloud.forgotten.has(frame)));
  });

  it('leaves room for 60 frames of 350 KB a second on one core, the other end included', async () => {
    const scene = await openDelivery();
    await scene.keepMany(200, { sizeBytes: 350_000 });
    const before = process.cpuUsage();
    scene.start();
    scene.cloud.listen(true);
    await until('all are forgotten', () => scene.buffer.backlog().frames === 0, 40_000);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000 / 200).toBeLessThan(1000 / 60);
  });
});
