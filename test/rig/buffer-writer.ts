/**
 * A process that commits frames one after the other and lets the first go, and says what it does between two of its own
 * system calls, so that whoever watches these can tell them apart. Made to be run under strace.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openBuffer } from '@slowlight/agent/src/buffer/open-buffer.ts';
import type { NewFrame } from '@slowlight/agent/src/frame.ts';
import {
  agentId,
  type FrameId,
  newCameraId,
  newSpanId,
  newTimelapseId,
  type Slot,
  schedule,
} from '@slowlight/protocol';
import { systemClock, toFailure } from '@slowlight/protocol/kit';

const [folder = '', id = '', frames = '1', release = ''] = process.argv.slice(2);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
/** Said again where the watcher made this very call fail: the marks are not what is tried. */
const say = (line: string) => {
  try {
    writeSync(1, `mark ${line}\n`);
  } catch {
    writeSync(1, `mark ${line}\n`);
  }
};

const buffer = await openBuffer(
  { clock: systemClock, log: quiet },
  { folder, agentId: agentId.parse(id), quarantineAfter: 3 },
);
const everySecond = schedule.parse({ rhythm: { kind: 'interval', everyMs: 1000 }, timeZone: 'UTC' });
const timelapseId = buffer.spans()[0]?.timelapseId ?? newTimelapseId();
if (buffer.spans().length === 0) {
  const open = { id: newSpanId(), timelapseId, schedule: everySecond, from: 0, until: null, firstAtOnce: false };
  buffer.applySpans({ settingsVersion: 1, at: 0, closed: [], opened: [open] });
}
const camera = newCameraId();
const frameOf = (slot: Slot): NewFrame => ({
  camera,
  slot,
  flagged: false,
  shaped: { bytes: randomBytes(30_000), type: 'image/jpeg', widthPx: 64, heightPx: 48 },
  taken: { wall: slot.dueAt, bootId: 'boot-of-the-test' as never, monotonicMs: 0, clock: 'synchronised' },
  sourceWidthPx: 64,
  sourceHeightPx: 48,
  ageAtSlotMs: 0,
  verdict: { score: 100, faults: [], measures: {}, judge: 'fast-1' },
});

const kept: FrameId[] = [];
for (let number = 0; number < Number(frames); number += 1) {
  const dueAt = (buffer.cursor(timelapseId) ?? 0) + 1000;
  say(`begin ${dueAt}`);
  try {
    const result = await buffer.commitFrame(frameOf({ timelapseId, dueAt }));
    if (result.kind === 'kept') kept.push(result.frame.frameId);
    say(
      `end ${dueAt} ${result.kind} ${result.kind === 'kept' ? `${result.frame.frameId} ${result.frame.sha256}` : ''}`,
    );
  } catch (thrown) {
    say(`end ${dueAt} ${toFailure(thrown).code}`);
  }
}
const [first] = kept;
if (release !== '' && first !== undefined) {
  const nothing = { recordedUpTo: buffer.lastSeq(), recordedAlso: [], refused: [], serverTime: 0 };
  buffer.receive({ ...nothing, forget: [] });
  buffer.markUploaded([first]);
  say('forget');
  buffer.receive({ ...nothing, forget: [first] });
  say('leaving');
  await buffer.clean();
  say('gone');
}
buffer.close();
