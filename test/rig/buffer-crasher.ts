/** A process that keeps committing, uploading and forgetting frames until somebody kills it. Says each frame that is confirmed. */

import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openBuffer } from '@slowlight/agent/src/buffer/open-buffer.ts';
import {
  agentId,
  type FrameId,
  newCameraId,
  newSpanId,
  newTimelapseId,
  type Span,
  schedule,
} from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';

const [folder = '', id = ''] = process.argv.slice(2);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const buffer = await openBuffer(
  { clock: systemClock, log: quiet },
  { folder, agentId: agentId.parse(id), quarantineAfter: 3 },
);
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

let span: Span | undefined = buffer.spans()[0];
if (span === undefined) {
  const everySecond = schedule.parse({ rhythm: { kind: 'interval', everyMs: 1000 }, timeZone: 'UTC' });
  span = {
    id: newSpanId(),
    timelapseId: newTimelapseId(),
    schedule: everySecond,
    from: 0,
    until: null,
    firstAtOnce: false,
  };
  buffer.applySpans({ settingsVersion: 1, at: 0, closed: [], opened: [span] });
}
const { timelapseId } = span;
const camera = newCameraId();
const kept: FrameId[] = [];
if (buffer.unrecorded(0, Number.MAX_SAFE_INTEGER, 100_000).some((event) => event.type === 'frames.evicted'))
  say({ kind: 'pictureless' });
say({ kind: 'begun' });

for (;;) {
  const dueAt = (buffer.cursor(timelapseId) ?? 0) + 1000;
  const result = await buffer.commitFrame({
    camera,
    slot: { timelapseId, dueAt },
    flagged: false,
    shaped: { bytes: randomBytes(20_000), type: 'image/jpeg', widthPx: 64, heightPx: 48 },
    taken: { wall: dueAt, bootId: 'boot-of-the-test' as never, monotonicMs: 0, clock: 'synchronised' },
    sourceWidthPx: 64,
    sourceHeightPx: 48,
    ageAtSlotMs: 0,
    verdict: { score: 100, faults: [], measures: {}, judge: 'fast-1' },
  });
  if (result.kind !== 'kept') throw new Error(result.kind);
  say({ kind: 'kept', frameId: result.frame.frameId, dueAt });
  kept.push(result.frame.frameId);
  if (kept.length % 5 === 0) {
    const [first] = kept.splice(0, 1);
    if (first === undefined) continue;
    const upTo = buffer.lastSeq();
    buffer.receive({ recordedUpTo: upTo, recordedAlso: [], forget: [], refused: [], serverTime: 0 });
    buffer.markUploaded([first]);
    say({ kind: 'forgetting', frameId: first });
    buffer.receive({ recordedUpTo: upTo, recordedAlso: [], forget: [first], refused: [], serverTime: 0 });
    await buffer.clean();
  }
}
