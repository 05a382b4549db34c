import type { Readable } from 'node:stream';

/**
 * Calls back once when the input is at its end: a program that was started with a pipe as its input hears in this way that
 * whoever started it is gone, however it went. What is written into the pipe is thrown away.
 */
export function onInputEnd(input: Readable, listener: () => void): void {
  let told = false;
  const tell = () => {
    if (!told) listener();
    told = true;
  };
  input.once('end', tell);
  input.once('close', tell);
  input.once('error', tell);
  input.resume();
}
