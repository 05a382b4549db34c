/** Why the processor runs slower than it could, as the firmware of a Raspberry Pi counts it. Null where nothing tells. */
import { readFile } from 'node:fs/promises';
import type { Throttle } from '@slowlight/protocol';
import { type Clock, runProgram, systemCode } from '@slowlight/protocol/kit';

export interface Throttling {
  now: Throttle[];
  sinceBoot: Throttle[];
}

/** The kernel's own door to the same figure: no program has to be started. */
const FILES = [
  '/sys/devices/platform/soc/soc:firmware/get_throttled',
  '/sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled',
];
const PROGRAM = 'vcgencmd';
const PROGRAM_MS = 3000;

/** Bit by bit from the lowest; 16 bits higher, what has been so since the boot. Source: raspberrypi.com, `vcgencmd get_throttled`. */
const BITS: readonly Throttle[] = ['under-voltage', 'frequency-capped', 'throttled', 'temperature-limit'];

/** Reads `throttled=0x50005` or `50005`; null when it is neither. Pure. */
export function parseThrottled(text: string): Throttling | null {
  const hex = /^(?:throttled=)?(?:0x)?([0-9a-f]{1,8})$/i.exec(text.trim())?.[1];
  if (hex === undefined) return null;
  const bits = Number.parseInt(hex, 16);
  const from = (shift: number) => BITS.filter((_, bit) => (bits >>> (bit + shift)) & 1);
  return { now: from(0), sinceBoot: from(16) };
}

/** @param files where the kernel tells it, tried in order before the program */
export function createThrottling(clock: Clock, { files = FILES, program = PROGRAM } = {}) {
  let hasProgram = true;
  return async (signal: AbortSignal): Promise<Throttling | null> => {
    for (const file of files) {
      const text = await readFile(file, 'utf8').catch(() => null);
      if (text !== null) return parseThrottled(text);
    }
    if (!hasProgram) return null;
    try {
      const run = await runProgram({ program, args: ['get_throttled'], clock, deadlineMs: PROGRAM_MS, signal });
      return run.exitCode === 0 ? parseThrottled(run.output.toString('utf8')) : null;
    } catch (cause) {
      if (signal.aborted) throw cause;
      // Not there once is not there at all: no Raspberry Pi.
      if (systemCode(cause) === 'program.missing') hasProgram = false;
      return null;
    }
  };
}
