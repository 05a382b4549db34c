import { createHash } from 'node:crypto';
import {
  type AgentId,
  agentCreated,
  type CameraId,
  cameraView,
  type FrameId,
  frameIdOf,
  frameKey,
  newSessionId,
  siteView,
  type TimelapseId,
  thumbnailKey,
} from '@slowlight/protocol';
import { newKeyPair } from '@slowlight/protocol/kit';
import type { Client, HttpServer } from './http-server.ts';

const BOOT = '00000000-0000-0000-0000-000000000001';

/** A site with an agent that has been online and a camera, made through the API. */
export async function arrange(server: HttpServer) {
  const { client: admin } = await server.logIn();
  const site = siteView.parse(
    (await admin('POST', '/api/sites', { body: { name: 'Garden', timeZone: 'Europe/Vienna' } })).body,
  );
  const made = agentCreated.parse(
    (await admin('POST', '/api/agents', { body: { siteId: site.id, name: 'Shed' } })).body,
  );
  const keys = newKeyPair();
  await comeOnline(server, made.agent.id, keys.publicKey);
  const camera = await makeCamera(admin, made.agent.id, 'Roses');
  return { admin, site, agent: made.agent, secret: made.secret, keys, camera };
}

export async function makeCamera(admin: Client, agentId: AgentId, name: string) {
  const body = { agentId, name, source: { kind: 'test' } };
  return cameraView.parse((await admin('POST', '/api/cameras', { body })).body);
}

/** The agent says that it is online, as ingest would have recorded it. */
export async function comeOnline(server: HttpServer, agent: AgentId, publicKey: string): Promise<void> {
  const now = Date.now();
  await server.records.recordStatus(agent, {
    v: 1,
    session: newSessionId(),
    sentAt: now,
    type: 'agent.status',
    body: {
      status: 'online',
      bootId: BOOT as never,
      version: '0.1.0',
      startedAt: now,
      settingsVersion: 0,
      capabilities: [],
      publicKey,
    },
  });
}

export interface NewPicture {
  agent: AgentId;
  camera: CameraId;
  seq: number;
  bytes: Buffer;
  /** With a slot when the timelapse is named. */
  timelapse?: TimelapseId;
  takenAt?: number;
}

/** A frame that is announced, uploaded and verified, as ingest would have recorded it. */
export async function recordFrame(server: HttpServer, picture: NewPicture): Promise<FrameId> {
  const id = await announceFrame(server, picture);
  await server.objects.write(frameKey(id, 'image/jpeg'), picture.bytes, 'image/jpeg');
  await server.records.pictureStored(id);
  return id;
}

export async function announceFrame(server: HttpServer, picture: NewPicture): Promise<FrameId> {
  const { agent, camera, seq, bytes, timelapse, takenAt = Date.now() } = picture;
  const id = frameIdOf(agent, seq);
  const frame = {
    frameId: id,
    cameraId: camera,
    takenAt,
    bootId: BOOT as never,
    monotonicMs: 1,
    clock: 'synchronised' as const,
    widthPx: 64,
    heightPx: 48,
    sourceWidthPx: 64,
    sourceHeightPx: 48,
    type: 'image/jpeg' as const,
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ageAtSlotMs: timelapse === undefined ? null : 0,
    verdict: { score: 100, faults: [], measures: {}, judge: 'fast-1' },
  };
  const common = { v: 1 as const, seq, session: newSessionId(), sentAt: takenAt };
  const event =
    timelapse === undefined
      ? { ...common, type: 'frame.taken' as const, body: { commandId: null, frame } }
      : {
          ...common,
          type: 'slot.settled' as const,
          body: { outcome: 'captured' as const, slot: { timelapseId: timelapse, dueAt: takenAt }, frame },
        };
  const [outcome] = await server.records.recordEvents([{ agentId: agent, event, receivedAt: takenAt }]);
  if (outcome?.kind !== 'recorded') throw new Error(`not recorded: ${JSON.stringify(outcome)}`);
  return id;
}

export async function writeThumbnail(server: HttpServer, frame: FrameId, size: 'small' | 'large', bytes: Buffer) {
  await server.objects.write(thumbnailKey(frame, size), bytes, 'image/jpeg');
}
