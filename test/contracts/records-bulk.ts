import { newBulkId, type TimelapseId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { LEASE, openFilmScene } from './films-arrange.ts';
import type { OpenHouse } from './records.ts';

export function recordsBulk(openHouse: OpenHouse): void {
  test('work on many frames goes through all of them once, and goes on where a dead worker stopped', async (context) => {
    const scene = await openFilmScene(openHouse, context, 7);
    const { records, timelapse, site, ids, clock, lease } = scene;
    for (const scope of [{ timelapseId: timelapse.id }, { siteId: site.id }]) {
      const bulk = await records.createBulk({ what: 'thumbnails', which: 'all', ...scope });
      expect(bulk).toMatchObject({ state: 'running', total: 7, lookedAt: 0 });
      const first = await lease('bulk');
      expect(first.subject).toBe(bulk.id);
      const seen: string[] = [];
      const one = await records.bulkPortion(bulk.id, 3);
      // Its worker dies before it says anything: the same portion comes again.
      await clock.advance(LEASE);
      const again = await lease('bulk');
      expect(again).toMatchObject({ id: first.id, attempt: 2 });
      expect(await records.bulkPortion(bulk.id, 3)).toEqual(one);
      for (;;) {
        const portion = await records.bulkPortion(bulk.id, 3);
        if (portion === null || portion.frames.length === 0) break;
        seen.push(...portion.frames.map(({ frameId }) => frameId));
        const { length } = portion.frames;
        const said = { behind: portion.behind, lookedAt: length, made: length - 1, failed: 1, redraw: [] };
        expect(await records.bulkProgressed(bulk.id, said)).toBe(true);
      }
      expect(seen).toEqual(ids);
      await records.bulkDone(bulk.id);
      await records.bulkDone(bulk.id);
      expect(await records.bulk(bulk.id)).toMatchObject({ state: 'done', lookedAt: 7, made: 4, failed: 3 });
      expect(await records.bulkPortion(bulk.id, 3)).toBeNull();
      expect(await records.finish(again)).toBe(true);
    }
    const page = await records.bulks({ limit: 1 });
    const rest = await records.bulks({ limit: 9, after: page.next ?? undefined });
    expect([...page.items, ...rest.items].map(({ siteId }) => siteId)).toEqual([site.id, null]);
    const own = await records.bulks({ limit: 9, timelapseId: timelapse.id });
    expect(own.items.map(({ timelapseId }) => timelapseId)).toEqual([timelapse.id]);
    const told = (await records.feedAfter(0, 500)).filter(({ event }) => event.type === 'bulk.progressed');
    expect(told).toHaveLength(8);
    const nowhere = 'tlp-0000000000000000' as TimelapseId;
    await expect(records.createBulk({ what: 'thumbnails', which: 'all', timelapseId: nowhere })).rejects.toMatchObject({
      code: 'timelapse.not-found',
    });
    expect(await records.bulk(newBulkId())).toBeNull();
  });

  test('work that is cancelled stops its worker, and work that failed goes on when somebody asks', async (context) => {
    const { records, timelapse, lease } = await openFilmScene(openHouse, context, 4);
    const create = () => records.createBulk({ what: 'overlays', which: 'broken', timelapseId: timelapse.id });
    const { id } = await create();
    const job = await lease('bulk');
    expect(await records.cancelBulk(id)).toBe(true);
    expect(await records.cancelBulk(id)).toBe(false);
    expect(await records.heartbeat(job, LEASE)).toBe(false);
    expect(await records.bulkPortion(id, 9)).toBeNull();
    const late = { behind: 'null', lookedAt: 1, made: 1, failed: 0, redraw: [] };
    expect(await records.bulkProgressed(id, late)).toBe(false);
    expect(await records.bulk(id)).toMatchObject({ state: 'cancelled', lookedAt: 0 });
    const next = await create();
    const failing = await lease('bulk');
    const portion = await records.bulkPortion(next.id, 3);
    await records.bulkProgressed(next.id, { ...late, behind: portion?.behind ?? '', lookedAt: 3 });
    await records.fail(failing, { message: 'no store', retry: 'never' });
    expect(await records.bulk(next.id)).toMatchObject({ state: 'failed', reason: 'no store' });
    expect(await records.retryJob(failing.id)).toBe(true);
    expect(await records.bulk(next.id)).toMatchObject({ state: 'running', reason: null });
    expect((await records.bulkPortion(next.id, 9))?.frames).toHaveLength(1);
  });
}
