import { createFeed } from '@slowlight/dashboard/src/server/feed.ts';
import {
  agentIsCalled,
  alarmIsKnown,
  foretaste,
  framesAreExcluded,
  timelapseMoves,
} from '@slowlight/dashboard/src/server/foretaste.ts';
import { createBatches } from '@slowlight/dashboard/src/server/in-batches.ts';
import { placeKeys } from '@slowlight/dashboard/src/server/place-queries.ts';
import type { StreamMessage } from '@slowlight/dashboard/src/server/stream.ts';
import type { AgentView, AlarmView, FrameId, FrameView, TimelapseId } from '@slowlight/protocol';
import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

describe('what comes in bursts', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('the first goes on at once, the rest of a burst together after the pause, all in their order', async () => {
    const seen: (readonly number[])[] = [];
    const batches = createBatches<number>((items) => seen.push(items), 100);
    batches.add(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual([[1]]);
    for (let burst = 2; burst < 6; burst += 1) {
      batches.add(burst);
      await vi.advanceTimersByTimeAsync(20);
    }
    expect(seen).toEqual([[1]]);
    await vi.advanceTimersByTimeAsync(20);
    expect(seen).toEqual([[1], [2, 3, 4, 5]]);
    await vi.advanceTimersByTimeAsync(500);
    batches.add(6);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.at(-1)).toEqual([6]);
  });

  test('what must not be overtaken goes on first, and what waits at the end is let go', async () => {
    const seen: (readonly string[])[] = [];
    const batches = createBatches<string>((items) => seen.push(items), 100);
    batches.add('a');
    batches.flush();
    batches.flush();
    expect(seen).toEqual([['a']]);
    batches.add('b');
    batches.close();
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual([['a']]);
  });
});

describe('the feed of a page', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('what was asked for before the stream was open is asked for again, a little later and once', async () => {
    const client = new QueryClient();
    const said: ((message: StreamMessage) => void)[] = [];
    const leave = createFeed(client, ({ hear }) => {
      said.push(hear);
      return () => {};
    }).follow();
    const [hear] = said;
    client.setQueryData(['cameras', 'all'], []);
    const isStale = () => client.getQueryState(['cameras', 'all'])?.isInvalidated;
    const slow = Promise.withResolvers<string>();
    const asked = client.fetchQuery({ queryKey: ['slow'], queryFn: () => slow.promise });
    hear?.({ kind: 'open' });
    await vi.advanceTimersByTimeAsync(400);
    expect(isStale()).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(isStale()).toBe(true);
    client.setQueryData(['cameras', 'all'], []);
    hear?.({ kind: 'open' });
    await vi.advanceTimersByTimeAsync(5000);
    expect(isStale()).toBe(false);
    slow.resolve('as it was');
    expect(await asked, 'nothing is called off').toBe('as it was');
    expect(client.getQueryState(['slow'])?.isInvalidated).toBe(false);
    await vi.advanceTimersByTimeAsync(500);
    expect(client.getQueryState(['slow'])?.isInvalidated).toBe(true);
    hear?.({ kind: 'broken', refused: false });
    hear?.({ kind: 'open' });
    expect(isStale(), 'at once where the line was broken').toBe(true);
    leave();
  });

  test('a hundred events of one moment are on the page together, in their order, before a break is told', async () => {
    const client = new QueryClient();
    const camera = { id: 'cam-1', health: 'unknown', healthCode: null, healthHint: null };
    client.setQueryData(['cameras', 'all'], [camera]);
    let hear = (_: StreamMessage) => {};
    const leave = createFeed(client, (options) => {
      hear = options.hear;
      return () => {};
    }).follow();
    const events = Array.from({ length: 100 }, (_, index) => ({
      type: 'camera.health-changed',
      body: { cameraId: 'cam-1', health: 'degraded', code: `code-${index}`, hint: null },
    }));
    for (const event of events) hear({ kind: 'entry', position: null, data: JSON.stringify({ event }) });
    hear({ kind: 'entry', position: null, data: 'no JSON' });
    expect(client.getQueryData(['cameras', 'all'])).toEqual([camera]);
    hear({ kind: 'broken', refused: false });
    expect(client.getQueryData(['cameras', 'all'])).toMatchObject([{ healthCode: 'code-99' }]);
    leave();
  });
});

describe('what is shown before the server has answered', () => {
  const pages = <Item>(items: Item[]) => ({ pages: [{ items, next: null }], pageParams: [null] });

  test('is taken back where the server says no, unless something newer is shown by then', () => {
    const client = new QueryClient();
    client.setQueryData(['place', 1], { name: 'old' });
    client.setQueryData(['place', 2], { name: 'old' });
    const takeBack = foretaste<{ name: string }>(['place'], () => ({ name: 'new' }))(client);
    expect(client.getQueryData(['place', 1])).toEqual({ name: 'new' });
    client.setQueryData(['place', 2], { name: 'said by somebody else' });
    takeBack();
    expect(client.getQueryData(['place', 1])).toEqual({ name: 'old' });
    expect(client.getQueryData(['place', 2])).toEqual({ name: 'said by somebody else' });
    expect(client.getQueryCache().find({ queryKey: ['place', 3] })).toBeUndefined();
  });

  test('is not overwritten by an answer that was under way, and what was never loaded is still waited for', async () => {
    const client = new QueryClient();
    const answers: ((name: string) => void)[] = [];
    const ask = (queryKey: unknown[]) =>
      client.fetchQuery({ queryKey, queryFn: () => new Promise<string>((resolve) => answers.push(resolve)) });
    client.setQueryData(['place', 1], 'old');
    const [known, first] = [ask(['place', 1]), ask(['place', 2])];
    foretaste<string>(['place'], () => 'new')(client);
    for (const answer of answers) answer('old');
    expect(await Promise.all([known, first])).toEqual(['new', 'old']);
    expect(client.getQueryData(['place', 1])).toBe('new');
  });

  test('an alarm is known, and frames are left out, in whichever list they are', () => {
    const client = new QueryClient();
    const alarms = ['a', 'b'].map((id) => ({ id, acknowledgedAt: null, acknowledgedBy: null }) as unknown as AlarmView);
    client.setQueryData(['alarms', 'open'], pages(alarms));
    for (const show of alarmIsKnown('b' as AlarmView['id'], { name: 'Eva', at: 5 })) show(client);
    expect(client.getQueryData(['alarms', 'open'])).toMatchObject(
      pages([{ acknowledgedBy: null }, { acknowledgedBy: 'Eva', acknowledgedAt: 5 }]),
    );

    const id = 'tlp-1' as TimelapseId;
    const frames = ['x', 'y'].map((one) => ({ id: one, excluded: false }) as unknown as FrameView);
    client.setQueryData([...placeKeys.framesOf(id), { show: 'all' }], pages(frames));
    client.setQueryData([...placeKeys.framesOf(id), 'day', 0], { items: frames, next: null });
    const takeBack = framesAreExcluded(id, ['y' as FrameId], true).map((show) => show(client));
    const excluded = [{ excluded: false }, { excluded: true }];
    expect(client.getQueryData([...placeKeys.framesOf(id), { show: 'all' }])).toMatchObject(pages(excluded));
    expect(client.getQueryData([...placeKeys.framesOf(id), 'day', 0])).toMatchObject({ items: excluded });
    for (const undo of takeBack) undo();
    expect(client.getQueryData([...placeKeys.framesOf(id), 'day', 0])).toEqual({ items: frames, next: null });
  });

  test('a timelapse pauses wherever it is shown, and is never said to have ended before it has; an agent has its new name', () => {
    const client = new QueryClient();
    const id = 'tlp-1' as TimelapseId;
    const [one, other] = [id, 'tlp-2'].map((each) => ({ id: each, state: 'running' }));
    client.setQueryData(['timelapses', id], one);
    client.setQueryData(['timelapses', 'of', 'cam-1'], [one, other]);
    for (const show of timelapseMoves(id, 'pause')) show(client);
    expect(client.getQueryData(['timelapses', id])).toMatchObject({ state: 'paused' });
    expect(client.getQueryData(['timelapses', 'of', 'cam-1'])).toMatchObject([
      { state: 'paused' },
      { state: 'running' },
    ]);
    expect(timelapseMoves(id, 'complete')).toEqual([]);
    client.setQueryData(['agents'], [{ id: 'agt-1', name: 'old' }]);
    for (const show of agentIsCalled('agt-1' as AgentView['id'], 'new')) show(client);
    expect(client.getQueryData(['agents'])).toMatchObject([{ name: 'new' }]);
  });
});
