import type { JobRunner } from '@slowlight/control-plane/src/jobs/worker.ts';
import type { FrameId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { expect, test } from 'vitest';
import { createHandClock } from '../../rig/hand-clock.ts';
import { until } from '../../rig/until.ts';
import { aborted, ONE_EACH, openHouse, openWorker, START, statesOf } from '../../rig/worker-house.ts';

test('every job is done once, several at a time, never more than asked', async () => {
  const house = await openHouse(12);
  const done: string[] = [];
  let now = 0;
  let most = 0;
  openWorker(house, {
    async thumbnail({ subject }) {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      await house.records.jobCounts();
      done.push(subject);
      now -= 1;
    },
  });
  await until('all are done', async () => (await statesOf(house)).every((state) => state === 'done'));
  expect(done).toHaveLength(12);
  expect(new Set(done).size).toBe(12);
  expect(most).toBe(2);
});

test('of many small jobs more and more are taken together; what was not begun when it stops is given back', async () => {
  const house = await openHouse(20);
  const { leaseSome, finishAll } = house.records;
  const together: number[] = [];
  const ended: number[] = [];
  house.records.leaseSome = async (...asked) => {
    const jobs = await leaseSome(...asked);
    together.push(jobs.length);
    return jobs;
  };
  house.records.finishAll = (ends) => {
    ended.push(ends.length);
    return finishAll(ends);
  };
  const done: string[] = [];
  const thumbnail: JobRunner = async ({ subject }, signal, say) => {
    if (done.length === 11) await aborted(signal);
    done.push(subject);
    say({ thumbnail: { frameId: subject as FrameId, failed: null } });
  };
  const first = openWorker(house, { thumbnail }, { atOnce: ONE_EACH });
  await until('the twelfth is begun', () => together.length === 3 && done.length === 11);
  expect(ended).toEqual([1, 2, 4]);
  await first.stop();
  expect(together).toEqual([2, 4, 8]);
  expect(ended).toEqual([1, 2, 4, 4]);
  const drawn = await Promise.all(done.map(async (id) => (await house.records.frame(id as FrameId))?.thumbnail));
  expect(drawn).toEqual(Array.from({ length: 11 }, () => 'ready'));
  const states = await statesOf(house);
  expect(states.filter((state) => state === 'done')).toHaveLength(11);
  expect(states.filter((state) => state === 'waiting')).toHaveLength(9);
});

test('a job that is planned is begun at once', async () => {
  const house = await openHouse(2);
  let begunAt = 0;
  openWorker(house, {
    async video() {
      begunAt = performance.now();
    },
  });
  await until('the worker waits', async () => (await statesOf(house)).every((state) => state === 'done'));
  const plannedAt = performance.now();
  await house.makeVideo();
  await until('it is begun', () => begunAt > 0);
  expect(begunAt - plannedAt).toBeLessThan(500);
});

test('a job that fails is tried again by the rules of the records', async () => {
  const clock = createHandClock();
  const house = await openHouse(1, clock);
  let tries = 0;
  const { log } = openWorker(house, {
    async thumbnail() {
      tries += 1;
      if (tries === 1)
        throw new Failure({
          code: 'object.store-unreachable',
          message: 'the store is away at rtsp://u:hunter2@x/',
          hint: 'Wait.',
          retry: 'soon',
        });
    },
  });
  await until('it was tried', () => tries === 1);
  await until('it waits', async () => (await statesOf(house))[0] === 'waiting');
  expect((await house.records.jobs({ limit: 1 })).items[0]?.lastError).toBe('the store is away at rtsp://***@x/');
  await until('it is done', async () => {
    await clock.advance(1000);
    return (await statesOf(house))[0] === 'done';
  });
  expect(clock.now()).toBeGreaterThanOrEqual(START + 30_000);
  expect(tries).toBe(2);
  expect(log.lines.map(({ sentence }) => sentence)).toContain('a job failed; it will be tried again');
});

test('a job that can never succeed is given up at once', async () => {
  const house = await openHouse(1);
  const { log } = openWorker(house, {
    thumbnail: () => Promise.reject(new Failure({ code: 'x', message: 'no picture', hint: '', retry: 'never' })),
  });
  await until('it is dead', async () => (await statesOf(house))[0] === 'dead');
  expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { reason: 'no picture' } });
});

test('a cancelled video stops within two seconds, and the worker takes the next', async () => {
  const house = await openHouse(2);
  const stopped: string[] = [];
  const begun: string[] = [];
  openWorker(
    house,
    {
      async video({ subject }, signal) {
        begun.push(subject);
        await aborted(signal).catch((thrown) => {
          stopped.push(subject);
          throw thrown;
        });
      },
    },
    { atOnce: ONE_EACH },
  );
  const [first, second] = [await house.makeVideo(), await house.makeVideo()];
  await until('one is begun', () => begun.length === 1);
  const one = begun[0] === first.id ? first : second;
  const cancelledAt = performance.now();
  expect(await house.records.cancelVideo(one.id)).toBe(true);
  await until('it has stopped', () => stopped.length === 1);
  expect(performance.now() - cancelledAt).toBeLessThan(2000);
  expect(stopped).toEqual([one.id]);
  await until('the other one is begun', () => begun.length === 2);
  expect((await house.records.video(one.id))?.state).toBe('cancelled');
});

test('work that goes on longer than a lease keeps it', async () => {
  const house = await openHouse(1);
  let finish = () => {};
  let runs = 0;
  const long = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const options = { leaseMs: 300, heartbeatMs: 50 };
  const runner: JobRunner = async () => {
    runs += 1;
    await long;
  };
  openWorker(house, { thumbnail: runner }, options);
  openWorker(house, { thumbnail: runner }, options);
  await until('it runs', () => runs === 1);
  const since = performance.now();
  await until('several leases have passed', () => performance.now() - since > 1200);
  expect(runs).toBe(1);
  finish();
  await until('it is done', async () => (await statesOf(house))[0] === 'done');
});

test('records that are away for a moment do not stop the work; when the lease has run out it stops', async () => {
  const house = await openHouse(1);
  const { heartbeat } = house.records;
  const away = () =>
    Promise.reject(new Failure({ code: 'records.unreachable', message: 'away', hint: '', retry: 'soon' }));
  let beats = 0;
  let reason: unknown = null;
  house.records.heartbeat = (job, leaseMs) => {
    beats += 1;
    return beats > 5 && beats < 10 ? away() : beats > 20 ? away() : heartbeat(job, leaseMs);
  };
  openWorker(
    house,
    {
      thumbnail: (_, signal) =>
        aborted(signal).catch((thrown) => {
          reason ??= thrown;
          throw thrown;
        }),
    },
    { leaseMs: 500, heartbeatMs: 50 },
  );
  await until('it has gone on after the first outage', () => beats > 15);
  expect(reason).toBeNull();
  await until('it stops in the second', () => reason !== null);
  expect(reason).toMatchObject({ code: 'job.not-ours' });
});

test('a worker that stops gives its jobs back, so that the next one need not wait for the lease', async () => {
  const clock = createHandClock();
  const house = await openHouse(2, clock);
  await house.makeVideo();
  let begun = 0;
  const begin: JobRunner = async (_job, signal) => {
    begun += 1;
    await aborted(signal);
  };
  const first = openWorker(house, { video: begin });
  await until('it works', () => begun === 1);
  await first.stop();
  expect((await house.records.jobs({ limit: 9, state: 'running' })).items).toEqual([]);
  openWorker(house, { video: begin });
  await until('the next one works, at the same moment', () => begun === 2);
});

test('a worker that stops ends its work cleanly, and the next one takes it over', async () => {
  const house = await openHouse(1);
  let begun = 0;
  let ended = 0;
  const first = openWorker(
    house,
    {
      async thumbnail(_, signal) {
        begun += 1;
        await aborted(signal).finally(() => {
          ended += 1;
        });
      },
    },
    { leaseMs: 500 },
  );
  await until('it is begun', () => begun === 1);
  await first.stop();
  expect(ended).toBe(1);
  expect((await house.records.jobs({ limit: 1 })).items[0]).toMatchObject({
    state: 'waiting',
    attempts: 0,
    lastError: null,
  });
  openWorker(house, {});
  await until('the next one has done it', async () => (await statesOf(house))[0] === 'done');
});

test('records that are away make a worker wait, not end', async () => {
  const house = await openHouse(1);
  const { lease } = house.records;
  let asked = 0;
  house.records.lease = (kinds, leaseMs) => {
    asked += 1;
    if (asked < 6) return Promise.reject(new Error('away'));
    return lease(kinds, leaseMs);
  };
  openWorker(house, {});
  await until('it is done', async () => (await statesOf(house))[0] === 'done');
});

test('while pictures pour in, thumbnails of a backlog take a fifth of the time', async () => {
  const clock = createHandClock();
  await clock.advance(3_600_000);
  const house = await openHouse(3, clock);
  let begun = 0;
  let rushing = true;
  const runner: JobRunner = async (_job, signal) => {
    begun += 1;
    await clock.sleep(100, signal);
  };
  openWorker(house, { thumbnail: runner }, {}, () => rushing);
  const done = async () => (await statesOf(house)).filter((state) => state === 'done').length;
  await until('one is begun', () => begun === 1);
  await clock.advance(100);
  await until('it is done', async () => (await done()) === 1);
  await clock.advance(390);
  expect((await house.records.jobCounts()).running).toBe(0);
  expect(begun).toBe(1);
  await clock.advance(20);
  await until('the next one is begun', () => begun === 2);
  rushing = false;
  await until('the rest is done', async () => {
    await clock.advance(100);
    return (await done()) === 3;
  });
});
