import { createHash } from 'node:crypto';
import path from 'node:path';
import type { FramePicture, ObjectStore } from '@slowlight/control-plane/src/frame.ts';
import { openVideoRunner, type VideoDeps, type VideoOptions } from '@slowlight/control-plane/src/render/video.ts';
import {
  type AgentId,
  type FrameId,
  frameIdOf,
  frameKey,
  newAgentId,
  newCameraId,
  newTimelapseId,
  newVideoId,
  type VideoInput,
  type VideoView,
} from '@slowlight/protocol';
import { type Clock, systemClock } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { openDirectoryStore } from './directory-store.ts';
import { openFolder } from './folder.ts';
import { createQuietLog } from './quiet-log.ts';

/** A picture of one colour that depends on `index`, so that each is another one. */
export function drawPicture(widthPx: number, heightPx: number, index = 0): Promise<Buffer> {
  const background = { r: (index * 37) % 256, g: (index * 91) % 256, b: (index * 13) % 256 };
  return sharp({ create: { width: widthPx, height: heightPx, channels: 3, background } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

export async function storeFrame(
  store: ObjectStore,
  bytes: Buffer,
  {
    agent = newAgentId(),
    seq = 1,
    type = 'image/jpeg',
  }: { agent?: AgentId; seq?: number; type?: FramePicture['type'] } = {},
): Promise<FramePicture> {
  const frameId: FrameId = frameIdOf(agent, seq);
  const key = frameKey(frameId, type);
  await store.write(key, bytes, type);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const common = { frameId, agentId: agent, cameraId: newCameraId(), timelapseId: null, key, type, sha256 };
  return { ...common, sizeBytes: bytes.length, widthPx: 1, heightPx: 1 };
}

type Film = Parameters<VideoDeps['records']['videoReady']>[1];

/** A store with frames, and a runner whose records are these frames and remember what they are told. */
export async function openFilm(
  frames: readonly Buffer[],
  input: Partial<VideoInput> = {},
  { clock = systemClock, ...options }: Partial<VideoOptions> & { clock?: Clock } = {},
) {
  const { store } = await openDirectoryStore();
  const agent = newAgentId();
  const pictures: FramePicture[] = [];
  for (const [index, bytes] of frames.entries())
    pictures.push(await storeFrame(store, bytes, { agent, seq: index + 1 }));
  const id = newVideoId();
  const told = {
    progress: [] as number[],
    ready: null as Film | null,
    wanted: true,
    state: 'queued' as VideoView['state'],
  };
  const wholeInput: VideoInput = {
    timelapseId: newTimelapseId(),
    fps: 24,
    heightPx: null,
    quality: 'low',
    from: null,
    to: null,
    flagged: false,
    ...input,
  };
  const records: VideoDeps['records'] = {
    async videoPlan() {
      const video = { id, state: told.state } as VideoView;
      return { video, input: wholeInput, frames: pictures };
    },
    async videoProgressed(_, framesDone) {
      told.progress.push(framesDone);
    },
    async videoReady(_, film) {
      if (told.wanted) told.ready = film;
      return told.wanted;
    },
  };
  const log = createQuietLog();
  const workFolder = path.join(await openFolder(), 'work');
  const run = await openVideoRunner({ clock, log, objects: store, records }, { workFolder, ...options });
  return { store, id, told, log, workFolder, pictures, run: (signal: AbortSignal) => run({ subject: id }, signal) };
}
