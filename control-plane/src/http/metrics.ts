/** Figures for operators, in Prometheus' form, on a registry of our own. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  answered(request: { method: string; route: string; status: number; seconds: number }): void;
  /** Gauges that are asked for when somebody looks. */
  watch(sources: MetricSources): void;
  text(): Promise<{ type: string; body: string }>;
}

export interface MetricSources {
  jobs: () => Promise<Record<string, number>>;
  totals: () => Promise<{ frames: number; bytes: number }>;
  feedViewers: () => number;
  agentsConnected: () => number;
  /** What has been counted since the start, by what it is, such as `events`, `receipts`, `dropped`. */
  ingest: () => Readonly<Record<string, number>>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'slowlight_' });
  const requests = new Histogram({
    name: 'slowlight_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });

  function watch(sources: MetricSources): void {
    new Gauge({
      name: 'slowlight_jobs',
      help: 'Jobs, by state',
      labelNames: ['state'],
      registers,
      async collect() {
        for (const [state, count] of Object.entries(await sources.jobs())) this.set({ state }, count);
      },
    });
    const bytes = new Gauge({ name: 'slowlight_frame_bytes_stored', help: 'Bytes of their pictures', registers });
    new Gauge({
      name: 'slowlight_frames_stored',
      help: 'Frames whose picture is in the store',
      registers,
      async collect() {
        const totals = await sources.totals();
        this.set(totals.frames);
        bytes.set(totals.bytes);
      },
    });
    for (const [name, help, source] of [
      ['slowlight_sse_viewers', 'Viewers of the feed', sources.feedViewers],
      ['slowlight_agents_connected', 'Agents connected to the broker', sources.agentsConnected],
    ] as const)
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(source());
        },
      });
    new Counter({
      name: 'slowlight_ingest_total',
      help: 'Since the start: events (all, duplicates, refused), dead letters, statuses, receipts, grants, verified and refused uploads, messages dropped for want of memory',
      labelNames: ['what'],
      registers,
      collect() {
        this.reset();
        for (const [what, count] of Object.entries(sources.ingest())) this.inc({ what }, count);
      },
    });
  }

  return {
    answered: ({ method, route, status, seconds }) => requests.observe({ method, route, status }, seconds),
    watch,
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  };
}
