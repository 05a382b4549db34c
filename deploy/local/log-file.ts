import { createWriteStream } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import type { LogLine } from './program.ts';

/** A log file that is begun anew when it has grown beyond this; the one before is kept. */
const MOST_BYTES = 20_000_000;

/** Appends log lines as JSON to a file. */
export async function openLogFile(file: string): Promise<{ write(line: LogLine): void; close(): Promise<void> }> {
  const size = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  if (size > MOST_BYTES) await rename(file, `${file}.1`);
  const handle = await open(file, 'a', 0o600);
  const stream = createWriteStream(file, { fd: handle.fd, autoClose: false });
  return {
    write: (line) => {
      stream.write(`${JSON.stringify(line)}\n`);
    },
    async close() {
      await new Promise<void>((resolve) => stream.end(resolve));
      await handle.close();
    },
  };
}
