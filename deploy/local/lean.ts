/**
 * How the agent's process is started so that it fits a small device, and the control plane's so that it is modest; see docs/decisions/0013-systemd-notify.md for what each saves.
 * The unit of systemd (`deploy/agent/`) says the same.
 */
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A young generation of 1 MB instead of 16 and more, which the agent itself collects: `agent/src/collect-garbage.ts`. */
export const LEAN_NODE: readonly string[] = ['--max-semi-space-size=1', '--optimize-for-size', '--expose-gc'];

/**
 * The control plane: a young generation of 8 MB instead of 16. With 4, events that wait for their commit grow old in it, and
 * an eighth fewer are recorded in a second (`test/bench/ingest.bench.ts`). What a start or a time of much work has taken is
 * given back by itself (`control-plane/src/rest-memory.ts`), so that idle memory does not grow with it
 * (`test/bench/control-plane-memory.bench.ts`).
 */
export const MODEST_NODE: readonly string[] = ['--max-semi-space-size=8', '--expose-gc'];
/** Two places to allocate from instead of eight for each processor: pictures come and go on many threads. */
export const MODEST_MALLOC: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2' };

/**
 * Memory that is freed goes back to the system at once: decoded pictures are large and few at a time, pieces of streams small
 * and many, and each would otherwise hold what lies below it. Source: mallopt(3).
 */
export const LEAN_MALLOC: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '16384',
  MALLOC_TRIM_THRESHOLD_: '32768',
  MALLOC_TOP_PAD_: '0',
};

/**
 * Compiled programs are kept from the first line on. Otherwise `main.ts` is read by Node's TypeScript reader, a program of
 * 15 MB that stays, before it can say so itself. The folder is the one that Node uses by default.
 */
export const LEAN_START: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: path.join(tmpdir(), 'node-compile-cache'),
};
