import { restMemory } from '@slowlight/control-plane/src/rest-memory.ts';
import { expect, test } from 'vitest';
import { createHandClock } from '../rig/hand-clock.ts';

const MEGABYTE = 1024 * 1024;

test('memory is given back after the start and after each time of much work, when it is over, and otherwise left alone', async () => {
  const clock = createHandClock();
  const ending = new AbortController();
  let resident = 160;
  let used = 0;
  let times = 0;
  const memory = {
    collect() {
      times += 1;
      resident = 120 + times;
    },
    residentBytes: () => resident * MEGABYTE,
    usedMs: () => used,
  };
  const running = restMemory(clock, ending.signal, memory);
  const minute = async (usedMs: number) => {
    used += usedMs;
    await clock.advance(60_000);
  };
  await clock.advance(8000);
  expect(times).toBe(1);
  await minute(100);
  resident += 5;
  await minute(100);
  expect(times, 'little has come').toBe(1);
  resident = 380;
  await minute(40_000);
  await minute(40_000);
  expect(times, 'there is much to do').toBe(1);
  await minute(1000);
  expect(times, 'it is over').toBe(2);
  await minute(1000);
  expect(times).toBe(2);
  ending.abort();
  await running;
});
