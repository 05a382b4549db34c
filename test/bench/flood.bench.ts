import { fork } from 'node:child_process';
import path from 'node:path';
import { until } from '../rig/until.ts';
import { openLines } from './fleet-of-lines/scene.ts';
import type { Bench } from './run.ts';

const AGENTS = 20;
const EVERY_MS = 200;
const LINES = 600;

export const bench: Bench = {
  question:
    'What do agents and memory notice of strangers who flood the broker (silent, byte by byte, large, wrong logins, no MQTT; 600 lines at once), against the same minute without them? Arguments: seconds.',
  async run(report, args) {
    const ms = Number(args[0] ?? 20) * 1000;
    const scene = await openLines(AGENTS);
    const measure = async (when: string) => {
      scene.anew();
      await new Promise((resolve) => setTimeout(resolve, ms));
      const { connected, receiptP50Ms, receiptP99Ms, receipts } = await scene.figures();
      report(`${when}, agents connected`, connected, '');
      report(`${when}, receipts`, receipts / (ms / 1000), '/s');
      report(`${when}, sent → receipt, p50`, receiptP50Ms, 'ms');
      report(`${when}, sent → receipt, p99`, receiptP99Ms, 'ms');
      report(`${when}, memory`, (await scene.memory()).now, 'MB');
    };
    try {
      scene.begin(EVERY_MS);
      await until('all are in', async () => (await scene.figures()).answered === AGENTS, 60_000);
      await measure('without');
      let counts = { opened: 0, bytes: 0 };
      const flooder = fork(path.join(import.meta.dirname, 'fleet-of-lines/flooder.ts'), [
        String(scene.port),
        String(LINES),
      ]);
      flooder.on('message', (message) => {
        counts = message as typeof counts;
      });
      await measure('flooded');
      report('flood, connections opened', counts.opened / (ms / 1000), '/s');
      report('flood, bytes', counts.bytes / 1e6 / (ms / 1000), 'MB/s');
      flooder.kill();
      await measure('after');
      report('memory, the most', (await scene.memory()).most, 'MB');
    } finally {
      await scene.close();
    }
  },
};
