import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FrameBuffer } from '@slowlight/agent/src/buffer/open-buffer.ts';
import { newAgentId, newTimelapseId } from '@slowlight/protocol';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { makeFrame, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';

const nothing = { recordedUpTo: 0, recordedAlso: [], forget: [], refused: [], serverTime: 0 };
const all = (buffer: FrameBuffer) => buffer.unrecorded(0, Number.MAX_SAFE_INTEGER, 10_000);
const framesOnDisk = async (folder: string) =>
  (await readdir(path.join(folder, 'data', 'frames'), { recursive: true })).filter((name) => name.endsWith('.jpg'));
async function keep(buffer: FrameBuffer, more: Parameters<typeof makeFrame>[0] = {}) {
  const result = await buffer.commitFrame(makeFrame(more));
  if (result.kind !== 'kept') throw new Error(`the frame was not kept: ${result.kind}`);
  return result.frame;
}

describe('the start', () => {
  it('sweeps files that no frame claims and half-written ones, and keeps the rest', async () => {
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder);
    const kept = await keep(buffer);
    buffer.close();
    const beside = path.dirname(kept.path);
    await writeFile(path.join(beside, 'orphan.jpg'), 'x');
    await writeFile(path.join(beside, 'half.jpg.abc.part'), 'x');
    await openTestBuffer(folder, { agentId: buffer.agentId });
    expect(await readdir(beside)).toEqual([path.basename(kept.path)]);
  });

  it('reports frames whose picture has gone', async () => {
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder);
    const { path: file, frameId } = await keep(buffer);
    const other = await keep(buffer);
    buffer.close();
    await rm(file);
    const again = await openTestBuffer(folder, { agentId: buffer.agentId });
    expect(JSON.parse(all(again).at(-1)?.body ?? '')).toEqual({ frameIds: [frameId], reason: 'picture-unreadable' });
    expect(all(again).map((event) => event.seq)).toEqual([1, 2, 3]);
    expect(again.backlog().frames).toBe(1);
    expect(existsSync(other.path)).toBe(true);
  });

  it('finishes forgetting what a crash interrupted', async () => {
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder);
    const { frameId } = await keep(buffer);
    buffer.receive({ ...nothing, recordedUpTo: 1, forget: [frameId] });
    buffer.close();
    const again = await openTestBuffer(folder, { agentId: buffer.agentId });
    expect(await framesOnDisk(folder)).toEqual([]);
    expect(again.event(1)).toBeNull();
  });

  it('puts the pictures of an earlier buffer aside instead of sweeping them', async () => {
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder);
    await keep(buffer);
    buffer.close();
    for (const name of await readdir(path.join(folder, 'data')))
      if (name.startsWith('buffer.sqlite')) await rm(path.join(folder, 'data', name));
    await openTestBuffer(folder, { agentId: buffer.agentId });
    const aside = (await readdir(path.join(folder, 'data'))).filter((name) => name.startsWith('frames-left-behind-'));
    expect(aside).toHaveLength(1);
    expect(await framesOnDisk(folder)).toEqual([]);
  });

  it('is refused to a second agent in the same directory, until the first has gone', async () => {
    const folder = await openFolder();
    const first = await openTestBuffer(folder);
    await expect(openTestBuffer(folder, { agentId: first.agentId })).rejects.toMatchObject({ code: 'buffer.in-use' });
    first.close();
    await openTestBuffer(folder, { agentId: first.agentId });
  });

  it('is refused to another identity', async () => {
    const folder = await openFolder();
    (await openTestBuffer(folder)).close();
    await expect(openTestBuffer(folder, { agentId: newAgentId() })).rejects.toMatchObject({
      code: 'buffer.other-agent',
    });
  });

  it.each([
    [
      'buffer.damaged',
      async (file: string) => writeFile(file, 'this is not a database, though it is long enough to be read as one'),
    ],
    [
      'buffer.too-new',
      async (file: string) => {
        const db = new Database(file);
        db.pragma('user_version = 9999');
        db.close();
      },
    ],
  ])('says %s, with what to do', async (code, spoil) => {
    const folder = await openFolder();
    (await openTestBuffer(folder)).close();
    await rm(path.join(folder, 'data', 'buffer.sqlite'));
    await spoil(path.join(folder, 'data', 'buffer.sqlite'));
    await expect(openTestBuffer(folder)).rejects.toMatchObject({ code, hint: expect.stringMatching(/\w{3}/) });
  });

  it('says buffer.locked while another program holds the database', async () => {
    const folder = await openFolder();
    const buffer = await openTestBuffer(folder);
    buffer.close();
    const other = new Database(path.join(folder, 'data', 'buffer.sqlite'));
    other.exec('BEGIN EXCLUSIVE');
    await expect(openTestBuffer(folder, { agentId: buffer.agentId })).rejects.toMatchObject({ code: 'buffer.locked' });
    other.close();
  });

  it('says buffer.not-writable where a file stands in the way', async () => {
    const folder = await openFolder();
    await writeFile(path.join(folder, 'data'), 'a file');
    await expect(openTestBuffer(folder)).rejects.toMatchObject({ code: 'buffer.not-writable' });
  });

  it('knows no cursor of a timelapse that never began', async () => {
    const buffer = await openTestBuffer(await openFolder());
    expect(buffer.cursor(newTimelapseId())).toBeNull();
  });
});
