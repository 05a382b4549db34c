import { createGrowingFilms } from '@slowlight/control-plane/src/automation/growing-films.ts';
import { createFilmSweep } from '@slowlight/control-plane/src/render/sweep-films.ts';
import { expect, test } from 'vitest';
import { openDirectoryStore } from '../../rig/directory-store.ts';
import { start } from '../../rig/flow.ts';
import { createHandClock } from '../../rig/hand-clock.ts';
import { createQuietLog } from '../../rig/quiet-log.ts';
import { until } from '../../rig/until.ts';

const DAY_MS = 86_400_000;
const never = new AbortController().signal;

async function openSweep(claimed: readonly string[], unused: { address: string; key: string | null }[] = []) {
  const { store } = await openDirectoryStore();
  const clock = createHandClock();
  const forgotten: string[] = [];
  const asked: number[] = [];
  const sweep = createFilmSweep({
    clock,
    log: createQuietLog(),
    objects: store,
    records: {
      async takeUnusedSegments(before) {
        asked.push(before);
        return unused;
      },
      async forgetSegment(address) {
        forgotten.push(address);
      },
      unclaimedFilmKeys: async (keys) => keys.filter((key) => !claimed.includes(key)),
      releaseStranded: async () => 0,
    },
  });
  return { store, clock, sweep, forgotten, asked };
}

test('pieces that no film has wanted for a day go, object and row', async () => {
  const unused = [
    { address: 'a', key: 'segments/aa/a.mp4' },
    { address: 'b', key: null },
  ];
  const { store, clock, sweep, forgotten, asked } = await openSweep([], unused);
  await store.write('segments/aa/a.mp4', Buffer.from('x'), 'video/mp4');
  expect(await sweep.sweepUnused(never)).toBe(2);
  expect(asked).toEqual([clock.now() - DAY_MS]);
  expect(await store.stat('segments/aa/a.mp4')).toBeNull();
  expect(forgotten).toEqual(['a', 'b']);
});

test('objects of films that nobody claims go when they are a day old, and nothing else does', async () => {
  const { store, clock, sweep } = await openSweep(['segments/aa/used.mp4', 'videos/shown.mp4']);
  const keys = [
    'segments/aa/used.mp4',
    'segments/bb/left.mp4',
    'videos/shown.mp4',
    'videos/left.jpg',
    'frames/a/1.jpg',
  ];
  for (const key of keys) await store.write(key, Buffer.from('x'), key.endsWith('.mp4') ? 'video/mp4' : 'image/jpeg');
  // The files are as old as the machine's clock says.
  await clock.advance(Date.now() - clock.now());
  expect(await sweep.sweepUnclaimed(never)).toBe(0);
  await clock.advance(DAY_MS + 1000);
  expect(await sweep.sweepUnclaimed(never)).toBe(2);
  for (const key of keys) expect((await store.stat(key)) === null, key).toBe(key.includes('left'));
});

test('growing films are looked after every few seconds, also after the records were away', async () => {
  const clock = createHandClock();
  const asked: number[] = [];
  const log = createQuietLog();
  const records = {
    async growVideos(pauseMs: number) {
      asked.push(pauseMs);
      if (asked.length === 1) throw new Error('away');
      return 1;
    },
  };
  start(createGrowingFilms({ clock, log, records }).run);
  await until('it has looked three times', async () => {
    await clock.advance(1000);
    return asked.length >= 3;
  });
  expect(asked.every((pauseMs) => pauseMs === 60_000)).toBe(true);
  expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'info', 'info'].slice(0, log.lines.length));
});
