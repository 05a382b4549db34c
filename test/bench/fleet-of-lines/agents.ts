/**
 * Many light agents in a process of their own: real MQTT, the real back-off between connections, a status and events of the
 * real size, each event said again until its receipt comes. Takes its task and gives figures over IPC.
 */
import { type AgentId, topics } from '@slowlight/protocol';
import { backoffMs } from '@slowlight/protocol/kit';
import { connectWire, type WireClient } from '../ingest/mqtt-wire.ts';
import { quantile } from '../quantile.ts';

export interface LineAgent {
  id: AgentId;
  secret: string;
}
export interface LinesTask {
  host: string;
  port: number;
  agents: LineAgent[];
  /** Between two events of an agent, ms. */
  everyMs: number;
}
export interface LinesFigures {
  connected: number;
  /** Of the agents, those that had a receipt since the figures were begun anew. */
  answered: number;
  /** Until the last of them had its first receipt, ms since then. */
  lastAnsweredMs: number;
  receiptP50Ms: number;
  receiptP99Ms: number;
  receipts: number;
}

/** As the agent's own uplink waits. */
const BACKOFF = { firstMs: 1000, mostMs: 20_000 };
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

let begun = performance.now();
let delays: number[] = [];
const answeredAt = new Map<AgentId, number>();
let connected = 0;

async function live({ host, port, everyMs }: LinesTask, { id, secret }: LineAgent): Promise<void> {
  let failures = 0;
  let seq = 0;
  for (;;) {
    let sentAt: number | null = null;
    const heard = Promise.withResolvers<void>();
    let lost = () => {};
    const gone = new Promise<void>((resolve) => {
      lost = resolve;
    });
    let client: WireClient;
    try {
      client = await connectWire({
        host,
        port,
        clientId: id,
        password: secret,
        subscribe: [
          topics.cloudStatus,
          topics.agentStatus(id),
          topics.agentReceipts(id),
          topics.agentGrants(id),
          topics.agentSettings(id),
          topics.agentCommands(id),
        ],
        onLost: () => lost(),
        onMessage(topic, payload) {
          // As the agent does: nothing is said before somebody listens.
          if (topic === topics.cloudStatus && payload.includes('"listening"')) heard.resolve();
          if (topic !== topics.agentReceipts(id) || sentAt === null) return;
          const { recordedUpTo } = (JSON.parse(payload.toString()) as { body: { recordedUpTo: number } }).body;
          if (recordedUpTo < seq) return;
          delays.push(performance.now() - sentAt);
          sentAt = null;
          if (!answeredAt.has(id)) answeredAt.set(id, performance.now());
        },
      });
    } catch {
      failures += 1;
      await wait(backoffMs(failures, BACKOFF));
      continue;
    }
    failures = 0;
    connected += 1;
    let open = true;
    void gone.then(() => {
      open = false;
    });
    await Promise.race([heard.promise, gone]);
    let firstSentAt = 0;
    while (open) {
      // Said again as it was after 30 s, as the agent does.
      if (sentAt === null) {
        seq += 1;
        sentAt = performance.now();
        firstSentAt = sentAt;
        client.publish(topics.agentEvents(id), report(seq));
      } else if (performance.now() - firstSentAt > 30_000) {
        firstSentAt = performance.now();
        client.publish(topics.agentEvents(id), report(seq));
      }
      await Promise.race([gone, wait(everyMs * (0.5 + Math.random()))]);
    }
    connected -= 1;
    // What was under way is said again on the next connection, under its number.
    if (sentAt !== null) seq -= 1;
    failures += 1;
    await wait(backoffMs(failures, BACKOFF));
  }
}

/** What an agent says once a minute; the same for the same number, as all that is said again. */
const report = (seq: number): string =>
  `{"v":1,"seq":${seq},"session":"ses-0000000000000000","sentAt":${Date.now()},"type":"device.reported","body":{"at":${1_780_000_000_000 + seq},"uptimeSeconds":86400.1,"diskFreeBytes":10000000000,"diskTotalBytes":30000000000,"memoryFreeBytes":400000000,"memoryTotalBytes":1000000000,"loadAverage":0.31,"temperatureCelsius":51.2,"processMemoryBytes":90000000,"backlogFrames":3,"backlogBytes":1050000,"quarantinedFrames":0,"clock":"synchronised","ffmpegVersion":"7.1.1"}}`;

process.on('message', (message: LinesTask | 'anew' | 'figures') => {
  if (message === 'anew') {
    begun = performance.now();
    delays = [];
    answeredAt.clear();
  } else if (message === 'figures') {
    const figures: LinesFigures = {
      connected,
      answered: answeredAt.size,
      lastAnsweredMs: Math.max(0, ...[...answeredAt.values()].map((at) => at - begun)),
      receiptP50Ms: delays.length === 0 ? 0 : quantile(delays, 0.5),
      receiptP99Ms: delays.length === 0 ? 0 : quantile(delays, 0.99),
      receipts: delays.length,
    };
    process.send?.(figures);
  } else for (const agent of message.agents) void live(message, agent);
});
