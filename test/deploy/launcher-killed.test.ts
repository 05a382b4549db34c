import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { openFolder } from '../rig/folder.ts';
import { listProcesses } from '../rig/processes.ts';
import { until } from '../rig/until.ts';

const LAUNCHER = path.join(import.meta.dirname, '../rig/launcher.ts');

test('both programs stop clean when their launcher is killed', async () => {
  const dataDir = await openFolder();
  const launcher = spawn(process.execPath, [LAUNCHER, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void launcher.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: launcher.stdout }), 'line');
  const pids: number[] = JSON.parse(String(line));
  onTestFinished(() => {
    for (const { pid } of listProcesses().filter((one) => pids.includes(one.pid))) process.kill(pid, 'SIGKILL');
  });
  const running = path.join(dataDir, 'agent/running.json');
  await until('the agent works', () => existsSync(running));
  expect(listProcesses().filter(({ pid }) => pids.includes(pid))).toHaveLength(2);
  launcher.kill('SIGKILL');
  await until('both are gone', () => listProcesses().every(({ pid }) => !pids.includes(pid)));
  // What only a clean stop takes away.
  expect(existsSync(running)).toBe(false);
});
