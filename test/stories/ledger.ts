/** Counts what a whole run left behind, straight from the files of both programs, by other code than theirs. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type FrameId, frameKey, type PictureType, type Schedule, type Span, slotsBetween } from '@slowlight/protocol';
import Database from 'better-sqlite3';

export interface Ledger {
  planned: number;
  captured: number;
  missed: number;
  frames: number;
  /** Each one is a broken promise, in words. */
  faults: string[];
}

interface SpanRow {
  id: Span['id'];
  timelapse_id: Span['timelapseId'];
  schedule: string;
  from_at: number;
  until_at: number | null;
  first_at_once: number;
}
interface FrameRow {
  id: FrameId;
  type: PictureType;
  sha256: string;
  size_bytes: number;
  picture: string;
  timelapse_id: string | null;
  due_at: number | null;
}

/** Both programs must have stopped. @param dataDir the folder that both keep their own in */
export function readLedger(dataDir: string): Ledger {
  const buffer = path.join(dataDir, 'agent');
  const objects = path.join(dataDir, 'control-plane', 'objects');
  const recordsFile = path.join(dataDir, 'control-plane', 'records.sqlite');
  const records = new Database(recordsFile, { readonly: true });
  const edge = new Database(path.join(buffer, 'buffer.sqlite'), { readonly: true });
  try {
    const faults: string[] = [];
    const frames = records.prepare('select * from frames').all() as FrameRow[];
    const slots = readSlots(records, faults);
    compareWithPlan(records, slots, faults);
    comparePictures(frames, slots, objects, faults);
    compareEvents(records, edge, faults);
    comparePicturesAtEdge(buffer, edge, faults);
    const count = (outcome: string) => [...slots.values()].filter((slot) => slot.outcome === outcome).length;
    return {
      planned: slots.size,
      captured: count('captured') + count('flagged'),
      missed: count('missed'),
      frames: frames.length,
      faults,
    };
  } finally {
    records.close();
    edge.close();
  }
}

interface SlotFound {
  outcome: string;
  frame: string | null;
}

/** Every settled slot, ranges taken apart; a slot with two outcomes is a fault. */
function readSlots(records: Database.Database, faults: string[]): Map<string, SlotFound> {
  const slots = new Map<string, SlotFound>();
  const settle = (timelapse: string, dueAt: number, found: SlotFound) => {
    const key = `${timelapse} ${dueAt}`;
    if (slots.has(key)) faults.push(`slot ${key} has two outcomes: ${slots.get(key)?.outcome} and ${found.outcome}`);
    slots.set(key, found);
  };
  const settled = records.prepare('select timelapse_id, due_at, outcome, frame_id from slots').all();
  for (const row of settled as { timelapse_id: string; due_at: number; outcome: string; frame_id: string | null }[])
    settle(row.timelapse_id, row.due_at, { outcome: row.outcome, frame: row.frame_id });
  const ranges = records.prepare('select * from missed_ranges').all();
  const spans = readSpans(records);
  for (const range of ranges as { timelapse_id: string; first_due_at: number; last_due_at: number; count: number }[]) {
    const within = spans
      .filter((span) => span.timelapseId === range.timelapse_id)
      .flatMap((span) => slotsBetween(span, range.first_due_at, range.last_due_at + 1));
    if (within.length !== range.count)
      faults.push(`a range of ${range.count} missed slots holds ${within.length} planned ones`);
    for (const dueAt of within) settle(range.timelapse_id, dueAt, { outcome: 'missed', frame: null });
  }
  return slots;
}

function readSpans(records: Database.Database): Span[] {
  const rows = records.prepare('select * from spans').all() as SpanRow[];
  return rows.map((row) => ({
    id: row.id,
    timelapseId: row.timelapse_id,
    schedule: JSON.parse(row.schedule) as Schedule,
    from: row.from_at,
    until: row.until_at,
    firstAtOnce: row.first_at_once === 1,
  }));
}

function compareWithPlan(records: Database.Database, slots: Map<string, SlotFound>, faults: string[]): void {
  const planned = new Set<string>();
  for (const span of readSpans(records)) {
    if (span.until === null) faults.push(`span ${span.id} was never closed`);
    for (const dueAt of slotsBetween(span, 0, span.until ?? 0)) {
      const key = `${span.timelapseId} ${dueAt}`;
      if (planned.has(key)) faults.push(`slot ${key} is planned by two spans`);
      planned.add(key);
      if (!slots.has(key)) faults.push(`planned slot ${key} has no outcome`);
    }
  }
  for (const key of slots.keys())
    if (!planned.has(key)) faults.push(`slot ${key} has an outcome and was never planned`);
}

function comparePictures(frames: FrameRow[], slots: Map<string, SlotFound>, objects: string, faults: string[]): void {
  const ofSlots = new Set([...slots.values()].flatMap(({ frame }) => (frame === null ? [] : [frame])));
  for (const frame of frames) {
    if (frame.timelapse_id !== null && !ofSlots.has(frame.id))
      faults.push(`frame ${frame.id} belongs to a slot that does not know it`);
    if (frame.picture !== 'stored') faults.push(`frame ${frame.id} is ${frame.picture} and not stored`);
    const file = path.join(objects, frameKey(frame.id, frame.type));
    if (!existsSync(file)) {
      faults.push(`the picture of ${frame.id} is not in the store`);
      continue;
    }
    const bytes = readFileSync(file);
    if (bytes.length !== frame.size_bytes || createHash('sha256').update(bytes).digest('hex') !== frame.sha256)
      faults.push(`the picture of ${frame.id} is not the one that was announced`);
  }
  const known = new Set(frames.map(({ id }) => id as string));
  for (const frame of ofSlots) if (!known.has(frame)) faults.push(`a slot names frame ${frame}, which is not recorded`);
  const folder = path.join(objects, 'frames');
  const stored = existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    : [];
  for (const { name } of stored)
    if (!known.has(name.replace(/\.[a-z]+$/, ''))) faults.push(`${name} lies in the store and nobody knows it`);
}

/** Every number that the agent ever gave is recorded once. */
function compareEvents(records: Database.Database, edge: Database.Database, faults: string[]): void {
  const inbox = records.prepare('select seq from inbox order by seq').all() as { seq: number }[];
  inbox.forEach(({ seq }, index) => {
    if (seq !== index + 1) faults.push(`event ${index + 1} is not recorded (found ${seq} in its place)`);
  });
  const refused = records.prepare('select code, reason from faults').all() as { code: string; reason: string }[];
  for (const { code, reason } of refused) faults.push(`a fault was kept: ${code}: ${reason}`);
  const waiting = edge.prepare('select count(*) as n from outbox').get() as { n: number };
  if (waiting.n > 0) faults.push(`${waiting.n} events are still in the agent’s outbox`);
}

function comparePicturesAtEdge(buffer: string, edge: Database.Database, faults: string[]): void {
  const kept = edge.prepare('select count(*) as n from frames').get() as { n: number };
  if (kept.n > 0) faults.push(`${kept.n} frames are still in the agent’s buffer`);
  const folder = path.join(buffer, 'frames');
  const files = existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    : [];
  for (const { name } of files) faults.push(`${name} lies in the buffer and no row claims it`);
}
