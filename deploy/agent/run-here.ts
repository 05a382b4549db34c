import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs a program to its end in a folder, with this Node first in the path, so that npm runs in the pinned run time.
 * @returns what it wrote to its output
 * @throws Error with what it wrote to its error output
 */
export async function runHere(program: string, list: readonly string[], folder: string): Promise<string> {
  const places = [path.dirname(process.execPath), process.env.PATH ?? ''].join(path.delimiter);
  // npm says its own settings to what it starts; they are meant for this repository, not for the folder.
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/i.test(name));
  const env = { ...Object.fromEntries(inherited), PATH: places };
  const { stdout } = await execute(program, list, { cwd: folder, env, maxBuffer: 64 * 2 ** 20 });
  return stdout;
}
