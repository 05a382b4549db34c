import { createHash, randomBytes } from 'node:crypto';
import { frameKey, timelapseView } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { arrange, recordFrame } from '../../rig/http-arrange.ts';
import { openHttpServer } from '../../rig/http-server.ts';
import { readZip } from '../../rig/read-zip.ts';

test('the pictures of a timelapse come as a zip with what each is, in their order, and without those that are gone', async () => {
  const server = await openHttpServer();
  const { admin, agent, camera } = await arrange(server);
  const schedule = { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'UTC' };
  const body = { cameraId: camera.id, name: 'Rosen / Süd', schedule };
  const { id } = timelapseView.parse((await admin('POST', '/api/timelapses', { body })).body);
  const pictures = Array.from({ length: 4 }, () => randomBytes(3000));
  const frames = [];
  for (const [index, bytes] of pictures.entries())
    frames.push(
      await recordFrame(server, {
        agent: agent.id,
        camera: camera.id,
        timelapse: id,
        seq: index + 1,
        bytes,
        takenAt: Date.UTC(2026, 5, 1, 12, index),
      }),
    );
  const gone = frames[1];
  if (gone === undefined) throw new Error('no frame');
  await server.objects.remove(frameKey(gone, 'image/jpeg'));

  const { cookie } = await server.logIn();
  const reply = await fetch(`${server.address}/api/timelapses/${id}/frames.zip`, { headers: { cookie } });
  expect(reply.headers.get('content-type')).toBe('application/zip');
  expect(reply.headers.get('content-disposition')).toContain("filename*=UTF-8''Rosen%20%2F%20S%C3%BCd.zip");
  const files = readZip(Buffer.from(await reply.arrayBuffer()));
  const lines = String(files.get('frames.jsonl'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map((line) => line.id)).toEqual([frames[0], frames[2], frames[3]]);
  expect(lines[0].name).toBe(`frames/0000001_2026-06-01T12-00-00-000Z_${frames[0]}.jpg`);
  for (const { name, sha256 } of lines)
    expect(
      createHash('sha256')
        .update(files.get(name) ?? '')
        .digest('hex'),
    ).toBe(sha256);
  expect(JSON.parse(String(files.get('timelapse.json')))).toMatchObject({ id, notInTheStore: [gone] });
  expect([...files.keys()]).toHaveLength(3 + 2);

  const some = await fetch(`${server.address}/api/timelapses/${id}/frames.zip?from=${Date.UTC(2026, 5, 1, 12, 3)}`, {
    headers: { cookie },
  });
  expect(readZip(Buffer.from(await some.arrayBuffer())).size).toBe(1 + 2);
});
