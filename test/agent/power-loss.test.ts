/**
 * What stands on the card when the power goes: the order of the system calls of a commit, and what becomes of it when any of
 * them fails. Real calls of a real process, watched and made to fail by strace.
 */
import { createHash } from 'node:crypto';
import { cp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AgentId, newAgentId } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { makeFrame, openTestBuffer } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { type Injection, needStrace, type SystemCall, watchCalls } from '../rig/system-calls.ts';

const WRITER = path.resolve(import.meta.dirname, '../rig/buffer-writer.ts');
const AT_ONCE = 2;

interface Commit {
  dueAt: number;
  /** `kept`, another result, or the code of a failure; null: the process ended before. */
  result: string | null;
  sha256: string | null;
  calls: SystemCall[];
}

/** What the writer did between its own marks. */
function commitsIn(calls: readonly SystemCall[]): Commit[] {
  const commits: Commit[] = [];
  for (const call of calls) {
    const [, word, dueAt = '', result, , sha256 = null] =
      /mark (\w+)(?: (\d+))?(?: ([a-z.-]+))?(?: (\S+) (\w{64}))?/.exec(call.args) ?? [];
    const open = commits.at(-1);
    // The writer says it again.
    if (call.injected && word !== undefined) continue;
    if (word === 'begin') commits.push({ dueAt: Number(dueAt), result: null, sha256: null, calls: [] });
    else if (word === 'end' && open !== undefined) Object.assign(open, { result, sha256 });
    else if (open?.result === null) open.calls.push(call);
  }
  return commits;
}

const isPart = ({ args }: SystemCall) => /\.(jpg|webp)\.[0-9a-f]+\.part/.test(args);
const isWal = ({ args }: SystemCall) => args.includes('buffer.sqlite-wal');
const isFolder = ({ args }: SystemCall) => /data\/frames\/\d+[>"]/.test(args);

const touchesCard = (call: SystemCall) => isPart(call) || isFolder(call) || isWal(call);

/** The steps of a commit; each has to succeed after the one before. */
const STEPS: [string, (call: SystemCall) => boolean][] = [
  ['a new file is opened', (call) => call.name === 'openat' && isPart(call) && call.args.includes('O_EXCL')],
  ['the picture is written', (call) => call.name === 'write' && isPart(call)],
  ['the picture is synced', (call) => call.name === 'fsync' && isPart(call)],
  ['it gets its name', (call) => call.name === 'rename' && isPart(call)],
  ['the name is synced', (call) => call.name === 'fsync' && isFolder(call)],
  ['the row is written', (call) => call.name === 'pwrite64' && isWal(call)],
  ['the row is synced', (call) => ['fsync', 'fdatasync'].includes(call.name) && isWal(call)],
];

/** Every step in order, the last try of it after everything before, and nothing of the log unsynced at the end. */
function expectDurable({ calls }: Commit): void {
  let at = -1;
  for (const [step, is] of STEPS) {
    const next = calls.findIndex((call, index) => index > at && call.error === null && is(call));
    expect(next, step).toBeGreaterThan(at);
    at = next;
  }
  const lastWrite = calls.findLastIndex((call) => call.name === 'pwrite64' && isWal(call));
  const lastSync = calls.findLastIndex(
    (call) => /^f(data)?sync$/.test(call.name) && isWal(call) && call.error === null,
  );
  expect(lastSync, 'the log is synced after its last write').toBeGreaterThan(lastWrite);
  for (const call of calls)
    if (call.name === 'write')
      expect(call.args, 'nothing is written over a picture that has its name').not.toMatch(/\.jpg>/);
}

/** A buffer with one frame in it, made without being watched. */
async function openWritten(): Promise<{ folder: string; agentId: AgentId }> {
  const folder = await openFolder();
  const agentId = newAgentId();
  const { exitCode } = await watchCalls(WRITER, [path.join(folder, 'data'), agentId, '1'], { folder });
  expect(exitCode).toBe(0);
  return { folder, agentId };
}

describe('when the power goes', () => {
  it('a frame that was confirmed is there: written, synced, named, the name synced, then its row, synced', async (context) => {
    const { folder, agentId } = await openWrittenWith(context);
    const { calls } = await watchCalls(WRITER, [path.join(folder, 'data'), agentId, '3'], { folder });
    const commits = commitsIn(calls);
    expect(commits.map(({ result }) => result)).toEqual(['kept', 'kept', 'kept']);
    for (const commit of commits) expectDurable(commit);
  });

  it('a frame that is let go is marked first, then removed, the removal synced, and only then forgotten', async (context) => {
    const { folder, agentId } = await openWrittenWith(context);
    const { calls } = await watchCalls(WRITER, [path.join(folder, 'data'), agentId, '1', 'release'], { folder });
    const at = (what: string, is: (call: SystemCall) => boolean, after: number) => {
      const found = calls.findIndex((call, index) => index > after && is(call));
      expect(found, what).toBeGreaterThan(after);
      return found;
    };
    const forget = at('it begins', ({ args }) => args.includes('mark forget'), -1);
    const marked = at('the mark is synced', (call) => call.name === 'fsync' && isWal(call), forget);
    const gone = at('the file goes', ({ name, args }) => name === 'unlink' && args.includes('.jpg'), marked);
    const synced = at('that is synced', (call) => call.name === 'fsync' && isFolder(call), gone);
    const row = at('the row goes', (call) => call.name === 'pwrite64' && isWal(call), synced);
    at('and is synced', (call) => call.name === 'fsync' && isWal(call), row);
    expect(
      calls.filter(({ name, args }, index) => index < marked && name === 'unlink' && args.includes('.jpg')),
    ).toEqual([]);
  });

  it('and any call of a commit fails, nothing is confirmed that is not durable, and the next start finds all in order', {
    timeout: 180_000,
  }, async (context) => {
    const { folder, agentId } = await openWrittenWith(context);
    const from = await openFolder();
    await cp(path.join(folder, 'data'), path.join(from, 'data'), { recursive: true });
    const { calls } = await watchCalls(WRITER, [path.join(folder, 'data'), agentId, '2'], { folder });
    const [first] = commitsIn(calls);
    if (first === undefined) throw new Error('nothing was committed');
    const queue = injectionsFor(first.calls);
    expect(queue.length).toBeGreaterThan(15);
    const lane = async () => {
      for (let injection = queue.shift(); injection !== undefined; injection = queue.shift())
        await survives(injection, { from, agentId });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  });
});

async function openWrittenWith(context: Parameters<typeof needStrace>[0]) {
  await needStrace(context, await openFolder());
  return openWritten();
}

/** Each call that touches the card, with each error; of the many writes to the log, the first, one in the middle, the last. */
function injectionsFor(calls: readonly SystemCall[]): Injection[] {
  const log = calls.filter((call) => call.name === 'pwrite64' && isWal(call));
  const touching = [
    ...calls.filter((call) => call.name !== 'pwrite64' && touchesCard(call)),
    ...[log[0], log[Math.floor(log.length / 2)], log.at(-1)].filter((call) => call !== undefined),
  ];
  const named = new Map(touching.map((call) => [`${call.name} ${call.nth}`, call]));
  return [...named.values()].flatMap(({ name, nth }) =>
    (['EIO', 'ENOSPC'] as const).map((error) => ({ call: name, error, nth })),
  );
}

/** How often a failure is tried to be met on the card: threads also wake each other by `write`, not always as often. */
const TRIES = 6;

/** Runs the writer on a copy of what is in `from`, until the call that is made to fail is one that touches the card. */
async function runInto(injection: Injection, { from, agentId }: { from: string; agentId: AgentId }) {
  for (let left = TRIES; left > 0; left -= 1) {
    const folder = await openFolder();
    await cp(path.join(from, 'data'), path.join(folder, 'data'), { recursive: true });
    // The second commit is what the agent does next: it has to work on what the failure has left.
    const { calls } = await watchCalls(WRITER, [path.join(folder, 'data'), agentId, '3'], { folder, injection });
    if (calls.some((call) => call.injected && touchesCard(call))) return { folder, calls };
  }
  throw new Error(`${injection.call} ${injection.nth} ${injection.error} was not met in ${TRIES} runs`);
}

/** @param from a folder with a buffer, as `openWritten` makes it */
async function survives(injection: Injection, { from, agentId }: { from: string; agentId: AgentId }): Promise<void> {
  const what = `${injection.call} ${injection.nth} ${injection.error}`;
  const { folder, calls } = await runInto(injection, { from, agentId });
  const commits = commitsIn(calls);
  for (const commit of commits) if (commit.result === 'kept') expectDurable(commit);
  expect(commits[0]?.result, what).toMatch(/^(card-full|buffer\..+)$/);
  expect(commits.filter(({ result }) => result === 'kept').length, `${what}: the agent goes on`).toBeGreaterThan(0);

  const buffer = await openTestBuffer(folder, { agentId });
  const rows = [...buffer.claimed()];
  const files = await readdir(path.join(folder, 'data', 'frames'), { recursive: true });
  expect(files.filter((name) => name.includes('.')).sort(), what).toEqual(rows.map(({ file }) => file).sort());
  const events = buffer.unrecorded(0, Number.MAX_SAFE_INTEGER, 1000).filter(({ type }) => type === 'slot.settled');
  const slots = events.map(({ body }) => JSON.parse(body).slot.dueAt);
  expect(new Set(slots).size, what).toBe(slots.length);
  const announced = events.map(({ body }) => JSON.parse(body).frame);
  expect(rows.length, what).toBe(announced.length);
  for (const { frameId, file } of rows) {
    const bytes = await readFile(buffer.pathOf(file));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(announced.find((one) => one.frameId === frameId)?.sha256, what).toBe(sha256);
  }
  for (const { result, sha256 } of commits)
    if (result === 'kept')
      expect(
        announced.map((one) => one.sha256),
        what,
      ).toContain(sha256);
  expect((await buffer.commitFrame(makeFrame())).kind, what).toBe('kept');
  buffer.close();
}
