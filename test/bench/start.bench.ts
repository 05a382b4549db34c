import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addresses, startAgent, startControlPlane } from '@slowlight/deploy/local/product.ts';
import { quantile } from './quantile.ts';
import type { Bench } from './run.ts';

const ROUNDS = 15;
const SETTINGS = { SLOWLIGHT_HTTP_PORT: '0', SLOWLIGHT_BROKER_PORT: '0' };

export const bench: Bench = {
  question: 'How long after a power cut does each program work again: from process start to its line "ready"?',
  async run(report) {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
    const cloud: number[] = [];
    const edge: number[] = [];
    try {
      for (let round = 0; round <= ROUNDS; round += 1) {
        const begin = performance.now();
        const controlPlane = startControlPlane({ dataDir, environment: SETTINGS, onLine: () => {} });
        const { brokerUrl } = await addresses(controlPlane);
        const cloudMs = performance.now() - begin;
        const again = performance.now();
        const agent = startAgent({ dataDir, agentEnvironment: {}, brokerUrl, onLine: () => {} });
        await agent.ready;
        const edgeMs = performance.now() - again;
        if (round === 0) {
          report('control plane, first start on an empty folder', cloudMs, 'ms');
          report('agent, first start on an empty folder', edgeMs, 'ms');
        } else {
          cloud.push(cloudMs);
          edge.push(edgeMs);
        }
        await agent.stop();
        await controlPlane.stop();
      }
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
    for (const [name, times] of [['control plane', cloud] as const, ['agent', edge] as const]) {
      report(`${name}, median of ${ROUNDS}`, quantile(times, 0.5), 'ms');
      report(`${name}, slowest of ${ROUNDS}`, quantile(times, 1), 'ms');
    }
  },
};
