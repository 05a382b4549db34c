import { createMakeRoom, freeWithinQuota } from '@slowlight/agent/src/make-room.ts';
import { describe, expect, it } from 'vitest';
import { createHeardLog } from '../rig/agent-parts.ts';

/** A card of `freeBytes` on which each frame takes 10 bytes. */
function openCard({ freeBytes, leaving, backlog }: { freeBytes: number; leaving: number; backlog: number }) {
  const card = { free: freeBytes, leaving, backlog, evicted: 0, told: 0 };
  const log = createHeardLog();
  const makeRoom = createMakeRoom({
    log,
    buffer: {
      heldBytes: () => (card.leaving + card.backlog) * 10,
      thinBacklog(bytes) {
        const gone = Math.min(Math.ceil(bytes / 10), card.backlog);
        card.backlog -= gone;
        card.leaving += gone;
        card.evicted += gone;
        return Array.from({ length: gone }, (_, index) => `${index}`);
      },
      async clean() {
        const cleaned = Math.min(card.leaving, 2);
        card.leaving -= cleaned;
        card.free += cleaned * 10;
        return cleaned;
      },
    },
    disk: async () => ({ diskFreeBytes: card.free, floorBytes: 100 }),
    lookAgain() {},
    onEvicted: () => (card.told += 1),
  });
  return { card, makeRoom, log };
}

describe('room on the card', () => {
  it('is made of forgotten frames first: nothing is given up while they are enough', async () => {
    const { card, makeRoom, log } = openCard({ freeBytes: 70, leaving: 5, backlog: 50 });
    expect(await makeRoom()).toBe(5);
    expect(card).toMatchObject({ free: 120, evicted: 0, told: 0 });
    expect(log.lines).toEqual([]);
  });

  it('is made of as much of the backlog as is missing then, and that is told', async () => {
    const { card, makeRoom, log } = openCard({ freeBytes: 50, leaving: 2, backlog: 50 });
    expect(await makeRoom()).toBe(5);
    expect(card).toMatchObject({ free: 100, evicted: 3, told: 1 });
    expect(log.lines).toHaveLength(1);
  });

  it('is made once for cameras that are due together', async () => {
    const { card, makeRoom } = openCard({ freeBytes: 50, leaving: 0, backlog: 50 });
    const made = await Promise.all([makeRoom(), makeRoom(), makeRoom()]);
    expect(card.evicted).toBe(5);
    expect(made.every((many) => many > 0)).toBe(true);
  });

  it('says so when nothing can be spared', async () => {
    expect(await openCard({ freeBytes: 50, leaving: 0, backlog: 0 }).makeRoom()).toBe(0);
  });

  it('ends where the quota ends, though the disk has more', () => {
    const disk = { diskFreeBytes: 1000, floorBytes: 100 };
    expect(freeWithinQuota(disk, { heldBytes: 500, mostBytes: null })).toBe(1000);
    expect(freeWithinQuota(disk, { heldBytes: 500, mostBytes: 600 })).toBe(200);
    expect(freeWithinQuota(disk, { heldBytes: 650, mostBytes: 600 })).toBe(50);
  });
});
