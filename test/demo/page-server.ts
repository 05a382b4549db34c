import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Vite's server for the dashboard's sources, which passes requests of the API on to a running control plane: a page that
 * changes as it is written.
 * @param address the control plane's
 * @throws Error with what it said when it does not start
 */
export async function startPageServer(address: string): Promise<{ address: string; close(): Promise<void> }> {
  const child = spawn(process.execPath, [path.join(root, 'node_modules/vite/bin/vite.js'), '--host', '127.0.0.1'], {
    cwd: path.join(root, 'control-plane/dashboard'),
    env: { ...process.env, SLOWLIGHT_PUBLIC_URL: address, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => said.push(line));
  const page = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /https?:\/\/[\w.:[\]]+\//.exec(line);
      if (found !== null) resolve(found[0]);
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(said.join('\n'))));
  });
  return {
    address: page,
    async close() {
      child.kill('SIGTERM');
      await closed;
    },
  };
}
