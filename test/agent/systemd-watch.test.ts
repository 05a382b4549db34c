import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createMemoryCeiling } from '@slowlight/agent/src/health/memory-ceiling.ts';
import { createServiceWatch } from '@slowlight/agent/src/health/systemd-watch.ts';
import { createPulse, systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { until } from '../rig/until.ts';

/** A program that writes down what it is called with, in the place of systemd-notify. */
async function openNotify() {
  const folder = await openFolder();
  const [program, said] = [path.join(folder, 'notify'), path.join(folder, 'said')];
  await writeFile(program, `#!/bin/sh\necho "$@" >> '${said}'\n`);
  await chmod(program, 0o755);
  const lines = async () => (await readFile(said, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  return { program, lines };
}

function started(run: (signal: AbortSignal) => Promise<void>) {
  const stopping = new AbortController();
  const ended = run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await ended;
  };
  onTestFinished(stop);
  return { stop };
}

describe('a pulse', () => {
  it('knows who has not turned when it said it would, and forgets who has ended', async () => {
    const clock = createHandClock();
    const pulse = createPulse(clock, 60_000);
    const [quick, slow, over] = [pulse.begin('quick'), pulse.begin('slow'), pulse.begin('over')];
    quick.turn(5000);
    slow.turn(600_000);
    over.turn(0);
    await clock.advance(65_001);
    expect(pulse.stuck().sort()).toEqual(['over', 'quick']);
    over.end();
    quick.turn(5000);
    expect(pulse.stuck()).toEqual([]);
    // The wall clock has no say in it.
    clock.setWall(0);
    expect(pulse.stuck()).toEqual([]);
  });
});

describe('systemd', () => {
  it('hears that the agent is ready, is fed while all loops turn, and hears that it stops', async () => {
    const { program, lines } = await openNotify();
    const pulse = createPulse(systemClock);
    pulse.begin('a loop').turn(1000);
    const watch = createServiceWatch(
      { clock: systemClock, log: createHeardLog(), stuck: pulse.stuck },
      { watchdogMs: 300, program },
    );
    const { stop } = started(watch);
    await until('it has been fed three times', async () => (await lines()).length >= 4);
    await stop();
    const said = await lines();
    expect(said[0]).toBe('READY=1 STATUS=working');
    expect(new Set(said.slice(1, -1))).toEqual(new Set(['WATCHDOG=1 STATUS=working']));
    expect(said.at(-1)).toBe('STOPPING=1');
  });

  it('is not fed any more once a loop is stuck, and is told which', async () => {
    const { program, lines } = await openNotify();
    const log = createHeardLog();
    const pulse = createPulse(systemClock, 100);
    // A loop that waits for something that never comes.
    const beat = pulse.begin('schedule of the oak');
    started(async (signal) => {
      beat.turn(200);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    });
    started(createServiceWatch({ clock: systemClock, log, stuck: pulse.stuck }, { watchdogMs: 150, program }));
    const stuck = 'STATUS=stuck: schedule of the oak';
    await until('it is told', async () => (await lines()).filter((line) => line === stuck).length >= 3);
    const said = await lines();
    expect(said.slice(said.indexOf(stuck)).some((line) => line.includes('WATCHDOG'))).toBe(false);
    expect(log.lines.find(({ level }) => level === 'error')?.fields).toMatchObject({ loops: ['schedule of the oak'] });
  });

  it('that is not there is complained of, and stops nothing', async () => {
    const log = createHeardLog();
    const program = path.join(await openFolder(), 'no-such-program');
    const { stop } = started(
      createServiceWatch({ clock: systemClock, log, stuck: () => [] }, { watchdogMs: null, program }),
    );
    await until('it is told', () => log.lines.some(({ level }) => level === 'error'));
    await stop();
  });
});

describe('the ceiling of memory', () => {
  it('restarts the agent when it stays above, not when it was there for a moment', async () => {
    const clock = createHandClock();
    let [bytes, restarts] = [100, 0];
    const restart = () => {
      restarts += 1;
    };
    started(createMemoryCeiling({ clock, log: createHeardLog(), residentBytes: () => bytes, restart }, 200));
    const look = async (now: number) => {
      bytes = now;
      await until('it waits', () => clock.sleepers > 0);
      await clock.advance(10_000);
    };
    for (const now of [300, 300, 100, 300, 300]) await look(now);
    expect(restarts).toBe(0);
    await look(300);
    await until('it restarts', () => restarts === 1);
  });
});
