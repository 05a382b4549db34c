/**
 * A campaign that has been going on for days, written into a control plane's folder before it is started: pictures with a
 * day and a night in them, flagged ones, and gaps of every kind, so that pages have something to show at once.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { openDirectoryObjectStore } from '@slowlight/control-plane/src/objects/directory-object-store.ts';
import { openSqliteRecords } from '@slowlight/control-plane/src/records/open-sqlite-records.ts';
import { type CameraId, frameIdOf, frameKey, newCameraId, type TimelapseId } from '@slowlight/protocol';
import sharp from 'sharp';
import { createEdge, spanOf } from './edge.ts';
import { createHandClock } from './hand-clock.ts';
import { aCamera } from './records-scene.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const SIZE = { widthPx: 640, heightPx: 360 };

export interface SeededCampaign {
  cameraId: CameraId;
  timelapseId: TimelapseId;
  /** Frames whose pictures are in the store. */
  frames: number;
  firstDay: number;
}

/**
 * @param dataDir as `openProduct` gives it; nothing has been started in it yet
 * @param options `days` that are over before now, `everyMinutes` a picture
 */
export async function seedCampaign(
  dataDir: string,
  { days = 10, everyMinutes = 60, now = Date.now() } = {},
): Promise<SeededCampaign> {
  const folder = path.join(dataDir, 'control-plane');
  mkdirSync(folder, { recursive: true });
  const firstDay = Math.floor(now / DAY_MS) * DAY_MS - days * DAY_MS;
  const clock = createHandClock(firstDay);
  const records = await openSqliteRecords({ path: path.join(folder, 'records.sqlite'), clock });
  const objects = await openDirectoryObjectStore(
    { clock },
    { folder: path.join(folder, 'objects'), signingKeyFile: path.join(folder, 'seed.key'), publicUrl: () => '' },
  );
  try {
    const site = await records.createSite({ name: 'Harbour', timeZone: 'UTC', latitude: 48.2, longitude: 16.4 });
    const agent = await records.createAgent({ siteId: site.id, name: 'Mast 3', secretHash: 'a'.repeat(64) });
    const cameraId = newCameraId();
    await records.createCamera(cameraId, agent.id, { ...aCamera, name: 'Crane' });
    const everyMs = everyMinutes * 60_000;
    const timelapse = await records.startTimelapse({
      cameraId,
      name: 'The new bridge',
      schedule: { rhythm: { kind: 'interval', everyMs }, timeZone: 'UTC', startsAt: null, endsAt: null },
    });
    const edge = createEdge(agent.id, now);
    await records.recordEvents([
      edge.applied([spanOf(timelapse.id, 1, { from: firstDay, everySeconds: everyMinutes * 60 })]),
    ]);
    let frames = 0;
    for (let dueAt = firstDay; dueAt <= now; dueAt += everyMs) {
      const day = Math.floor((dueAt - firstDay) / DAY_MS);
      const hour = Math.floor((dueAt % DAY_MS) / HOUR_MS);
      if (day % 5 === 3 && hour >= 9 && hour < 15) {
        if (dueAt % HOUR_MS === 0 && hour === 9)
          await records.recordEvents([
            edge.missed(timelapse.id, dueAt, dueAt + 6 * HOUR_MS - everyMs, (6 * HOUR_MS) / everyMs),
          ]);
        continue;
      }
      if (day % 4 === 1 && hour === 20) {
        await records.recordEvents([edge.settled(timelapse.id, dueAt, 'failed')]);
        continue;
      }
      const flagged = day % 3 === 1 && hour === 12;
      const bytes = await drawMoment(dueAt, day);
      const seq = edge.seq + 1;
      const id = frameIdOf(agent.id, seq);
      const about = { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), ...SIZE };
      const brightness = brightnessAt(dueAt, day);
      const verdict = flagged
        ? ({ score: 41, faults: ['blurred'], measures: { brightness }, judge: 'fast-1' } as const)
        : ({ score: 96, faults: [], measures: { brightness }, judge: 'fast-1' } as const);
      const slot = { timelapseId: timelapse.id, dueAt };
      const taken = edge.captured(timelapse.id, cameraId, dueAt, {
        ...about,
        verdict: { ...verdict, faults: [...verdict.faults] },
      });
      const body = { ...taken.event.body, outcome: flagged ? 'flagged' : 'captured', slot };
      await records.recordEvents([{ ...taken, event: { ...taken.event, body } as typeof taken.event }]);
      await objects.write(frameKey(id, 'image/jpeg'), bytes, 'image/jpeg');
      await records.pictureStored(id);
      frames += 1;
    }
    return { cameraId, timelapseId: timelapse.id, frames, firstDay };
  } finally {
    await records.close();
  }
}

/** Mean luma as the judge would say it: a day with some flicker. */
const brightnessAt = (at: number, day: number): number => {
  const sun = Math.sin((((at % DAY_MS) / DAY_MS) * 2 - 0.5) * Math.PI);
  return Math.max(12, 95 + 75 * sun + ((day * 7) % 5) * 4);
};

/** A bridge that grows a little every day, under the light of its hour. */
async function drawMoment(at: number, day: number): Promise<Buffer> {
  const light = brightnessAt(at, day) / 180;
  const tone = (r: number, g: number, b: number) =>
    `rgb(${[r, g, b].map((part) => Math.round(Math.min(255, part * light))).join(',')})`;
  const { widthPx, heightPx } = SIZE;
  const sunX = ((at % DAY_MS) / DAY_MS) * widthPx;
  const spans = Math.min(9, 1 + day);
  const deck = Array.from({ length: spans }, (_, index) => {
    const x = 40 + index * 62;
    return `<rect x="${x}" y="196" width="64" height="9" fill="${tone(150, 120, 96)}"/><rect x="${x + 24}" y="205" width="14" height="70" fill="${tone(120, 98, 84)}"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">
    <rect width="100%" height="100%" fill="${tone(130, 178, 228)}"/>
    <circle cx="${sunX}" cy="70" r="26" fill="${tone(255, 232, 170)}"/>
    <path d="M0 190 L110 120 L210 182 L330 96 L460 178 L560 130 L640 176 L640 270 L0 270Z" fill="${tone(96, 120, 132)}"/>
    <rect y="250" width="100%" height="110" fill="${tone(70, 116, 142)}"/>
    ${deck.join('')}
    <path d="M${46 + spans * 62} 200 v-96 h90 m-90 0 l36 -22" stroke="${tone(232, 160, 60)}" stroke-width="5" fill="none"/>
  </svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 82 }).toBuffer();
}
