import { flushCompileCache, getCompileCacheDir } from 'node:module';

/** Said to the process that takes this one's place, so that it never does the same. */
const AGAIN = '--compiled';
/** Node's own reader of TypeScript, a program of some 15 MB that stays in memory once it was needed. */
const READER = 'internal/deps/amaro';

/**
 * What is read from the compile cache needs no reader of TypeScript. At the first start on a machine, and after an update,
 * nothing is there yet: then all programs are loaded and compiled, the cache is written, and this process begins again in its
 * own place (execve: same process id, same input and output), a second later and so much smaller. To be called before
 * anything is opened. Where a run time cannot do that, nothing happens; where no cache is kept from the first line on, it is of no use.
 * @param load imports everything that will ever be needed
 * @param stop aborted by whoever wants this process to end: then it does not begin again
 */
export async function beginCompiled(load: () => Promise<unknown>, stop: AbortSignal): Promise<void> {
  if (process.argv.includes(AGAIN) || !('execve' in process)) return;
  if (getCompileCacheDir() === undefined || !readsTypeScript()) return;
  await load();
  if (stop.aborted) return;
  flushCompileCache();
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1), AGAIN]);
}

/** The list is not promised by Node; where it is another one day, nothing is gained and nothing lost. */
function readsTypeScript(): boolean {
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] };
  return moduleLoadList?.some((name) => name.includes(READER)) === true;
}
