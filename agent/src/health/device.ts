/** What the device under the agent is like: disk, heat, memory. Read when asked, never older than two seconds. */
import { readFile, statfs } from 'node:fs/promises';
import { freemem, loadavg, totalmem } from 'node:os';
import { type Clock, runProgram } from '@slowlight/protocol/kit';

export interface DeviceCondition {
  diskFreeBytes: number;
  diskTotalBytes: number;
  /** Hottest sensor; null where there is none. */
  temperatureCelsius: number | null;
}
export interface DeviceMemory {
  memoryFreeBytes: number;
  memoryTotalBytes: number;
  loadAverage: number;
  processMemoryBytes: number;
}

const BELIEVED_MS = 2000;
const SENSOR = '/sys/class/thermal/thermal_zone0/temp';

/** @param folder on the disk that counts */
export function createDevice(clock: Clock, folder: string) {
  let known: { at: number; condition: DeviceCondition } | null = null;
  return {
    async condition(): Promise<DeviceCondition> {
      const now = clock.monotonicMs();
      if (known !== null && now - known.at < BELIEVED_MS) return known.condition;
      const disk = await statfs(folder);
      const condition = {
        diskFreeBytes: disk.bavail * disk.bsize,
        diskTotalBytes: disk.blocks * disk.bsize,
        temperatureCelsius: await temperature(),
      };
      known = { at: now, condition };
      return condition;
    },
    /** Something has been removed: look again. */
    lookAgain(): void {
      known = null;
    },
    memory: (): DeviceMemory => ({
      memoryFreeBytes: freemem(),
      memoryTotalBytes: totalmem(),
      loadAverage: loadavg()[0] ?? 0,
      processMemoryBytes: process.memoryUsage.rss(),
    }),
  };
}
export type Device = ReturnType<typeof createDevice>;

/**
 * How much must stay free: `megabytes`, or `percent` of the disk where that is less.
 * @returns bytes
 */
export function diskFloorBytes(totalBytes: number, floor: { megabytes: number; percent: number }): number {
  return Math.min(floor.megabytes * 1e6, (totalBytes * floor.percent) / 100);
}

async function temperature(): Promise<number | null> {
  try {
    const milli = Number.parseInt(await readFile(SENSOR, 'utf8'), 10);
    return Number.isFinite(milli) ? milli / 1000 : null;
  } catch {
    return null;
  }
}

/** Such as `5.1.6`; null when ffmpeg cannot be started. */
export async function ffmpegVersion(program: string, clock: Clock, signal: AbortSignal): Promise<string | null> {
  try {
    const { output } = await runProgram({ program, args: ['-version'], clock, deadlineMs: 10_000, signal });
    return /^ffmpeg version (\S{1,80})/.exec(output.toString('utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}
