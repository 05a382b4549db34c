import type { Picture } from '@slowlight/agent/src/frame.ts';
import { judgeInTurn } from '@slowlight/agent/src/judge-in-turn.ts';
import type { Verdict } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { momentAt } from '../rig/agent-parts.ts';

const verdict = (score: number): Verdict => ({ score, faults: [], measures: {}, judge: 'fast-1' });
const shaped = { bytes: Buffer.from('jpeg'), type: 'image/jpeg', widthPx: 1, heightPx: 1 } as const;
const pictureOf = (widthPx: number): Picture => ({ pixels: Buffer.alloc(3), widthPx, heightPx: 1, taken: momentAt(0) });

describe('judging in turn', () => {
  it('lets the event loop turn between two pictures that are ready together', async () => {
    const order: string[] = [];
    const judge = judgeInTurn(async ({ widthPx }) => {
      order.push(`judged ${widthPx}`);
      setImmediate(() => order.push(`something else after ${widthPx}`));
      return verdict(widthPx);
    });
    const verdicts = await Promise.all([1, 2, 3].map((number) => judge(pictureOf(number), shaped)));
    expect(verdicts.map(({ score }) => score)).toEqual([1, 2, 3]);
    expect(order).toEqual(['judged 1', 'something else after 1', 'judged 2', 'something else after 2', 'judged 3']);
  });

  it('one that fails keeps nobody from being judged', async () => {
    const judge = judgeInTurn(async ({ widthPx }) => {
      if (widthPx === 1) throw new Error('broken');
      return verdict(100);
    });
    const [first, second] = await Promise.allSettled([judge(pictureOf(1), shaped), judge(pictureOf(2), shaped)]);
    expect(first.status).toBe('rejected');
    expect(second.status).toBe('fulfilled');
  });
});
