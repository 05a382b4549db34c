import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { addresses, startControlPlane } from '@slowlight/deploy/local/product.ts';
import type { Bench } from './run.ts';

/** `control-plane-memory [seconds = 30] [starts = 3]` */
export const bench: Bench = {
  question:
    'How much memory does the process of an idle control plane hold, as it is started by npm start? (bar: 150 MB)',
  async run(report, [seconds = '30', starts = '3']) {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    const environment = {
      ...{ SLOWLIGHT_HTTP_PORT: '0', SLOWLIGHT_BROKER_PORT: '0', SLOWLIGHT_WEATHER: 'off' },
      // Its own, so that the first start is one on a machine that has never seen the product.
      NODE_COMPILE_CACHE: path.join(dataDir, 'compile-cache'),
    };
    try {
      for (let start = 1; start <= Number(starts); start += 1) {
        const program = startControlPlane({ dataDir, environment, onLine: () => {} });
        await addresses(program);
        await wait(Number(seconds) * 1000);
        const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
        const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
        report(`resident, start ${start}`, kilobytes('VmRSS') / 1000, 'MB');
        report(`resident, most so far, start ${start}`, kilobytes('VmHWM') / 1000, 'MB');
        await program.stop();
      }
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};
