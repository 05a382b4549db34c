/** What runs on this machine, read from the system itself (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  pid: number;
  /** Its arguments, joined by blanks. */
  commandLine: string;
  parentPid: number;
}

export function listProcesses(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ');
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parentPid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [{ pid: Number(name), commandLine, parentPid }];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}

/** The ffmpeg processes that this process started and that still run. */
export function ownFfmpegs(): RunningProcess[] {
  return listProcesses().filter(
    ({ parentPid, commandLine }) => parentPid === process.pid && /ffmpeg/.test(commandLine.split(' ')[0] ?? ''),
  );
}
