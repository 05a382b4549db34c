/**
 * Every fault alone and in random mixtures, with a real buffer and the real delivery on a real file system, time by hand and
 * a control plane in memory (`rig/faulty-cloud.ts`). `FAULT_RUNS` says how many mixtures, `FAULT_SEED` which are the first.
 */
import { cpSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { openBuffer } from '@slowlight/agent/src/buffer/open-buffer.ts';
import type { AgentConfig } from '@slowlight/agent/src/config.ts';
import { wireDelivering } from '@slowlight/agent/src/wire-delivering.ts';
import { type AgentId, type FrameId, newAgentId, newCameraId, type TimelapseId } from '@slowlight/protocol';
import { Failure, noPulse } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished, type TestContext, vi } from 'vitest';
import { beginTimelapse, createHeardLog, makeFrame, momentAt } from '../rig/agent-parts.ts';
import {
  type AgentEnd,
  type Chances,
  createFaultyCloud,
  type FaultyCloud,
  noFaults,
  UPLOAD_FAULTS,
  type UploadFault,
} from '../rig/faulty-cloud.ts';
import { openFolder } from '../rig/folder.ts';
import { createHandClock, type HandClock } from '../rig/hand-clock.ts';
import { seeded } from '../rig/seeded.ts';
import { openSmallDisk, type SmallDisk } from '../rig/small-disk.ts';

const RUNS = Number(process.env.FAULT_RUNS ?? 30);
const FIRST_SEED = Number(process.env.FAULT_SEED ?? 1);
const STEPS = 25;
const EVERY_MS = 10_000;
const FRAME_BYTES = 5000;
/** More than what is never thinned. */
const LONG_BACKLOG = 130;
const config = { uploadsAtOnce: 3, quarantineAfter: 3 } as AgentConfig;

/** What can happen to the agent itself, each from 0 (never) to 1 a slot. */
interface Perils {
  camera?: number;
  crash?: number;
  clock?: number;
  fullDisk?: number;
}
interface House {
  agentId: AgentId;
  folder: string;
  disk: SmallDisk;
  clock: HandClock;
  random: () => number;
  cloud: FaultyCloud;
}
interface Books {
  committed: FrameId[];
  planned: number[];
  met: Record<string, number>;
}

async function start({ agentId, folder, clock, cloud }: House) {
  const log = createHeardLog();
  const buffer = await openBuffer({ clock, log }, { folder, agentId, quarantineAfter: config.quarantineAfter });
  const end: AgentEnd = {
    onReceipt: (receipt) => delivery.onReceipt(receipt),
    onGrants: (message) => delivery.onGrants(message),
    onListening: (listening) => delivery.onListening(listening),
    onCut: () => delivery.onCut(),
  };
  const delivery = wireDelivering({
    clock,
    log,
    config,
    buffer,
    publish: (event, onTaken) => cloud.publish(end, event, onTaken),
    upload: cloud.upload,
    settings: () => ({ timeZone: 'UTC' }),
    pulse: noPulse,
  });
  const stopping = new AbortController();
  const ended = delivery.run(stopping.signal);
  cloud.connect(end);
  const stop = async () => {
    cloud.disconnect();
    stopping.abort();
    await ended;
    buffer.close();
  };
  /** As SIGKILL: what is on the disk at this moment is all that stays, in the middle of whatever is being done. */
  const crash = async (work: Promise<unknown> = Promise.resolve()) => {
    const left = `${folder}-left`;
    cpSync(folder, left, { recursive: true, filter: (name) => !/-shm$|lock\.sqlite/.test(name) });
    await work.catch(() => {});
    await stop();
    rmSync(folder, { recursive: true });
    renameSync(left, folder);
  };
  return { buffer, delivery, log, stop, crash };
}
type Running = Awaited<ReturnType<typeof start>>;

/** One life of an agent with everything that can happen to it; then quiet, and the books are compared. */
async function live(house: House, chances: Chances, { camera = 0, crash = 0, clock: step = 0, fullDisk = 0 }: Perils) {
  const { clock, random, cloud, disk } = house;
  let running = await start(house);
  const timelapseId = beginTimelapse(running.buffer, clock.now() - 1);
  const cameraId = newCameraId();
  const books: Books = { committed: [], planned: [], met: cloud.met };
  const met = (what: string) => {
    books.met[what] = (books.met[what] ?? 0) + 1;
  };
  cloud.setChances(chances);
  // A long outage comes before, so that there is something to be thinned.
  const before = random() < fullDisk ? LONG_BACKLOG : 0;
  for (let number = 0; number < before; number += 1) {
    const kept = await running.buffer.commitFrame(makeFrame({ camera: cameraId, sizeBytes: 500 }));
    if (kept.kind === 'kept') books.committed.push(kept.frame.frameId);
  }
  let dueAt = running.buffer.cursor(timelapseId) ?? 0;

  for (let number = 0; number < STEPS; number += 1) {
    dueAt += EVERY_MS;
    books.planned.push(dueAt);
    const slot = { timelapseId, dueAt };
    const crashes = random() < crash;
    const full = !crashes && random() < fullDisk;
    if (full) await disk.fillUpTo(Math.round(random() * 9000));
    try {
      if (random() < camera) {
        met('camera');
        running.buffer.settle({ outcome: 'failed', slot, code: 'timed-out', hint: '', tries: 3 });
      } else {
        const frame = makeFrame({ camera: cameraId, slot, taken: momentAt(clock.now()), sizeBytes: FRAME_BYTES });
        const work = running.buffer.commitFrame(frame);
        if (crashes) {
          met('crash');
          await clock.advance(0);
          await running.crash(work);
          running = await start(house);
        } else {
          const kept = await work;
          if (kept.kind === 'kept') books.committed.push(kept.frame.frameId);
          if (kept.kind === 'card-full') met('full disk');
        }
      }
      running.delivery.wake();
      if (full) await clock.advance(random() * 4000);
      if (full && running.buffer.thinBacklog(3 * FRAME_BYTES).length > 0) met('eviction');
    } catch (cause) {
      if (!(full && cause instanceof Failure && cause.code === 'buffer.card-full')) throw cause;
      met('full disk');
    }
    if (full) await disk.free();
    if ((running.buffer.cursor(timelapseId) ?? 0) < dueAt)
      running.buffer.missed({ timelapseId, firstDueAt: dueAt, lastDueAt: dueAt, count: 1, reason: 'agent-down' });
    if (random() < step) {
      met('clock step');
      clock.setWall(clock.now() + Math.round((random() - 0.5) * 20 * 3_600_000));
    }
    running.delivery.wake();
    await clock.advance(random() * 8000);
  }
  cloud.setChances(noFaults);
  await settle(running, house);
  compare(running, house, { ...books, timelapseId });
  await running.stop();
  return books;
}

/** Nothing goes wrong any more: whatever was set aside is tried again, and all has to come to its end. */
async function settle({ buffer, delivery }: Running, { clock }: House): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) {
    await clock.advance(10_000);
    if (buffer.retryQuarantine('all') > 0) delivery.wake();
    if (buffer.backlog().frames > 0 || buffer.unrecorded(0, Number.MAX_SAFE_INTEGER, 1).length > 0) continue;
    if (buffer.heldBytes() === 0) return;
  }
}

/** What must always hold, counted by other code than the agent's. */
function compare({ buffer }: Running, { cloud, folder }: House, books: Books & { timelapseId: TimelapseId }): void {
  expect(cloud.faults).toEqual([]);
  expect(buffer.backlog()).toEqual({ frames: 0, bytes: 0, quarantined: 0 });
  const files = readdirSync(path.join(folder, 'frames'), { recursive: true }).map(String);
  expect(files.filter((name) => name.includes('.'))).toEqual([]);
  expect(buffer.heldBytes()).toBe(0);

  const events = [...cloud.recorded.values()].sort((a, b) => a.seq - b.seq);
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: buffer.lastSeq() }, (_, index) => index + 1));
  const settled = events.flatMap((event) => {
    if (event.type === 'slot.settled') return [event.body.slot.dueAt];
    return event.type === 'slots.missed' ? [event.body.firstDueAt] : [];
  });
  expect(settled).toEqual(books.planned);

  const evicted = events.flatMap((event) => (event.type === 'frames.evicted' ? event.body.frameIds : []));
  expect(new Set(evicted).size).toBe(evicted.length);
  for (const { frame, state } of cloud.frames.values())
    expect(state === 'stored' || (state === 'evicted' && evicted.includes(frame.frameId)), state).toBe(true);
  for (const frame of books.committed) expect(cloud.frames.has(frame)).toBe(true);
}

const only = (fault: UploadFault): Chances => ({ ...noFaults, upload: { [fault]: 0.5 } });
const alone: [string, Chances, Perils][] = [
  ['a camera that fails', noFaults, { camera: 0.5 }],
  ['crashes', noFaults, { crash: 0.4 }],
  ['steps of the clock', { ...noFaults, upload: { '500': 0.3 } }, { clock: 0.4 }],
  ['lost messages', { ...noFaults, lost: 0.4 }, {}],
  ['duplicates', { ...noFaults, duplicated: 0.6 }, {}],
  ['cut lines', { ...noFaults, cut: 0.15 }, {}],
  ['a full disk', noFaults, { fullDisk: 0.6 }],
  ...UPLOAD_FAULTS.map((fault): [string, Chances, Perils] => [`uploads that meet "${fault}"`, only(fault), {}]),
];

/** A house on a small disk of its own; `seed` decides what happens in it and when. */
async function openHouse(disk: SmallDisk, { folder, seed }: { folder: string; seed: number }): Promise<House> {
  const random = seeded(seed);
  vi.spyOn(Math, 'random').mockImplementation(random);
  const clock = createHandClock(Date.UTC(2026, 5, 1, 12), 3);
  const cloud = createFaultyCloud({ clock, random });
  return { agentId: newAgentId(), folder: path.join(folder, `run-${seed}`), clock, random, cloud, disk };
}

async function openCard(context: TestContext): Promise<{ folder: string; disk: SmallDisk }> {
  onTestFinished(() => void vi.restoreAllMocks());
  const folder = path.join(await openFolder(), 'card');
  return { folder, disk: await openSmallDisk(context, folder, 16_000_000) };
}

describe('delivery under faults loses nothing, tells every slot once and leaves nothing behind', () => {
  it.for(alone)('%s', async ([, chances, perils], context) => {
    const { folder, disk } = await openCard(context);
    const { met } = await live(await openHouse(disk, { folder, seed: FIRST_SEED }), chances, perils);
    expect(Object.values(met).reduce((sum, times) => sum + times, 0)).toBeGreaterThan(3);
  });

  it(`${RUNS} random mixtures of all of them`, { timeout: 30_000 + RUNS * 1000 }, async (context) => {
    const { folder, disk } = await openCard(context);
    const all: Record<string, number> = {};
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed += 1) {
      const house = await openHouse(disk, { folder, seed });
      const { random } = house;
      const some = (most: number) => (random() < 0.5 ? 0 : random() * most);
      const upload = Object.fromEntries(UPLOAD_FAULTS.map((fault) => [fault, some(0.15)]));
      const chances = { lost: some(0.3), duplicated: some(0.4), cut: some(0.05), upload };
      const perils = { camera: some(0.3), crash: some(0.15), clock: some(0.3), fullDisk: some(0.3) };
      try {
        const { met } = await live(house, chances, perils);
        for (const [what, times] of Object.entries(met)) all[what] = (all[what] ?? 0) + times;
      } catch (cause) {
        throw new Error(`with FAULT_SEED=${seed}`, { cause });
      }
      rmSync(house.folder, { recursive: true });
    }
    // A mixture that never met one of them would prove nothing about it.
    if (RUNS >= 30) expect(Object.keys(all)).toHaveLength(UPLOAD_FAULTS.length + 8);
  });
});
