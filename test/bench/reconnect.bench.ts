import { until } from '../rig/until.ts';
import { openLines } from './fleet-of-lines/scene.ts';
import type { Bench } from './run.ts';

const EVERY_MS = 10_000;

export const bench: Bench = {
  question:
    'How soon are all agents of a fleet back, each with a receipt, after the broker was killed and started again, and what do ingest and memory do meanwhile? Arguments: agents.',
  async run(report, args) {
    const agents = Number(args[0] ?? 1000);
    const scene = await openLines(agents);
    try {
      scene.begin(EVERY_MS);
      await until('all have had a receipt', async () => (await scene.figures()).answered === agents, 120_000);
      scene.anew();
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      const quiet = await scene.figures();
      report('sent → receipt with all connected, p50', quiet.receiptP50Ms, 'ms');
      report('sent → receipt with all connected, p99', quiet.receiptP99Ms, 'ms');
      report('memory with all connected', (await scene.memory()).now, 'MB');
      await scene.kill();
      await until('all have lost it', async () => (await scene.figures()).connected === 0);
      await scene.start();
      scene.anew();
      await until('all are back', async () => (await scene.figures()).answered === agents, 120_000);
      const back = await scene.figures();
      report('ready → all back with a receipt', back.lastAnsweredMs / 1000, 's');
      report('sent → receipt meanwhile, p50', back.receiptP50Ms, 'ms');
      report('sent → receipt meanwhile, p99', back.receiptP99Ms, 'ms');
      report('memory, the most', (await scene.memory()).most, 'MB');
    } finally {
      await scene.close();
    }
  },
};
