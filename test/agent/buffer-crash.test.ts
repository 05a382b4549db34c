import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { newAgentId } from '@slowlight/protocol';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';

const CRASHES = 12;

it('loses no confirmed frame and settles no slot twice, however often it is killed', async () => {
  const folder = await openFolder();
  const data = path.join(folder, 'data');
  const agentId = newAgentId();
  const confirmed = new Map<string, number>();
  const forgetting = new Set<string>();
  let begun = 0;
  let pictureless = 0;

  for (let crash = 0; crash < CRASHES; crash += 1) {
    const program = path.join(import.meta.dirname, '../rig/buffer-crasher.ts');
    const child = spawn(process.execPath, [program, data, agentId], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = new Promise((resolve) => child.once('close', resolve));
    const started = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const said = JSON.parse(line);
        if (said.kind === 'begun') {
          begun += 1;
          resolve();
        } else if (said.kind === 'pictureless') pictureless += 1;
        else if (said.kind === 'forgetting') forgetting.add(said.frameId);
        else {
          expect([...confirmed.values()]).not.toContain(said.dueAt);
          confirmed.set(said.frameId, said.dueAt);
        }
      });
    });
    await started;
    // A random moment is the point of this test; nothing is waited for.
    await wait(10 + Math.random() * 150);
    child.kill('SIGKILL');
    await ended;
  }
  expect(begun).toBe(CRASHES);
  // A row is written after its file is durable, so no start finds a row without one.
  expect(pictureless).toBe(0);
  expect(confirmed.size).toBeGreaterThan(CRASHES);
  expect(forgetting.size).toBeGreaterThan(0);

  const buffer = await openTestBuffer(folder, { agentId });
  const db = new Database(path.join(data, 'buffer.sqlite'), { readonly: true });
  onTestFinished(() => void db.close());
  const rows = db
    .prepare<[], { id: string; file: string; dueAt: number; seq: number }>(
      'SELECT frame_id AS id, file, due_at AS dueAt, seq FROM frames',
    )
    .all();
  const held = new Set(rows.map((row) => row.id));
  for (const id of confirmed.keys()) expect(held.has(id) || forgetting.has(id)).toBe(true);
  expect(new Set(rows.map((row) => row.dueAt)).size).toBe(rows.length);
  const files = (await readdir(path.join(data, 'frames'), { recursive: true })).filter((name) => name.includes('.'));
  expect(files.sort()).toEqual(rows.map((row) => row.file).sort());
  // No number is missing: what is not in the outbox is below what was recorded.
  const events = buffer.unrecorded(0, Number.MAX_SAFE_INTEGER, 100_000).map((event) => event.seq);
  const top = buffer.lastSeq();
  expect(events).toEqual(Array.from({ length: events.length }, (_, index) => top - events.length + 1 + index));
});
