import type { CaptureResult, NewFrame, Picture, Readiness } from '@slowlight/agent/src/frame.ts';
import { type Asked, type TakePictureDeps, takePicture } from '@slowlight/agent/src/take-picture.ts';
import { newAgentId, newCameraId, newTimelapseId, type SlotSettledBody, type Verdict } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';
import { createHeardLog, makeSettings, momentAt } from '../rig/agent-parts.ts';
import { createHandClock } from '../rig/hand-clock.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const ids = { agentId: newAgentId(), cameraId: newCameraId(), timelapseId: newTimelapseId() };
const slot = { timelapseId: ids.timelapseId, dueAt: NOON };
const picture: Picture = { pixels: Buffer.alloc(3), widthPx: 1, heightPx: 1, taken: momentAt(NOON - 40) };
const shot: CaptureResult = { kind: 'picture', picture, tries: 1 };
const score = (value: number): Verdict => ({
  score: value,
  faults: value < 70 ? ['black'] : [],
  measures: {},
  judge: 'fast-1',
});

interface Scene {
  captures?: (CaptureResult | Error)[];
  scores?: number[];
  readiness?: Readiness | Error;
  badFrames?: 'flag' | 'discard';
  stored?: 'already-settled' | 'card-full';
  shapeFails?: boolean;
  captureMs?: number;
}

async function take(scene: Scene, asked: Asked = { kind: 'slot', slot }) {
  const clock = createHandClock(NOON);
  const log = createHeardLog();
  const captures = [...(scene.captures ?? [shot, shot])];
  const scores = [...(scene.scores ?? [100])];
  const settled: SlotSettledBody[] = [];
  const kept: NewFrame[] = [];
  const noted: string[] = [];
  const deps: TakePictureDeps = {
    clock,
    log,
    async checkReady() {
      if (scene.readiness instanceof Error) throw scene.readiness;
      return scene.readiness ?? { kind: 'ready' };
    },
    cameraOf: () => makeSettings({ ...ids, badFrames: scene.badFrames ?? 'flag' }).cameras[0] ?? null,
    capture: {
      async take() {
        await clock.advance(scene.captureMs ?? 0);
        const next = captures.shift();
        if (next === undefined || next instanceof Error) throw next ?? new Error('asked too often');
        return next;
      },
    },
    async shape() {
      if (scene.shapeFails === true)
        throw new Failure({
          code: 'shape.cannot-apply',
          message: 'the crop lies outside',
          hint: 'Move it.',
          retry: 'never',
        });
      return { bytes: Buffer.from('jpeg'), type: 'image/jpeg', widthPx: 1, heightPx: 1 };
    },
    judge: async () => score(scores.shift() ?? 100),
    noteCamera: (_, { kind }) => noted.push(kind),
    async store(frame) {
      if (scene.stored !== undefined) return { kind: scene.stored };
      kept.push(frame);
      return {
        kind: 'kept',
        frame: { frameId: 'frm-0123456789abcdef-1' as never, path: '', sizeBytes: 4, sha256: '', type: 'image/jpeg' },
      };
    },
    settle(body) {
      settled.push(body);
      return true;
    },
  };
  const request = { asked, deadlineAt: NOON + 1000 };
  const taken = await takePicture(deps, request, new AbortController().signal);
  return { taken, settled, kept, noted, log, capturesLeft: captures.length };
}

describe('taking a picture', () => {
  it('keeps a good one with how old it was at its slot', async () => {
    const { taken, kept, settled, capturesLeft } = await take({});
    expect(taken).toMatchObject({ kind: 'kept', flagged: false });
    expect(kept).toMatchObject([{ slot, flagged: false, ageAtSlotMs: 40 }]);
    expect(settled).toEqual([]);
    expect(capturesLeft).toBe(1);
  });

  it('tries once more when it is bad, and keeps the better one', async () => {
    const { kept, capturesLeft } = await take({ scores: [20, 90] });
    expect(kept).toMatchObject([{ flagged: false, verdict: { score: 90 } }]);
    expect(capturesLeft).toBe(0);
    expect((await take({ scores: [40, 20] })).kept).toMatchObject([{ flagged: true, verdict: { score: 40 } }]);
  });

  it('keeps the first when the second try fails', async () => {
    const failed = { kind: 'failed', code: 'timed-out', hint: 'silent', tries: 1 } as const;
    const { kept, noted } = await take({ scores: [40], captures: [shot, failed] });
    expect(kept).toMatchObject([{ flagged: true, verdict: { score: 40 } }]);
    expect(noted).toEqual(['picture', 'failed']);
  });

  it('does not try again when the slot has no time left', async () => {
    const { kept, capturesLeft } = await take({ scores: [40], captureMs: 1000 });
    expect(kept).toMatchObject([{ flagged: true }]);
    expect(capturesLeft).toBe(1);
  });

  it('discards what is bad twice where the user wants that, but never what was asked for by hand', async () => {
    const { taken, settled, kept } = await take({ scores: [40, 40], badFrames: 'discard' });
    expect(taken.kind).toBe('discarded');
    expect(settled).toMatchObject([{ outcome: 'discarded', slot }]);
    expect(kept).toEqual([]);
    const byHand = await take(
      { scores: [40, 40], badFrames: 'discard' },
      { kind: 'by-hand', cameraId: ids.cameraId, commandId: null },
    );
    expect(byHand.kept).toMatchObject([{ slot: null, flagged: true, ageAtSlotMs: null }]);
    expect(byHand.settled).toEqual([]);
  });

  it('settles a slot that is not ready with the reason, and asks no camera', async () => {
    const readiness: Readiness = { kind: 'not-ready', reason: 'too-hot', detail: 'at 90 °C', nextDueAt: null };
    const { settled, capturesLeft } = await take({ readiness });
    expect(settled).toEqual([{ outcome: 'skipped', slot, reason: 'too-hot', detail: 'at 90 °C' }]);
    expect(capturesLeft).toBe(2);
  });

  it('takes the picture when the check itself breaks, and reports that', async () => {
    const { kept, log } = await take({ readiness: new Error('statfs failed') });
    expect(kept).toHaveLength(1);
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error', fields: { code: 'check-failed' } }));
  });

  it('settles a slot whose camera fails with its code', async () => {
    const hint = 'Look whether the camera has power.';
    const { settled } = await take({ captures: [{ kind: 'failed', code: 'unreachable', hint, tries: 3 }] });
    expect(settled).toEqual([{ outcome: 'failed', slot, code: 'unreachable', hint, tries: 3 }]);
  });

  it('shows a shape that cannot be applied instead of skipping it', async () => {
    const { settled, noted } = await take({ shapeFails: true });
    expect(settled).toMatchObject([
      { outcome: 'failed', code: 'unsupported', hint: 'the crop lies outside. Move it.' },
    ]);
    expect(noted).toEqual(['picture']);
  });

  it('settles a slot as skipped when the card has no room for its picture', async () => {
    const { settled } = await take({ stored: 'card-full' });
    expect(settled).toMatchObject([{ outcome: 'skipped', reason: 'card-full' }]);
  });

  it('changes nothing of a slot that has its outcome', async () => {
    const { taken, settled } = await take({ stored: 'already-settled' });
    expect(taken).toEqual({ kind: 'already-settled' });
    expect(settled).toEqual([]);
  });

  it('settles nothing when it is stopped in the middle', async () => {
    await expect(take({ captures: [new DOMException('stop', 'AbortError')] })).rejects.toThrow('stop');
  });

  it.each<[string, Scene]>([
    ['a good one', {}],
    ['the worse of two', { scores: [20, 90] }],
    ['the second, where the first was better', { scores: [40, 20] }],
    ['one that cannot be shaped', { shapeFails: true }],
    ['one that is discarded', { scores: [20, 20], badFrames: 'discard' }],
    ['one that finds no room', { stored: 'card-full' }],
  ])('lets go of every picture once: %s', async (_, scene) => {
    const gone: number[] = [];
    const captures = [1, 2].map(
      (number): CaptureResult => ({ ...shot, picture: { ...picture, letGo: () => gone.push(number) } }),
    );
    const { capturesLeft } = await take({ ...scene, captures });
    expect(gone.sort()).toEqual(capturesLeft === 1 ? [1] : [1, 2]);
  });
});
