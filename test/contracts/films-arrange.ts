import type { Job } from '@slowlight/control-plane/src/ports.ts';
import type { MadeFilm, MadeSegment, PlannedSegment } from '@slowlight/control-plane/src/ports-films.ts';
import type { VideoId, VideoInput } from '@slowlight/protocol';
import { expect } from 'vitest';
import { frameOf } from '../rig/edge.ts';
import { aFilm } from '../rig/film.ts';
import { openRecordsScene, type RecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

export const LEASE = 30_000;
export const MINUTE = 60_000;

/** Frames a minute apart from `from` minutes on, all stored, with the brightness of their number. */
export async function storeFrames(
  { records, edge, timelapse, cameraId, now }: RecordsScene,
  from: number,
  count: number,
) {
  const events = Array.from({ length: count }, (_, index) =>
    edge.captured(timelapse.id, cameraId, now + (from + index) * MINUTE, {
      verdict: { score: 100, faults: [], measures: { brightness: from + index }, judge: 'fast-1' },
    }),
  );
  await records.recordEvents(events);
  for (const event of events) await records.pictureStored(frameOf(event));
  return events.map(frameOf);
}

export const address = (letter: string) => letter.repeat(64);
export const piece = (letter: string, frames = 10): PlannedSegment => ({
  address: address(letter),
  recipe: `{"of":"${letter}"}`,
  frames,
});
export const madePiece = (letter: string, framesShown = 10): MadeSegment => ({
  framesShown,
  leftOut: [],
  object: { key: `segments/${letter}.mp4`, sizeBytes: 5e9, layout: '{}' },
});
export const made: MadeFilm = {
  widthPx: 64,
  heightPx: 36,
  durationMs: 100,
  sizeBytes: 10,
  framesTotal: 20,
  framesDone: 20,
  framesLeftOut: 0,
  fps: 24,
  speedReason: null,
  key: 'videos/one.mp4',
  posterKey: 'videos/one.jpg',
  ffmpeg: '7.1',
  encoder: 'software',
  encoderReason: null,
  joinMs: 10,
};

/** A timelapse with stored frames, and what a worker does with its films. */
export async function openFilmScene(openHouse: OpenHouse, context: Parameters<OpenHouse>[0], frames = 20) {
  const scene = await openRecordsScene(openHouse, context);
  const ids = await storeFrames(scene, 0, frames);
  const create = (input: Partial<VideoInput> = {}) =>
    scene.records.createVideo({ timelapseId: scene.timelapse.id, ...aFilm, ...input });
  const lease = async (kind: Job['kind']) => {
    const job = await scene.records.lease([kind], LEASE);
    if (job === null) throw new Error(`no ${kind} is due`);
    return job;
  };
  /** Makes a film of these pieces, which are all missing, to the end. */
  const finish = async (id: VideoId, letters: string, film: Partial<MadeFilm> = {}) => {
    const { records } = scene;
    await records.planSegments(
      await lease('video'),
      id,
      [...letters].map((letter) => piece(letter)),
    );
    for (let job = await records.lease(['segment'], LEASE); job !== null; ) {
      await records.segmentReady(job.subject, madePiece(job.subject[0] ?? ''));
      await records.finish(job);
      job = await records.lease(['segment'], LEASE);
    }
    const job = await lease('video');
    expect(
      await records.planSegments(
        job,
        id,
        [...letters].map((letter) => piece(letter)),
      ),
    ).toBe('ready');
    const said = await records.videoReady(id, { ...made, ...film });
    await records.finish(job);
    return said;
  };
  return { ...scene, ids, create, lease, finish };
}
