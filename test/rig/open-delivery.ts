import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createDelivery } from '@slowlight/agent/src/deliver.ts';
import { createAllowance } from '@slowlight/agent/src/delivery/allowance.ts';
import { createCarrier } from '@slowlight/agent/src/delivery/carrier.ts';
import { createCircuits } from '@slowlight/agent/src/delivery/circuits.ts';
import { createTelling } from '@slowlight/agent/src/delivery/telling.ts';
import { createUploadDesk } from '@slowlight/agent/src/delivery/upload-desk.ts';
import { createUplink } from '@slowlight/agent/src/uplink/uplink.ts';
import { createUploader } from '@slowlight/agent/src/uplink/upload.ts';
import { type DeliverySettings, type FrameId, newAgentId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { onTestFinished } from 'vitest';
import { createHeardLog, makeFrame, openTestBuffer } from './agent-parts.ts';
import { openFolder } from './folder.ts';
import { openTinyCloud } from './tiny-cloud.ts';

/** Buffer, line and delivery of an agent, without cameras: frames are put into the buffer by hand. */
export async function openDelivery({ quarantineAfter = 3, repeatMs = 1000, uploadTimeoutMs = 5000 } = {}) {
  const folder = await openFolder();
  const agentId = newAgentId();
  const cloud = await openTinyCloud(agentId);
  const clock = systemClock;
  const log = createHeardLog();
  const buffer = await openTestBuffer(folder, { agentId, log, quarantineAfter });
  const uploader = createUploader(clock, { timeoutMs: uploadTimeoutMs, atOnce: 3, ca: null, mayReach: () => true });
  onTestFinished(() => uploader.close());
  const uplink = createUplink(
    {
      clock,
      log,
      online: () => ({
        status: 'online',
        bootId: 'boot-of-the-test' as never,
        version: '0',
        startedAt: 0,
        settingsVersion: 0,
        capabilities: [],
        publicKey: `${'A'.repeat(43)}=`,
      }),
      onReceipt: (receipt) => delivery.onReceipt(receipt),
      onGrants: (message) => delivery.onGrants(message),
      onListening: (listening) => delivery.onListening(listening),
      onCut: () => delivery.onCut(),
      onSettings() {},
      onCommand() {},
    },
    { url: cloud.brokerUrl, agentId, login: () => ({ username: agentId, secret: 'secret-of-the-test' }), ca: null },
  );
  const telling = createTelling({ clock, publish: uplink.publish, ...buffer }, { repeatMs });
  const circuits = createCircuits(clock);
  const limits: { delivery: DeliverySettings | undefined } = { delivery: undefined };
  const allowance = createAllowance({
    clock,
    log,
    settings: () => ({ ...limits, timeZone: 'UTC' }),
    sentBytes: buffer.sentBytes,
  });
  const desk = createUploadDesk({
    clock,
    held: (lane, bytes) => allowance.hold(lane, bytes) !== null,
    mayTry: (url) => circuits.mayTry(circuits.hostOf(url)),
    lastSeq: buffer.lastSeq,
    newestOfEachCamera: buffer.newestOfEachCamera,
    waiting: buffer.waiting,
    ask: telling.sayAgain,
    askedAgoMs: telling.saidAgoMs,
    postpone: (frame, afterMs, reason) => buffer.postpone(frame, afterMs, reason, false),
  });
  const { upload } = uploader;
  const delivery = createDelivery({
    clock,
    log,
    buffer,
    telling,
    desk,
    allowance,
    createCarrier: (on) =>
      createCarrier(
        { clock, log, buffer, desk, circuits, allowance, telling, upload, ...on },
        { uploadsAtOnce: 3, quarantineAfter },
      ),
  });
  const start = () => {
    const stopping = new AbortController();
    const ended = Promise.all([uplink.run(stopping.signal), delivery.run(stopping.signal)]);
    const stop = async () => {
      stopping.abort();
      await ended;
    };
    onTestFinished(stop);
    return stop;
  };
  const keep = async (more: Parameters<typeof makeFrame>[0] = {}): Promise<FrameId> => {
    const result = await buffer.commitFrame(makeFrame(more));
    delivery.wake();
    if (result.kind !== 'kept') throw new Error(result.kind);
    return result.frame.frameId;
  };
  const keepMany = async (count: number, more: Parameters<typeof makeFrame>[0] = {}) => {
    const frames: FrameId[] = [];
    for (let index = 0; index < count; index += 1) frames.push(await keep(more));
    return frames;
  };
  const filesLeft = async () =>
    (await readdir(path.join(folder, 'data', 'frames'), { recursive: true })).filter((name) => name.endsWith('.jpg'));
  return { agentId, folder, cloud, log, buffer, uplink, delivery, limits, allowance, start, keep, keepMany, filesLeft };
}
