import { newRuleId, type RuleInput, ruleInput, type TimelapseId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { frameOf } from '../rig/edge.ts';
import { address, MINUTE, openFilmScene, piece, storeFrames } from './films-arrange.ts';
import type { OpenHouse } from './records.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
type Scene = Awaited<ReturnType<typeof openFilmScene>>;

const aRule = (when: RuleInput['when'], more: Partial<RuleInput> = {}): RuleInput => ({
  ...ruleInput.parse({ name: 'A rule', when }),
  ...more,
});
const videosOf = async ({ records, timelapse }: Pick<Scene, 'records' | 'timelapse'>) =>
  (await records.videos({ limit: 100, timelapseId: timelapse.id })).items.toReversed();
/** Looks until there is nothing to do. */
async function fireAll({ records }: Scene): Promise<number> {
  let fired = 0;
  for (let some = await records.fireRules(); some > 0; some = await records.fireRules()) fired += some;
  return fired;
}
const outcomes = async ({ records }: Scene, rule: Parameters<Scene['records']['ruleOccurrences']>[0]) =>
  (await records.ruleOccurrences(rule, { limit: 100 })).items
    .toReversed()
    .map(({ occurrence, outcome, count }) => `${occurrence} ${outcome} ${count}`);

export function recordsRules(openHouse: OpenHouse): void {
  test('rules are made, changed, listed oldest first and deleted, and their films stay', async (context) => {
    const scene = await openFilmScene(openHouse, context, 5);
    const { records, timelapse, clock } = scene;
    const made = await records.createRule(timelapse.id, aRule({ kind: 'manual' }));
    expect(made).toMatchObject({ enabled: true, covers: 'all', makes: 'new', nextDueAt: null, videoId: null });
    await clock.advance(1);
    const other = await records.createRule(timelapse.id, aRule({ kind: 'scheduled', expression: '0 6 * * *' }));
    expect((await records.rules(timelapse.id)).map(({ id }) => id)).toEqual([made.id, other.id]);
    // The site is in Vienna: six o'clock there is four in Greenwich, in summer.
    expect(new Date(other.nextDueAt ?? 0).toISOString().slice(11, 16)).toBe('04:00');
    expect(await records.changeRule(other.id, { enabled: false, name: 'Off' })).toMatchObject({
      name: 'Off',
      enabled: false,
      nextDueAt: null,
      when: other.when,
    });
    const film = await records.runRule(made.id);
    expect(film).toMatchObject({ state: 'queued', framesTotal: 5 });
    expect(await records.rule(made.id)).toMatchObject({ videoId: film?.id });
    expect(await records.deleteRule(made.id)).toBe(true);
    expect(await records.deleteRule(made.id)).toBe(false);
    expect(await records.rule(made.id)).toBeNull();
    expect(await records.runRule(newRuleId())).toBeNull();
    expect(await records.changeRule(newRuleId(), {})).toBeNull();
    expect((await videosOf(scene)).map(({ id }) => id)).toEqual([film?.id]);
    const nowhere = 'tlp-0000000000000000' as TimelapseId;
    await expect(records.createRule(nowhere, aRule({ kind: 'manual' }))).rejects.toMatchObject({
      code: 'timelapse.not-found',
    });
    await expect(records.rules(nowhere)).rejects.toMatchObject({ code: 'timelapse.not-found' });
  });

  test('each milestone makes its film once, of the frames up to it, also when many are passed together', async (context) => {
    const scene = await openFilmScene(openHouse, context, 10);
    const { records, timelapse } = scene;
    const rule = await records.createRule(timelapse.id, aRule({ kind: 'milestone', at: [5, 13], every: 10 }));
    expect(rule.nextFrames).toBe(13);
    expect(await fireAll(scene)).toBe(0);
    await storeFrames(scene, 10, 2);
    expect(await fireAll(scene)).toBe(0);
    await storeFrames(scene, 12, 18);
    const looks = await Promise.all([fireAll(scene), fireAll(scene), fireAll(scene)]);
    expect(looks.reduce((sum, one) => sum + one, 0) + (await fireAll(scene))).toBe(3);
    expect(await fireAll(scene)).toBe(0);
    expect(await outcomes(scene, rule.id)).toEqual(['frames:13 made 1', 'frames:20 made 1', 'frames:30 made 1']);
    const films = await videosOf(scene);
    expect(films.map(({ framesTotal }) => framesTotal).sort((a, b) => a - b)).toEqual([13, 20, 30]);
    expect(films.map(({ name }) => name)).toContain('The bridge · 13 frames');
    expect(await records.rule(rule.id)).toMatchObject({ nextFrames: 40 });
    const told = (await records.feedAfter(0, 500)).flatMap(({ event }) =>
      event.type === 'rule.fired' ? [event.body.occurrence] : [],
    );
    expect(told).toEqual(['frames:13', 'frames:20', 'frames:30']);
    const { items: changes } = await records.auditEntries({ actorKind: 'system', actor: rule.id, limit: 9 });
    expect(changes.map(({ action, subject }) => `${action} ${subject}`).sort()).toEqual(
      films.map(({ id }) => `rule: a film is made ${id}`).sort(),
    );
  });

  test('of milestones that let one film grow, the highest stands for those below it', async (context) => {
    const scene = await openFilmScene(openHouse, context, 4);
    const { records, timelapse, finish } = scene;
    const rule = await records.createRule(
      timelapse.id,
      aRule({ kind: 'milestone', at: [], every: 5 }, { makes: 'grow' }),
    );
    await storeFrames(scene, 4, 13);
    expect(await fireAll(scene)).toBe(1);
    expect(await outcomes(scene, rule.id)).toEqual(['frames:5 skipped 2', 'frames:15 made 1']);
    const [film] = await videosOf(scene);
    expect(film).toMatchObject({ grows: true, framesTotal: 17 });
    await storeFrames(scene, 17, 3);
    // While it is being made nothing is forgotten.
    expect(await fireAll(scene)).toBe(0);
    await finish(film?.id as never, 'a');
    expect(await records.growVideos(0)).toBe(0);
    expect(await fireAll(scene)).toBe(1);
    expect(await outcomes(scene, rule.id)).toContain('frames:20 made 1');
    expect(await videosOf(scene)).toMatchObject([{ id: film?.id, state: 'queued', playable: true }]);
    await expect(records.runRule(rule.id)).rejects.toMatchObject({ code: 'rule.busy' });
  });

  test('a film of a day that is over takes in frames that come late, once and after a pause; those of other days change nothing', async (context) => {
    const scene = await openFilmScene(openHouse, context, 0);
    const { records, timelapse, clock, finish } = scene;
    const when = { kind: 'scheduled', expression: '10 0 * * *' } as const;
    await records.createRule(timelapse.id, aRule(when, { makes: 'grow', covers: 'day' }));
    await storeFrames(scene, 0, 3);
    clock.setWall(clock.now() + DAY);
    expect(await fireAll(scene)).toBe(1);
    const [film] = await videosOf(scene);
    const id = film?.id as never;
    await finish(id, 'a', { framesTotal: 3 });
    expect(await records.growVideos(MINUTE)).toBe(0);
    await storeFrames(scene, DAY / MINUTE, 2);
    expect(await records.growVideos(MINUTE)).toBe(0);
    await clock.advance(MINUTE);
    expect(await records.growVideos(MINUTE)).toBe(0);
    const [late] = await storeFrames(scene, 3, 1);
    expect(await records.growVideos(MINUTE)).toBe(0);
    await clock.advance(MINUTE - 1);
    expect(await records.growVideos(MINUTE)).toBe(0);
    await clock.advance(1);
    expect(await records.growVideos(MINUTE)).toBe(1);
    expect(await videosOf(scene)).toMatchObject([{ id, state: 'queued', playable: true }]);
    expect((await records.videoPlan(id))?.frames.map(({ frameId }) => frameId).at(3)).toBe(late);
    await finish(id, 'b', { framesTotal: 4 });
    await clock.advance(MINUTE);
    expect(await records.growVideos(MINUTE)).toBe(0);
    expect(await records.growVideos(MINUTE)).toBe(0);
  });

  test('what fell due while nothing was running is made up for by the newest, and said', async (context) => {
    const scene = await openFilmScene(openHouse, context, 20);
    const { records, timelapse, clock } = scene;
    const rule = await records.createRule(
      timelapse.id,
      aRule({ kind: 'scheduled', expression: '10 0 * * *' }, { covers: 'day' }),
    );
    clock.setWall(clock.now() + 3 * DAY);
    await storeFrames(scene, (2 * DAY) / MINUTE, 7);
    expect(await fireAll(scene)).toBe(1);
    const [film] = await videosOf(scene);
    // The day before the newest moment has seven frames; the first day's are another film's.
    expect(film).toMatchObject({ framesTotal: 7, name: expect.stringMatching(/^The bridge · \d{4}-\d\d-\d\d$/) });
    const lines = await outcomes(scene, rule.id);
    expect(lines.map((line) => line.replace(/due:\d+/, 'due'))).toEqual(['due skipped 2', 'due made 1']);
    // Nothing new since: the next day has no film, and nobody is told of it.
    clock.setWall(clock.now() + DAY);
    expect(await fireAll(scene)).toBe(0);
    await storeFrames(scene, (3 * DAY) / MINUTE, 1);
    clock.setWall(clock.now() + DAY);
    expect(await fireAll(scene)).toBe(0);
    expect((await records.ruleOccurrences(rule.id, { limit: 1 })).items).toMatchObject([
      { outcome: 'skipped', videoId: null, reason: expect.stringContaining('film needs two') },
    ]);
    expect((await records.feedAfter(0, 500)).map(({ event }) => event.type)).toContain('rule.skipped');
    const page = await records.ruleOccurrences(rule.id, { limit: 2 });
    const rest = await records.ruleOccurrences(rule.id, { limit: 2, after: page.next ?? undefined });
    expect([...page.items, ...rest.items].map(({ number }) => number)).toEqual([3, 2, 1]);
  });

  test('a film that follows captures is throttled, takes in all that came, and yields to what people ask for', async (context) => {
    const scene = await openFilmScene(openHouse, context, 3);
    const { records, timelapse, clock, create, finish, lease } = scene;
    const rule = await records.createRule(
      timelapse.id,
      aRule({ kind: 'per-capture', throttleMinutes: 15 }, { makes: 'grow' }),
    );
    expect(await fireAll(scene)).toBe(1);
    const [film] = await videosOf(scene);
    await finish(film?.id as never, 'a');
    await storeFrames(scene, 3, 2);
    await clock.advance(14 * MINUTE);
    expect(await fireAll(scene)).toBe(0);
    await clock.advance(MINUTE);
    expect(await fireAll(scene)).toBe(1);
    expect(await fireAll(scene)).toBe(0);
    expect((await records.videoPlan(film?.id as never))?.frames).toHaveLength(5);
    // Queued later, done earlier.
    await clock.advance(1000);
    const asked = await create();
    expect((await lease('video')).subject).toBe(asked.id);
    expect((await lease('video')).subject).toBe(film?.id);
    expect(await records.changeRule(rule.id, { enabled: false })).toMatchObject({ enabled: false });
    await storeFrames(scene, 5, 1);
    await clock.advance(HOUR);
    expect(await fireAll(scene)).toBe(0);
  });

  test('a piece that a film by hand wants goes first, also when a film that can wait had asked for it before', async (context) => {
    const scene = await openFilmScene(openHouse, context, 3);
    const { records, timelapse, create, lease, house } = scene;
    await records.createRule(timelapse.id, aRule({ kind: 'per-capture', throttleMinutes: 15 }));
    expect(await fireAll(scene)).toBe(1);
    const [slow] = await videosOf(scene);
    await records.planSegments(await lease('video'), slow?.id as never, [piece('a'), piece('b')]);
    const quick = await create();
    await records.planSegments(await lease('video'), quick.id, [piece('b')]);
    expect((await lease('segment')).subject).toBe(address('b'));
    const rows = (await house.tables()).jobs?.filter(({ kind }) => kind === 'segment');
    expect(rows?.map(({ priority }) => Number(priority)).sort()).toEqual([60, 63]);
  });

  test('a film of daylight alone leaves out the night, and asks for the place of the site', async (context) => {
    const scene = await openFilmScene(openHouse, context, 1);
    const { records, edge, timelapse, cameraId, now, site } = scene;
    const events = Array.from({ length: 24 }, (_, hour) =>
      edge.captured(timelapse.id, cameraId, now + hour * HOUR + 1),
    );
    await records.recordEvents(events);
    await records.picturesStored(events.map(frameOf));
    const film = { timelapseId: timelapse.id, fps: 24, heightPx: null, quality: 'low', from: null, to: null } as const;
    const { frames } = await records.previewVideo({ ...film, flagged: false, daylight: true });
    // Vienna at the first of June: sixteen hours of sun.
    expect(frames).toBeGreaterThanOrEqual(15);
    expect(frames).toBeLessThanOrEqual(18);
    await records.changeSite(site.id, { latitude: null, longitude: null });
    await expect(records.previewVideo({ ...film, flagged: false, daylight: true })).rejects.toMatchObject({
      code: 'request.place-needed',
    });
  });

  test('a film that stops growing keeps the frames that it has, and can be made faster', async (context) => {
    const scene = await openFilmScene(openHouse, context, 4);
    const { records, create, finish } = scene;
    const { id } = await create({ grows: true });
    await finish(id, 'a');
    await records.changeVideo(id, { grows: false });
    await storeFrames(scene, 4, 3);
    await records.changeVideo(id, { fps: 30 });
    expect((await records.videoPlan(id))?.frames).toHaveLength(4);
  });
}
