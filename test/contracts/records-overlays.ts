import {
  type AssetId,
  BUILT_IN_TEMPLATES,
  type FrameId,
  newAssetId,
  overlayLayout,
  type TimelapseId,
  timelapseOverlayInput,
} from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf } from '../rig/edge.ts';
import { openRecordsScene, type RecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;
const layout = (text: string) => overlayLayout.parse({ elements: [{ kind: 'text', id: 'text', anchor: 'top', text }] });
const withImage = (assetId: AssetId) =>
  overlayLayout.parse({ elements: [{ kind: 'image', id: 'logo', anchor: 'top', assetId }] });
const assetOf = (id: AssetId) =>
  ({ id, name: 'Logo', type: 'image/png', widthPx: 4, heightPx: 2, sizeBytes: 99, sha256: 'a'.repeat(64) }) as const;
const said = (input: object) => timelapseOverlayInput.parse(input);
const [timestamp] = BUILT_IN_TEMPLATES;
const BUILT_IN = timestamp?.id ?? '';

/** Frames of the scene's timelapse whose pictures are in the store. */
async function store({ records, edge, timelapse, cameraId, now }: RecordsScene, minutes: readonly number[]) {
  const events = minutes.map((minute) => edge.captured(timelapse.id, cameraId, now + minute * MINUTE));
  await records.recordEvents(events);
  for (const event of events) await records.pictureStored(frameOf(event));
  return events.map(frameOf);
}

const jobsOf = async ({ records }: RecordsScene, kind: string) =>
  (await records.jobs({ limit: 100 })).items.filter((job) => job.kind === kind).map(({ subject }) => subject);

const made = (frames: readonly FrameId[]) =>
  frames.map((frameId) => ({ frameId, state: 'ready', reason: null }) as const);

export function recordsOverlays(openHouse: OpenHouse): void {
  test('a changed template is a new version, and what it said before stays readable', async (context) => {
    const { records } = await openRecordsScene(openHouse, context);
    const first = await records.createOverlayTemplate({ name: 'Site', layout: layout('one') });
    expect(first).toMatchObject({ builtIn: false, version: 1, newestVersion: 1, layout: layout('one') });
    const second = await records.changeOverlayTemplate(first.id, { layout: layout('two') });
    expect(second).toMatchObject({ version: 2, newestVersion: 2, layout: layout('two') });
    const renamed = await records.changeOverlayTemplate(first.id, { name: 'Bridge', layout: layout('two') });
    expect(renamed).toMatchObject({ name: 'Bridge', version: 2 });
    expect(await records.overlayTemplate(first.id, 1)).toMatchObject({ layout: layout('one'), newestVersion: 2 });
    expect(await records.overlayTemplate(first.id, 3)).toBeNull();
    const other = await records.createOverlayTemplate({ name: 'Other', layout: layout('x') });
    const page = await records.overlayTemplates({ limit: 1 });
    const rest = await records.overlayTemplates({ limit: 1, after: page.next ?? '' });
    expect([...page.items, ...rest.items].map(({ id }) => id).sort()).toEqual([first.id, other.id].sort());
    expect(await records.deleteOverlayTemplate(first.id)).toBe(true);
    expect(await records.deleteOverlayTemplate(first.id)).toBe(false);
    expect((await records.overlayTemplates({ limit: 9 })).items.map(({ id }) => id)).toEqual([other.id]);
    expect(await records.changeOverlayTemplate(first.id, { name: 'Again' })).toBeNull();
    expect(await records.overlayTemplate(first.id, 2)).toMatchObject({ layout: layout('two') });
  });

  test('templates that come along can be read and shown, and not changed', async (context) => {
    const { records } = await openRecordsScene(openHouse, context);
    for (const { id, name, layout: said } of BUILT_IN_TEMPLATES) {
      expect(await records.overlayTemplate(id)).toMatchObject({ name, layout: said, builtIn: true, version: 1 });
      await expect(records.changeOverlayTemplate(id, { name: 'Mine' })).rejects.toMatchObject({
        code: 'overlay-template.built-in',
      });
      await expect(records.deleteOverlayTemplate(id)).rejects.toMatchObject({ code: 'overlay-template.built-in' });
    }
  });

  test('what a timelapse shows is built-in style, template and its own changes, and each change a new revision', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, timelapse } = scene;
    expect(await records.overlayOf(timelapse.id)).toBeNull();
    const template = await records.createOverlayTemplate({ name: 'Site', layout: layout('one') });
    const changes = { opacity: 0.5, style: { colour: '#ff0000' } };
    const input = said({ templateId: template.id, changes });
    expect(await records.setTimelapseOverlay(timelapse.id, input)).toMatchObject({ revision: 1, progress: null });
    expect(await records.setTimelapseOverlay(timelapse.id, input)).toMatchObject({ revision: 1 });
    expect(await records.overlayOf(timelapse.id)).toMatchObject({
      revision: 1,
      sidecars: false,
      overlay: { opacity: 0.5, elements: [{ text: 'one', style: { colour: '#ff0000', font: 'sans' } }] },
    });
    await records.changeOverlayTemplate(template.id, { layout: layout('two') });
    expect(await records.overlayOf(timelapse.id)).toMatchObject({
      revision: 2,
      overlay: { elements: [{ text: 'two' }] },
    });
    await records.setTimelapseOverlay(timelapse.id, said({ templateId: template.id, version: 1 }));
    await records.changeOverlayTemplate(template.id, { layout: layout('three') });
    expect(await records.overlayOf(timelapse.id)).toMatchObject({
      revision: 3,
      overlay: { elements: [{ text: 'one' }] },
    });
    await expect(records.deleteOverlayTemplate(template.id)).rejects.toMatchObject({ code: 'overlay-template.in-use' });
    await records.setTimelapseOverlay(timelapse.id, null);
    expect(await records.overlayOf(timelapse.id)).toBeNull();
    expect(await records.deleteOverlayTemplate(template.id)).toBe(true);
    await expect(records.setTimelapseOverlay(timelapse.id, said({ templateId: template.id }))).rejects.toMatchObject({
      code: 'overlay-template.not-found',
    });
    await expect(
      records.setTimelapseOverlay('tlp-0000000000000000' as TimelapseId, said({ templateId: BUILT_IN })),
    ).rejects.toMatchObject({ code: 'timelapse.not-found' });
    await expect(
      records.setTimelapseOverlay(timelapse.id, said({ templateId: BUILT_IN, version: 2 })),
    ).rejects.toMatchObject({ code: 'overlay-template.not-found' });
    const told = (await records.feedAfter(0, 500))
      .map(({ event }) => event)
      .filter((e) => e.type === 'overlay.changed');
    expect(told.map(({ body }) => body.revision)).toEqual([1, 2, 3, 0]);
  });

  test('frames get a job for their sidecar as they are stored, and a new revision one for all that are there', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, timelapse } = scene;
    const before = await store(scene, [0, 1, 2]);
    expect(await records.sidecar(before[0] as FrameId)).toBeNull();
    const input = said({ templateId: BUILT_IN, sidecars: true });
    expect(await records.setTimelapseOverlay(timelapse.id, input)).toMatchObject({
      progress: { pending: 3, ready: 0, failed: 0, fallback: 0 },
    });
    expect(await jobsOf(scene, 'overlay-remake')).toEqual([`${timelapse.id}.r1`]);
    const [after] = (await store(scene, [3])) as [FrameId];
    expect(await jobsOf(scene, 'overlay')).toEqual([after]);
    const all = [...before, after];
    const page = await records.sidecarsToMake(timelapse.id, 1, { limit: 3 });
    expect(page?.items.map(({ frameId }) => frameId)).toEqual(all.slice(0, 3));
    const rest = await records.sidecarsToMake(timelapse.id, 1, { limit: 3, after: page?.next ?? '' });
    expect(rest?.items.map(({ frameId }) => frameId)).toEqual([after]);

    expect(await records.sidecarsMade(timelapse.id, 1, made(all.slice(0, 2)))).toBe(true);
    const fallback = { frameId: after, state: 'fallback', reason: 'the logo is gone' } as const;
    expect(await records.sidecarsMade(timelapse.id, 1, [fallback])).toBe(true);
    expect(await records.sidecar(after)).toEqual({ state: 'fallback', reason: 'the logo is gone', revision: 1 });
    expect((await records.timelapseOverlay(timelapse.id))?.progress).toEqual({
      pending: 1,
      ready: 2,
      failed: 0,
      fallback: 1,
    });
    const told = (await records.feedAfter(0, 500)).map(({ event }) => event);
    expect(told.filter(({ type }) => type === 'overlay.progressed').map(({ body }) => body)).toEqual([
      { timelapseId: timelapse.id, revision: 1, done: 2, total: 4 },
    ]);
    expect(told.filter(({ type }) => type === 'overlay.failed').map(({ body }) => body)).toEqual([
      { timelapseId: timelapse.id, frameId: after, fallback: true, reason: 'the logo is gone' },
    ]);

    // Another revision: everything is pending again, and what was drawn of the old one is not noted any more.
    await records.setTimelapseOverlay(
      timelapse.id,
      said({ templateId: BUILT_IN, sidecars: true, changes: { opacity: 0.5 } }),
    );
    expect(await jobsOf(scene, 'overlay-remake')).toEqual(
      expect.arrayContaining([`${timelapse.id}.r1`, `${timelapse.id}.r2`]),
    );
    expect(await records.sidecarsMade(timelapse.id, 1, made(all))).toBe(false);
    expect(await records.sidecarsToMake(timelapse.id, 1, { limit: 3 })).toBeNull();
    expect(await records.sidecar(after)).toEqual({ state: 'pending', reason: null, revision: 2 });
    expect((await records.timelapseOverlay(timelapse.id))?.progress?.pending).toBe(4);

    // Taken away and shown again, it never takes old drawings for new ones.
    await records.sidecarsMade(timelapse.id, 2, made(all));
    await records.setTimelapseOverlay(timelapse.id, null);
    expect(await records.setTimelapseOverlay(timelapse.id, input)).toMatchObject({
      revision: 3,
      progress: { pending: 4 },
    });
  });

  test('a sidecar whose job dies says why, and counts as failed', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, timelapse } = scene;
    await records.setTimelapseOverlay(timelapse.id, said({ templateId: BUILT_IN, sidecars: true }));
    const [frame] = (await store(scene, [0])) as [FrameId];
    const job = await records.lease(['overlay'], 10_000);
    expect(job).toMatchObject({ subject: frame });
    if (job === null) return;
    expect(await records.fail(job, { message: 'the disk is full', retry: 'never' })).toBe('dead');
    expect(await records.sidecar(frame)).toEqual({ state: 'failed', reason: 'the disk is full', revision: 1 });
    expect((await records.timelapseOverlay(timelapse.id))?.progress).toMatchObject({ pending: 0, failed: 1 });
  });

  test('thumbnails of new frames go before their sidecars, and what is made again goes last', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, timelapse } = scene;
    await records.setTimelapseOverlay(timelapse.id, said({ templateId: BUILT_IN, sidecars: true }));
    await store(scene, [0]);
    const order: string[] = [];
    for (let job = await lease(); job !== null; job = await lease()) order.push(job.kind);
    expect(order).toEqual(['thumbnail', 'overlay', 'overlay-remake']);
    function lease() {
      return records.lease(['overlay-remake', 'overlay', 'thumbnail'], 10_000);
    }
  });

  test('the facts of a frame are its place, its number and its day, also of one that comes late', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, timelapse, now, edge, cameraId } = scene;
    const [first, third] = (await store(scene, [0, 2 * 1440])) as [FrameId, FrameId];
    const facts = await records.overlayFacts([third, first, 'frm-0000000000000000-99' as FrameId]);
    expect(facts.size).toBe(2);
    expect(facts.get(first)).toMatchObject({
      timeZone: 'Europe/Vienna',
      latitude: 48.2,
      siteName: 'Bridge',
      cameraName: 'Crane',
      timelapseName: 'The bridge',
      frameNumber: 1,
      dayNumber: 1,
      progress: null,
      film: null,
      weather: null,
    });
    expect(facts.get(third)).toMatchObject({ frameNumber: 2, dayNumber: 3 });
    const [second] = (await store(scene, [1440])) as [FrameId];
    const again = await records.overlayFacts([third, second]);
    expect([again.get(second)?.frameNumber, again.get(third)?.frameNumber]).toEqual([2, 3]);
    const byHand = edge.taken(cameraId, now);
    await records.recordEvents([byHand]);
    expect((await records.overlayFacts([frameOf(byHand)])).get(frameOf(byHand))).toMatchObject({
      frameNumber: null,
      timelapseName: null,
      dayNumber: null,
      cameraName: 'Crane',
    });
    expect(timelapse.dayNumber).toBe(1);
  });

  test('a picture that something shows stays, and one that nothing shows can go', async (context) => {
    const { records, timelapse } = await openRecordsScene(openHouse, context);
    const [shown, changed, unused] = [newAssetId(), newAssetId(), newAssetId()];
    for (const id of [shown, changed, unused]) await records.createAsset(assetOf(id));
    expect((await records.assets({ limit: 9 })).items.map(({ id }) => id).sort()).toEqual(
      [shown, changed, unused].sort(),
    );
    const template = await records.createOverlayTemplate({ name: 'Logo', layout: withImage(shown) });
    const changes = { elements: withImage(changed).elements };
    await records.setTimelapseOverlay(timelapse.id, said({ templateId: template.id, version: 1, changes }));
    for (const id of [shown, changed])
      await expect(records.deleteAsset(id)).rejects.toMatchObject({ code: 'asset.in-use' });
    expect(await records.deleteAsset(unused)).toBe(true);
    expect(await records.deleteAsset(unused)).toBe(false);
    await expect(records.createOverlayTemplate({ name: 'Gone', layout: withImage(unused) })).rejects.toMatchObject({
      code: 'asset.not-found',
    });
    await records.changeOverlayTemplate(template.id, { layout: layout('no picture') });
    await expect(records.deleteAsset(shown)).rejects.toMatchObject({ code: 'asset.in-use' });
    await records.setTimelapseOverlay(timelapse.id, said({ templateId: template.id }));
    expect(await records.deleteAsset(shown)).toBe(true);
    expect(await records.asset(shown)).toBeNull();
  });
}
