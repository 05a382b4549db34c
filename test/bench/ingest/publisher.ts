/**
 * The agents of the bench `ingest`, in a process of their own: each announces frames as fast as receipts let it, with a
 * bounded number of events that no receipt has named yet. Takes its task and gives its figures over IPC.
 */
import { once } from 'node:events';
import { type AgentId, frameIdOf, topics } from '@slowlight/protocol';
import { quantile } from '../quantile.ts';
import { connectWire, type WireClient } from './mqtt-wire.ts';

export interface PublisherTask {
  host: string;
  port: number;
  seconds: number;
  /** Events without a receipt, of each agent. */
  window: number;
  agents: { id: AgentId; secret: string; cameraId: string; timelapseId: string; seq: number }[];
}
export interface PublisherFigures {
  eventsPerSecond: number;
  receiptP50Ms: number;
  receiptP99Ms: number;
  /** The share of a core that this process took. */
  cores: number;
  /** How far each agent is now. */
  seqs: number[];
}

const DIGEST = '0123456789abcdef'.repeat(4);

/** What a real agent sends for a captured slot; the measures are those of the fast judge. */
function announcement(agent: PublisherTask['agents'][number], seq: number, now: number): string {
  const dueAt = 1_700_000_000_000 + seq * 1000;
  return `{"v":1,"seq":${seq},"session":"ses-0000000000000000","sentAt":${now},"type":"slot.settled","body":{"outcome":"captured","slot":{"timelapseId":"${agent.timelapseId}","dueAt":${dueAt}},"frame":{"frameId":"${frameIdOf(agent.id, seq)}","cameraId":"${agent.cameraId}","takenAt":${dueAt + 40},"bootId":"6d0f6d4e-0001","monotonicMs":${seq * 1000.5},"clock":"synchronised","widthPx":1920,"heightPx":1080,"sourceWidthPx":1920,"sourceHeightPx":1080,"type":"image/jpeg","sizeBytes":${350_000 + (seq % 1000)},"sha256":"${DIGEST}","ageAtSlotMs":12.25,"verdict":{"score":96,"faults":[],"measures":{"meanLuma":101.5,"p01":4,"p99":231,"darkShare":0.02,"flatShare":0.11,"clippedShare":0.01,"entropy":7.1},"judge":"fast-1"}}}}`;
}

async function run({ host, port, seconds, window, agents }: PublisherTask): Promise<PublisherFigures> {
  const latencies: number[] = [];
  let recorded = 0;
  let over = false;
  const states = agents.map((agent) => ({
    agent,
    seq: agent.seq,
    upTo: agent.seq,
    sentAt: [] as number[],
    first: agent.seq + 1,
  }));
  const clients: WireClient[] = [];
  const fill = (index: number) => {
    const state = states[index];
    const client = clients[index];
    if (state === undefined || client === undefined || over) return;
    while (state.seq - state.upTo < window) {
      state.seq += 1;
      state.sentAt.push(performance.now());
      client.publish(topics.agentEvents(state.agent.id), announcement(state.agent, state.seq, Date.now()));
    }
  };
  for (const [index, state] of states.entries()) {
    const { id, secret } = state.agent;
    const receipts = topics.agentReceipts(id);
    clients.push(
      await connectWire({
        host,
        port,
        clientId: id,
        password: secret,
        subscribe: [receipts, topics.agentGrants(id)],
        onMessage(topic, payload) {
          if (topic !== receipts) return;
          const { body } = JSON.parse(payload.toString()) as { body: { recordedUpTo: number } };
          const now = performance.now();
          for (; state.upTo < body.recordedUpTo; state.upTo += 1) {
            latencies.push(now - (state.sentAt[state.upTo + 1 - state.first] ?? Number.NaN));
            if (!over) recorded += 1;
          }
          fill(index);
        },
      }),
    );
  }
  const cpu = process.cpuUsage();
  const begin = performance.now();
  for (const index of states.keys()) fill(index);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  over = true;
  const elapsedMs = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  // What is on its way is waited for, so that every event has its receipt.
  const patience = performance.now() + 30_000;
  while (states.some(({ upTo, seq }) => upTo < seq) && performance.now() < patience)
    await new Promise((resolve) => setTimeout(resolve, 20));
  for (const client of clients) client.end();
  if (states.some(({ upTo, seq }) => upTo < seq)) throw new Error('some events were never named by a receipt');
  return {
    eventsPerSecond: (recorded / elapsedMs) * 1000,
    receiptP50Ms: quantile(latencies, 0.5),
    receiptP99Ms: quantile(latencies, 0.99),
    cores: (user + system) / 1000 / elapsedMs,
    seqs: states.map(({ seq }) => seq),
  };
}

const [task] = (await once(process, 'message')) as [PublisherTask];
const figures = await run(task);
process.send?.(figures, () => process.exit(0));
