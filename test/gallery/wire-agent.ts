/**
 * An agent that takes no pictures: it says over the real wire what it is told to say, and delivers pictures that somebody
 * painted, with the grants that the control plane gives. For benches and screenshots.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type AgentId, type FrameId, frameIdOf, type Grant, topics } from '@slowlight/protocol';
import { connectWire } from '../bench/ingest/mqtt-wire.ts';
import { put } from '../rig/put.ts';

const STATUS_MS = 30_000;

export interface WireAgent {
  id: AgentId;
  /** Says an event; gives its seq. */
  say(type: string, body: unknown): number;
  /** Says a captured slot and delivers its picture; resolves when the control plane has verified it, with the frame's id. */
  deliver(frame: WireFrame): Promise<FrameId>;
  /** Says it and keeps the picture. */
  announce(frame: WireFrame): FrameId;
  close(): void;
}
export interface WireFrame {
  cameraId: string;
  timelapseId: string;
  dueAt: number;
  jpeg: Buffer;
  widthPx: number;
  heightPx: number;
  score?: number;
  faults?: readonly string[];
}

export async function connectWireAgent(login: {
  brokerUrl: string;
  id: AgentId;
  secret: string;
  settingsVersion?: number;
}): Promise<WireAgent> {
  const { id, secret } = login;
  const { hostname, port } = new URL(login.brokerUrl);
  const session = `ses-${randomBytes(8).toString('hex')}`;
  let seq = 0;
  /** Delivered by us, not yet let go. */
  const waiting = new Map<FrameId, { jpeg: Buffer; done: () => void }>();
  const envelope = (type: string, body: unknown) => ({ v: 1, session, sentAt: Date.now(), type, body });

  async function upload(grant: Grant): Promise<void> {
    const picture = waiting.get(grant.frameId);
    if (picture === undefined) return;
    await put(grant.url, { ...grant.headers, 'content-length': String(grant.sizeBytes) }, picture.jpeg);
    say('frame.uploaded', { frameId: grant.frameId, sha256: grant.sha256, sizeBytes: grant.sizeBytes });
  }
  const client = await connectWire({
    host: hostname,
    port: Number(port),
    clientId: id,
    password: secret,
    subscribe: [topics.agentReceipts(id), topics.agentGrants(id), topics.agentCommands(id)],
    onMessage(_, payload) {
      const message = JSON.parse(payload.toString()) as { body: { forget?: FrameId[]; grants?: Grant[] } };
      for (const grant of message.body.grants ?? []) void upload(grant);
      for (const frame of message.body.forget ?? []) {
        waiting.get(frame)?.done();
        waiting.delete(frame);
      }
    },
  });
  const sayOnline = () =>
    client.publish(
      topics.agentStatus(id),
      JSON.stringify(
        envelope('agent.status', {
          status: 'online',
          bootId: 'boot-0001',
          version: '0.1.0',
          startedAt: Date.now(),
          settingsVersion: login.settingsVersion ?? 1,
          capabilities: [],
          publicKey: Buffer.alloc(32, 1).toString('base64'),
        }),
      ),
    );

  sayOnline();
  // The wire speaks no pings: whoever says nothing for a minute and a half is taken for gone.
  const often = setInterval(sayOnline, STATUS_MS);
  often.unref();

  function say(type: string, body: unknown): number {
    seq += 1;
    client.publish(topics.agentEvents(id), JSON.stringify({ ...envelope(type, body), seq }));
    return seq;
  }
  function announce(frame: WireFrame, done = () => {}): FrameId {
    const { cameraId, timelapseId, dueAt, jpeg, widthPx, heightPx, score = 97, faults = [] } = frame;
    const frameId = frameIdOf(id, seq + 1);
    waiting.set(frameId, { jpeg, done });
    say('slot.settled', {
      outcome: faults.length > 0 ? 'flagged' : 'captured',
      slot: { timelapseId, dueAt },
      frame: {
        frameId,
        cameraId,
        takenAt: dueAt + 40,
        bootId: 'boot-0001',
        monotonicMs: dueAt % 1_000_000_000,
        clock: 'synchronised',
        widthPx,
        heightPx,
        sourceWidthPx: widthPx,
        sourceHeightPx: heightPx,
        type: 'image/jpeg',
        sizeBytes: jpeg.length,
        sha256: createHash('sha256').update(jpeg).digest('hex'),
        ageAtSlotMs: 12.25,
        verdict: { score, faults, measures: { brightness: 90 + ((dueAt / 60_000) % 40) }, judge: 'fast-1' },
      },
    });
    return frameId;
  }
  return {
    id,
    say,
    announce,
    deliver: (frame) =>
      new Promise((resolve) => {
        const frameId: FrameId = announce(frame, () => resolve(frameId));
      }),
    close() {
      clearInterval(often);
      client.end();
    },
  };
}
