/** Runs a program under strace, with or without a call that fails, and gives the calls that it made, in order. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'vitest';
import { notRun } from './missing.ts';

export interface SystemCall {
  thread: string;
  name: string;
  /** As strace prints them, with the paths of descriptors. */
  args: string;
  /** Of success 0 or more; -1 when it failed. */
  result: number;
  /** Such as `EIO`; null: it succeeded. */
  error: string | null;
  injected: boolean;
  /** The how many-eth call of this name its thread made, from 1: what strace counts for `when`. */
  nth: number;
}
export interface Injection {
  call: string;
  error: 'EIO' | 'ENOSPC';
  nth: number;
}

const CALLS = 'openat,write,pwrite64,fsync,fdatasync,rename,unlink';

export async function watchCalls(
  script: string,
  args: readonly string[],
  { folder, injection = null }: { folder: string; injection?: Injection | null },
): Promise<{ calls: SystemCall[]; exitCode: number | null }> {
  const log = path.join(folder, `strace-${process.hrtime.bigint()}`);
  const inject =
    injection === null ? [] : ['-e', `inject=${injection.call}:error=${injection.error}:when=${injection.nth}`];
  const watched = ['-f', '-y', '-qq', '-s', '200', '-e', `trace=${CALLS}`, ...inject, '-o', log];
  // One thread for files, so that calls can be counted.
  const environment = { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_OPTIONS: '' };
  const child = spawn('strace', [...watched, process.execPath, script, ...args], { env: environment, stdio: 'ignore' });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { calls: readCalls(await readFile(log, 'utf8')), exitCode };
}

/** Reported as not run where strace is missing or may not watch. */
export async function needStrace(context: TestContext, folder: string): Promise<void> {
  try {
    const { calls } = await watchCalls('-e', ['1'], { folder });
    if (calls.length > 0) return;
  } catch {
    // Told below.
  }
  notRun(context, 'strace, and the right to trace a process', 'apt-get install strace');
}

export function readCalls(log: string): SystemCall[] {
  const begun = new Map<string, string>();
  const counted = new Map<string, number>();
  const calls: SystemCall[] = [];
  for (const line of log.split('\n')) {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (text.endsWith('<unfinished ...>')) {
      begun.set(thread, text.slice(0, -'<unfinished ...>'.length).trimEnd());
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    const whole = resumed === null ? text : `${begun.get(thread) ?? ''}${resumed[1] ?? ''}`;
    const parts = /^(\w+)\((.*)\) += (-?\d+)\S*(?: (E[A-Z]+))?(.*)$/s.exec(whole);
    if (parts === null) continue;
    const [, name = '', args = '', result = '', error = null, rest = ''] = parts;
    const nth = (counted.get(`${thread} ${name}`) ?? 0) + 1;
    counted.set(`${thread} ${name}`, nth);
    const injected = rest.includes('(INJECTED)');
    calls.push({ thread, name, args, result: Number(result), error: error ?? null, injected, nth });
  }
  return calls;
}
