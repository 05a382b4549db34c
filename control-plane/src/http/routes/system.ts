import { systemView } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { type Api, problems } from '../api.ts';
import type { HttpRecords } from '../deps.ts';

export function systemRoutes(
  app: Api,
  deps: {
    records: HttpRecords;
    clock: Clock;
    brokerUrl: () => string;
    version: string;
    minIntervalMs: number;
  },
  done: () => void,
): void {
  const { records, clock, version, minIntervalMs } = deps;
  app.route({
    method: 'GET',
    url: '/api/system',
    config: { access: 'viewer', site: 'anywhere' },
    schema: { tags: ['system'], summary: 'The control plane itself', response: { 200: systemView, ...problems } },
    async handler() {
      const [totals, jobs] = await Promise.all([records.totals(), records.jobCounts()]);
      const { waiting, running, dead } = jobs;
      return {
        version,
        serverTime: clock.now(),
        minIntervalMs,
        records: totals,
        jobs: { waiting, running, dead },
        brokerUrl: deps.brokerUrl(),
      };
    },
  });
  done();
}
