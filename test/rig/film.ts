import { createHash } from 'node:crypto';
import path from 'node:path';
import type { FramePicture, ObjectStore } from '@slowlight/control-plane/src/frame.ts';
import type { Job } from '@slowlight/control-plane/src/ports.ts';
import type { FilmFrame, MadeFilm, MadeSegment, PlannedSegment } from '@slowlight/control-plane/src/ports-films.ts';
import type { Encoders } from '@slowlight/control-plane/src/render/encoders.ts';
import type { FilmOverlays } from '@slowlight/control-plane/src/render/overlay/film-overlay.ts';
import {
  createSegmentRunner,
  type RenderOptions,
  type SegmentDeps,
} from '@slowlight/control-plane/src/render/segment.ts';
import { createVideoRunner, type VideoDeps } from '@slowlight/control-plane/src/render/video.ts';
import { openWorkFolder } from '@slowlight/control-plane/src/render/work-folder.ts';
import {
  type AgentId,
  type FrameId,
  frameIdOf,
  frameKey,
  newAgentId,
  newCameraId,
  newJobId,
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

/** Pictures of films stand a minute apart. */
const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 5, 1, 12);

interface KeptSegment extends PlannedSegment {
  made: MadeSegment | null;
}

/** What the records keep of one film and its pieces, in memory. */
function keepFilm(frames: FilmFrame[], input: VideoInput) {
  const id = newVideoId();
  const told = {
    progress: [] as number[],
    ready: null as MadeFilm | null,
    wanted: true,
    encoder: { encoder: null, encoderReason: null } as Pick<VideoView, 'encoder' | 'encoderReason'>,
    state: 'queued' as VideoView['state'],
    /** Addresses of the segments that were made, in the order in which they were. */
    encoded: [] as string[],
  };
  const segments = new Map<string, KeptSegment>();
  let planned: string[] = [];
  const records: VideoDeps['records'] & SegmentDeps['records'] = {
    async videoPlan() {
      const video = { id, state: told.state, framesTotal: frames.length, ...told.encoder } as VideoView;
      return { video, input, frames, about: { name: 'The bridge', timeZone: 'UTC' } };
    },
    async videoReady(_, film) {
      if (told.wanted) told.ready = film;
      return { wanted: told.wanted, replaced: [] };
    },
    async planSegments(_job, _id, wanted) {
      for (const segment of wanted)
        if (!segments.has(segment.address)) segments.set(segment.address, { ...segment, made: null });
      planned = wanted.map(({ address }) => address);
      return planned.every((address) => segments.get(address)?.made) ? 'ready' : 'waits';
    },
    async segmentRecipe(address) {
      const segment = segments.get(address);
      return segment === undefined || segment.made !== null ? null : segment.recipe;
    },
    async segmentProgressed(_, framesDone) {
      told.progress.push(framesDone);
    },
    async segmentReady(address, made) {
      const segment = segments.get(address);
      if (segment === undefined || !told.wanted) return false;
      segment.made = made;
      told.encoded.push(address);
      return true;
    },
    async segmentsOf() {
      return planned.flatMap((address) => {
        const segment = segments.get(address);
        return segment?.made ? [{ ...segment.made, address, frames: segment.frames }] : [];
      });
    },
    async encoderFailed(_, reason) {
      told.encoder = { encoder: 'software', encoderReason: reason };
      planned = [];
    },
    async segmentLost(address) {
      const segment = segments.get(address);
      if (segment !== undefined) segment.made = null;
    },
  };
  const missing = () => planned.filter((address) => segments.get(address)?.made === null);
  return { id, told, records, missing, segments };
}

export const aFilm: Omit<VideoInput, 'timelapseId'> = {
  fps: 24,
  heightPx: null,
  quality: 'low',
  from: null,
  to: null,
  flagged: false,
};

/** A store with frames, and both runners whose records are these frames and remember what they are told. */
export async function openFilm(
  frames: readonly Buffer[],
  input: Partial<VideoInput> = {},
  {
    clock = systemClock,
    overlays,
    encoders,
    ...options
  }: Partial<RenderOptions> & { clock?: Clock; overlays?: FilmOverlays; encoders?: Encoders } = {},
) {
  const { store } = await openDirectoryStore();
  const agent = newAgentId();
  const pictures: FilmFrame[] = [];
  for (const [index, bytes] of frames.entries()) {
    const { width = 1, height = 1 } = await sharp(bytes)
      .metadata()
      .catch(() => ({ width: 1, height: 1 }));
    const stored = await storeFrame(store, bytes, { agent, seq: index + 1 });
    pictures.push({
      ...stored,
      widthPx: width,
      heightPx: height,
      at: START + index * MINUTE_MS,
      brightness: null,
    });
  }
  const wholeInput: VideoInput = { timelapseId: newTimelapseId(), ...aFilm, ...input };
  const kept = keepFilm(pictures, wholeInput);
  const log = createQuietLog();
  const workFolder = await openWorkFolder(path.join(await openFolder(), 'work'), clock);
  const deps = { clock, log, objects: store, records: kept.records, ...(overlays !== undefined && { overlays }) };
  const runSegment = createSegmentRunner(deps, { workFolder, ...options });
  const runVideo = createVideoRunner(
    { ...deps, ...(encoders !== undefined && { encoders }) },
    { workFolder, ...options },
  );
  const job: Job = { id: newJobId(), kind: 'video', subject: kept.id, attempt: 1, fence: 1 };
  return {
    ...kept,
    store,
    log,
    workFolder,
    pictures,
    input: wholeInput,
    runSegment,
    runVideo: (signal: AbortSignal) => runVideo(job, signal),
    /** As a worker would: plan, make what is missing, join. */
    async run(signal: AbortSignal): Promise<void> {
      await runVideo(job, signal);
      for (const address of kept.missing()) await runSegment({ subject: address }, signal);
      if (kept.told.ready === null) await runVideo(job, signal);
    },
  };
}
