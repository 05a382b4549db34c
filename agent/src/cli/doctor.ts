/**
 * Looks whether everything is there that the agent needs. Each finding says what was seen, and where it is not well, what to
 * do. A look that breaks is a finding, too: one broken part never hides the others.
 */
import { Failure, messageOf } from '@slowlight/protocol/kit';

export interface Finding {
  what: string;
  state: 'ok' | 'warn' | 'bad';
  found: string;
  /** Null where there is nothing to do. */
  todo: string | null;
}
export type Seen = Omit<Finding, 'what'>;
export interface Look {
  what: string;
  look(): Promise<Seen | readonly Finding[]>;
}

export const ok = (found: string): Seen => ({ state: 'ok', found, todo: null });
export const warn = (found: string, todo: string): Seen => ({ state: 'warn', found, todo });
export const bad = (found: string, todo: string): Seen => ({ state: 'bad', found, todo });

/** All of them, in their order; `onFinding` hears of each as soon as it is there. */
export async function examine(looks: readonly Look[], onFinding: (finding: Finding) => void): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { what, look } of looks) {
    const seen = await look().catch((cause: unknown) =>
      cause instanceof Failure
        ? bad(cause.message, cause.hint)
        : bad(messageOf(cause), 'Report this as a fault of Slowlight.'),
    );
    const found = 'state' in seen ? [{ what, ...seen }] : seen;
    for (const finding of found) {
      findings.push(finding);
      onFinding(finding);
    }
  }
  return findings;
}

/** A line for people. */
export function sayFinding({ what, state, found, todo }: Finding): string {
  const line = `${{ ok: 'ok  ', warn: 'warn', bad: 'BAD ' }[state]}  ${what.padEnd(16)} ${found}`;
  return todo === null ? line : `${line}\n      ${' '.repeat(16)} → ${todo}`;
}

/** How fast the card makes something durable. Pure. @param syncMs of one small file @param bytesPerSecond of a large one */
export function judgeDisk({ syncMs, bytesPerSecond }: { syncMs: number; bytesPerSecond: number }): Seen {
  const found = `a small file is durable after ${Math.round(syncMs)} ms, ${(bytesPerSecond / 1e6).toFixed(0)} MB/s`;
  if (syncMs > 500 || bytesPerSecond < 1e6)
    return warn(
      found,
      'The card is slow or worn out: with intervals below 10 s slots may be late. Use a card of class A1 or better.',
    );
  return ok(found);
}

/** Pure. @param floorBytes below which no picture is taken */
export function judgeSpace({
  freeBytes,
  totalBytes,
  floorBytes,
}: Record<'freeBytes' | 'totalBytes' | 'floorBytes', number>): Seen {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const found = `${gigabytes(freeBytes)} of ${gigabytes(totalBytes)} are free`;
  if (freeBytes < floorBytes)
    return bad(
      `${found}, ${gigabytes(floorBytes)} must stay free: no picture is taken`,
      'Remove what is not needed from this disk, or use a larger card.',
    );
  if (freeBytes < 2 * floorBytes)
    return warn(found, `Below ${gigabytes(floorBytes)} no picture is taken: make room in time.`);
  return ok(found);
}

const NEEDED = ['h264', 'hevc', 'mjpeg'];
const OLDEST_FFMPEG = 4;

/** Pure. @param decoders the output of `ffmpeg -decoders` */
export function judgeFfmpeg(version: string | null, decoders: string): Seen {
  if (version === null)
    return bad(
      'it cannot be started',
      'Install it (sudo apt-get install ffmpeg), or name its path with SLOWLIGHT_AGENT_FFMPEG.',
    );
  const missing = NEEDED.filter((name) => !new RegExp(`^ *V\\S* +${name}\\b`, 'm').test(decoders));
  if (missing.length > 0)
    return bad(
      `${version}, without decoders for ${missing.join(', ')}`,
      'Install an ffmpeg that has them: that of Debian and of Raspberry Pi OS does.',
    );
  const major = Number(/^n?(\d+)/.exec(version)?.[1] ?? Number.NaN);
  if (major < OLDEST_FFMPEG)
    return warn(version, `Versions before ${OLDEST_FFMPEG} are not tested: bring the system up to date.`);
  return ok(`${version}, decodes ${NEEDED.join(', ')}`);
}
