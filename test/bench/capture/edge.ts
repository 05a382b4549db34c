/** The agent's way from a slot to the buffer's commit, without the rest of the agent. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openBuffer } from '@slowlight/agent/src/buffer/open-buffer.ts';
import { type CaptureRoom, createCapture } from '@slowlight/agent/src/capture/capture.ts';
import type { Picture } from '@slowlight/agent/src/frame.ts';
import { decodeJpeg } from '@slowlight/agent/src/quality/decode-jpeg.ts';
import { createJudge } from '@slowlight/agent/src/quality/judge.ts';
import { shapePicture } from '@slowlight/agent/src/quality/shape-picture.ts';
import { type CameraSettings, type CameraSource, newAgentId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { cameraAt, neverAborted, realMoment, silentLog } from '../../rig/capture-parts.ts';

export interface BenchEdge {
  room: CaptureRoom;
  /** Takes the slot's picture. @throws Error when there is none */
  take(camera: CameraSettings, dueAt: number, withinMs?: number): Promise<Picture>;
  /** Takes, shapes, judges and commits it. */
  keep(camera: CameraSettings, dueAt: number): Promise<Picture>;
  close(): Promise<void>;
}

type RtspSource = Extract<CameraSource, { kind: 'rtsp' }>;

export const cameraOf = (url: string, more: Partial<RtspSource> = {}): CameraSettings => ({
  ...cameraAt(url),
  source: { kind: 'rtsp', url, ...more },
});

export async function openBenchEdge(): Promise<BenchEdge> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-bench-'));
  const clock = systemClock;
  const limits = { quarantineAfter: 5, mostQuarantined: { frames: 1000, bytes: 1e9 } };
  const buffer = await openBuffer({ clock, log: silentLog }, { folder, agentId: newAgentId(), ...limits });
  const room = createCapture(
    { clock, moment: realMoment, unsealPassword: () => null, decodeJpeg, log: silentLog },
    { networks: ['127.0.0.0/8'] },
  );
  const judge = createJudge();

  async function take(camera: CameraSettings, dueAt: number, withinMs = 20_000): Promise<Picture> {
    const result = await room.take({ camera, dueAt, deadlineAt: dueAt + withinMs }, neverAborted);
    if (result.kind === 'failed') throw new Error(`${result.code}: ${result.hint}`);
    return result.picture;
  }

  return {
    room,
    take,
    async keep(camera, dueAt) {
      const picture = await take(camera, dueAt);
      const shaped = await shapePicture(picture, camera.shape, camera.quality);
      const verdict = await judge(picture, shaped);
      const { taken, widthPx: sourceWidthPx, heightPx: sourceHeightPx } = picture;
      const ageAtSlotMs = Math.round(dueAt - taken.wall);
      const frame = { camera: camera.id, slot: null, flagged: false, shaped, taken, sourceWidthPx, sourceHeightPx };
      const kept = await buffer.commitFrame({ ...frame, ageAtSlotMs, verdict }, null);
      if (kept.kind !== 'kept') throw new Error(kept.kind);
      return picture;
    },
    async close() {
      await room.close();
      buffer.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
