import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { createOverlays } from '@slowlight/control-plane/src/render/overlay/overlays.ts';
import { type FrameId, sidecarKey, timelapseOverlayInput } from '@slowlight/protocol';
import type { Failure } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { openDirectoryStore } from './directory-store.ts';
import { frameOf } from './edge.ts';
import { openFolder } from './folder.ts';
import type { HandClock } from './hand-clock.ts';
import { createQuietLog } from './quiet-log.ts';
import { openRecordsScene } from './records-scene.ts';

const never = new AbortController().signal;

/** Records with a timelapse, a store, and the runners of sidecars. */
export async function openOverlayRecords() {
  const folder = await openFolder();
  const open = async (clock: HandClock) => {
    const records = await openSqliteRecords({ path: `${folder}/records.sqlite`, clock });
    onTestFinished(() => records.close());
    return records;
  };
  const house = { open, shared: false, tables: async () => ({}), execute: async () => {} };
  const scene = await openRecordsScene(async () => house, undefined as never);
  const { store } = await openDirectoryStore();
  const log = createQuietLog();
  const deps = { clock: scene.clock, log, objects: store, records: scene.records };
  const overlays = createOverlays(deps);
  const { records, edge, timelapse, cameraId, now } = scene;

  return {
    ...scene,
    ...overlays,
    store,
    log,
    deps,
    show: (more: object) =>
      records.setTimelapseOverlay(timelapse.id, timelapseOverlayInput.parse({ sidecars: true, ...more })),
    async shoot(minutes: readonly number[]): Promise<FrameId[]> {
      const events = minutes.map((minute) => edge.captured(timelapse.id, cameraId, now + minute * 60_000));
      await records.recordEvents(events);
      for (const event of events) await records.pictureStored(frameOf(event));
      return events.map(frameOf);
    },
    /** Does all jobs of overlays that are due, as a worker would, one after the other. */
    async work(runners = overlays.sidecars) {
      for (;;) {
        const job = await records.lease(['overlay', 'overlay-remake'], 10_000);
        if (job === null) return;
        try {
          await (job.kind === 'overlay' ? runners.one : runners.all)(job, never);
          await records.finish(job);
        } catch (thrown) {
          const { message, retry } = thrown as Failure;
          await records.fail(job, { message, retry });
        }
      }
    },
    async sidecarOf(frame: FrameId) {
      const parts: Uint8Array[] = [];
      for await (const part of await store.read(sidecarKey(frame))) parts.push(part);
      const { data, info } = await sharp(Buffer.concat(parts)).raw().toBuffer({ resolveWithObject: true });
      const seen = data.filter((_, index) => index % 4 === 3 && data[index] !== 0).length;
      return { size: [info.width, info.height, info.channels], seen, data };
    },
  };
}
