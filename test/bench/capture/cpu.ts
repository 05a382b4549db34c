/** What this process and its children have cost, read from the system itself (Linux). */
import { readdirSync, readFileSync } from 'node:fs';
import { listProcesses } from '../../rig/processes.ts';

/** The kernel counts in hundredths of a second. */
const MS_A_TICK = 10;

/** CPU time of this process, of its children that have ended, and of those that run, ms; without the named ones. */
export function cpuMs(but: readonly number[]): number {
  const own = ticksOf(process.pid);
  const children = listProcesses().filter(({ parentPid, pid }) => parentPid === process.pid && !but.includes(pid));
  const running = [process.pid, ...children.map(({ pid }) => pid)].reduce((sum, pid) => sum + runMs(pid), 0);
  return own.ended * MS_A_TICK + running;
}

/** Exact, where the kernel keeps it: the run time of each thread in ns. */
function runMs(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
      const ns = Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
      return sum + ns / 1e6;
    }, 0);
  } catch {
    return ticksOf(pid).self * MS_A_TICK;
  }
}

function ticksOf(pid: number): { self: number; ended: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const at = (index: number) => fields[index] ?? 0;
    return { self: at(11) + at(12), ended: at(13) + at(14) };
  } catch {
    // It ended while we looked: it is counted with the ended ones.
    return { self: 0, ended: 0 };
  }
}
