/** The frames of a timelapse as one zip, made while it is sent: its size does not matter to the memory. */
import path from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { FrameId, FrameQuery, FrameView, TimelapseView } from '@slowlight/protocol';
import { makeZip } from 'client-zip';
import type { FramePicture } from '../frame.ts';
import type { Page } from '../ports.ts';

export interface FrameZipDeps {
  frames(query: FrameQuery): Promise<Page<FrameView>>;
  framePicture(id: FrameId): Promise<FramePicture | null>;
  /** null: it is not in the store. */
  read(key: string): Promise<AsyncIterable<Uint8Array> | null>;
}

const PORTION = 200;

/** Pictures in the order of their slots, `frames.jsonl` with what each is, and `timelapse.json`. */
export function zipFrames(
  deps: FrameZipDeps,
  timelapse: TimelapseView,
  asked: Pick<FrameQuery, 'from' | 'to' | 'flagged'>,
): Readable {
  const leftOut = new Set<string>();

  async function* stored(): AsyncGenerator<{ frame: FrameView; key: string; name: string }, void> {
    let number = 0;
    let after: string | undefined;
    do {
      const page = await deps.frames({ ...asked, timelapseId: timelapse.id, order: 'oldest', limit: PORTION, after });
      for (const frame of page.items) {
        const picture = frame.picture === 'stored' ? await deps.framePicture(frame.id) : null;
        if (picture === null) continue;
        number += 1;
        yield { frame, key: picture.key, name: nameOf(frame, number) + path.posix.extname(picture.key) };
      }
      after = page.next ?? undefined;
    } while (after !== undefined);
  }

  async function* lines(): AsyncGenerator<Uint8Array, void> {
    for await (const { frame, name } of stored()) {
      if (leftOut.has(frame.id)) continue;
      const { id, dueAt, takenAt, widthPx, heightPx, sizeBytes, sha256, score, faults, flagged } = frame;
      const line = { name, id, dueAt, takenAt, widthPx, heightPx, sizeBytes, sha256, score, faults, flagged };
      yield Buffer.from(`${JSON.stringify(line)}\n`);
    }
  }

  async function* entries() {
    for await (const { frame, key, name } of stored()) {
      const input = await deps.read(key);
      if (input === null) leftOut.add(frame.id);
      else yield { name, input, lastModified: new Date(frame.takenAt) };
    }
    yield { name: 'frames.jsonl', input: lines() };
    const { id, name, cameraId, schedule } = timelapse;
    const about = { id, name, cameraId, schedule, asked, notInTheStore: [...leftOut] };
    yield { name: 'timelapse.json', input: `${JSON.stringify(about, null, 2)}\n` };
  }

  return Readable.fromWeb(makeZip(entries()) as ReadableStream<Uint8Array>);
}

/** Sorted by name is sorted by time; no letter in it that some system refuses. */
function nameOf({ id, dueAt, takenAt }: FrameView, number: number): string {
  const at = new Date(dueAt ?? takenAt).toISOString().replace(/[:.]/g, '-');
  return `frames/${String(number).padStart(7, '0')}_${at}_${id}`;
}
