import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  backoffMs,
  createBell,
  createClosing,
  Failure,
  messageOf,
  newKeyPair,
  replaceDurably,
  runLoop,
  runProgram,
  seal,
  systemClock,
  unseal,
  withoutCredentials,
  writeDurably,
} from '@slowlight/protocol/kit';
import { describe, expect, test } from 'vitest';
import { openFolder } from '../rig/folder.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { until } from '../rig/until.ts';

const never = new AbortController().signal;

describe('closing', () => {
  test('runs the closers last-in-first-out, once, and all of them even when one fails', async () => {
    const closed: string[] = [];
    const closing = createClosing();
    closing.push('first', () => closed.push('first'));
    closing.push('second', () => {
      throw new Error('stuck');
    });
    closing.push('third', async () => closed.push('third'));
    await expect(closing.close()).rejects.toThrow('could not close second');
    await closing.close().catch(() => {});
    expect(closed).toEqual(['third', 'first']);
  });
});

describe('credentials', () => {
  test.each([
    ['rtsp://user:secret@10.0.0.1/live failed', 'rtsp://***@10.0.0.1/live failed'],
    ['open "https://a%40b:p%3Aq@host:8080/x?y=1"', 'open "https://***@host:8080/x?y=1"'],
    ['nothing at rtsp://10.0.0.1/a@b', 'nothing at rtsp://10.0.0.1/a@b'],
  ])('are cut from %s', (text, expected) => {
    expect(withoutCredentials(text)).toBe(expected);
    expect(messageOf(new Error(text))).toBe(expected);
  });
});

describe('a loop', () => {
  test('waits longer after each failure, starts anew after a success, and ends with its signal', async () => {
    const clock = createHandClock();
    const stop = new AbortController();
    const waits: number[] = [];
    let turns = 0;
    const running = runLoop(
      async () => {
        turns += 1;
        if (turns <= 3 || turns === 5) throw new Error('not yet');
        return 1000;
      },
      { clock, onFailure: (_, waitMs) => waits.push(waitMs), backoff: { firstMs: 1000, mostMs: 8000 } },
      stop.signal,
    );
    await clock.advance(60_000);
    stop.abort();
    await running;
    expect(waits).toHaveLength(4);
    expect(waits[0]).toBeLessThanOrEqual(1000);
    expect(waits[3]).toBeLessThanOrEqual(1000);
    expect(turns).toBeGreaterThan(20);
  });

  test('back-off has full jitter below a ceiling that doubles up to its most', () => {
    const at = (attempt: number, random: number) => backoffMs(attempt, { firstMs: 100, mostMs: 1000 }, random);
    expect([at(1, 1), at(2, 1), at(4, 1), at(5, 1), at(500, 1), at(3, 0.5), at(3, 0)]).toEqual([
      100, 200, 800, 1000, 1000, 200, 0,
    ]);
  });

  test('a bell that rang before anybody waited is heard', async () => {
    const clock = createHandClock();
    const bell = createBell();
    bell.ring();
    await bell.wait(clock, 1e9, never);
    let woken = false;
    const second = bell.wait(clock, 1e9, never).then(() => {
      woken = true;
    });
    await clock.advance(1000);
    expect(woken).toBe(false);
    bell.ring();
    await second;
  });
});

describe('a program', () => {
  const base = { program: process.execPath, clock: systemClock, deadlineMs: 20_000, signal: never };

  test('gives what it wrote and how it ended', async () => {
    const result = await runProgram({
      ...base,
      args: ['-e', 'process.stdin.pipe(process.stdout);process.exitCode=3'],
      input: Buffer.from('hello'),
    });
    expect([result.exitCode, result.output.toString()]).toEqual([3, 'hello']);
  });

  test('that is not installed is named, with how to get it', async () => {
    const failure = await runProgram({ ...base, program: 'no-such-program', args: [] }).catch(
      (thrown: unknown) => thrown,
    );
    expect(failure).toMatchObject({ code: 'program.missing', hint: expect.stringContaining('apt-get install') });
  });

  test('that takes too long and ignores TERM is killed', async () => {
    const args = ['-e', 'process.on("SIGTERM",()=>{});setInterval(()=>{},1000)'];
    const failure = await runProgram({ ...base, args, deadlineMs: 300 }).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'program.timed-out' });
  });

  test('that writes without end is stopped before it fills the memory', async () => {
    const args = [
      '-e',
      'const b=Buffer.alloc(65536);(function w(){while(process.stdout.write(b));process.stdout.once("drain",w)})()',
    ];
    const failure = await runProgram({ ...base, args, mostOutputBytes: 1_000_000 }).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'program.too-much-output' });
  });

  test('is gone when its signal aborts', async () => {
    const stop = new AbortController();
    const folder = await openFolder();
    const file = path.join(folder, 'pid');
    const args = [
      '-e',
      `require("fs").writeFileSync(${JSON.stringify(file)},String(process.pid));setInterval(()=>{},1000)`,
    ];
    const running = runProgram({ ...base, args, signal: stop.signal }).catch((thrown: unknown) => thrown);
    const pid = await until('the program runs', () => {
      try {
        return Number(readFileSync(file, 'utf8'));
      } catch {
        return null;
      }
    });
    stop.abort();
    await running;
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});

describe('a durable file', () => {
  test('replaces what was there, readable by its owner only, and leaves no temp file', async () => {
    const folder = await openFolder();
    const target = path.join(folder, 'a.bin');
    writeFileSync(target, 'old');
    await writeDurably(target, Buffer.from('new'));
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a.bin']);
  });

  test('changes nothing when it cannot be written whole', async () => {
    const folder = await openFolder();
    const target = path.join(folder, 'a.bin');
    writeFileSync(target, 'old');
    const broken = replaceDurably(target, 0o600, async (file) => {
      await file.write('half');
      throw new Error('card is full');
    });
    await expect(broken).rejects.toThrow('card is full');
    expect([readFileSync(target, 'utf8'), readdirSync(folder)]).toEqual(['old', ['a.bin']]);
    mkdirSync(path.join(folder, 'is-a-folder'));
    await expect(writeDurably(path.join(folder, 'is-a-folder'), Buffer.from('x'))).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['a.bin', 'is-a-folder']);
  });
});

describe('a sealed password', () => {
  const pair = newKeyPair();

  test.each(['', 'simple', 'p:w/@?#%& "\\\'', 'größe-🔒', 'x'.repeat(500)])(
    'is opened by the right key: %j',
    (secret) => {
      expect(unseal(seal(secret, pair.publicKey, 'cam-1'), pair.privateKey, 'cam-1')).toBe(secret);
    },
  );

  test('is opened by no other key, for no other camera, and not when it was changed', () => {
    const sealed = seal('secret', pair.publicKey, 'cam-1');
    const changed = Buffer.from(sealed, 'base64');
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    const tries = [
      () => unseal(sealed, newKeyPair().privateKey, 'cam-1'),
      () => unseal(sealed, pair.privateKey, 'cam-2'),
      () => unseal(changed.toString('base64'), pair.privateKey, 'cam-1'),
      () => unseal('AAAA', pair.privateKey, 'cam-1'),
    ];
    for (const attempt of tries) expect(attempt).toThrow(Failure);
  });
});
