/** Reads what alarms are told from; what has to be counted is counted seldom. */
import type { CameraId, SiteId, TimelapseView } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { Temporal } from 'temporal-polyfill';
import type { PlaceRecords } from '../ports.ts';
import type { AlarmRecords, AlarmScene } from '../ports-alarms.ts';
import type { CoverageRecords } from '../ports-ledger.ts';
import { type AlarmFacts, type Counted, HOUSE } from './findings.ts';

export type LookRecords = Pick<
  AlarmRecords,
  'alarmScene' | 'newestVerdicts' | 'flaggedShare' | 'freeSpaces' | 'noteFreeSpace'
> &
  Pick<CoverageRecords, 'coverage'> &
  Pick<PlaceRecords, 'timelapses' | 'cameras'>;

export interface LookDeps {
  clock: Clock;
  records: LookRecords;
  /** null: there is none. */
  certificateExpiresAt: () => number | null;
  /** Of the disk with the data folder; null: it cannot be told. */
  storage: () => Promise<{ freeBytes: number; totalBytes: number } | null>;
}

const COUNT_EVERY_MS = 15 * 60_000;
const NOTE_EVERY_MS = 3 * 3_600_000;
const DAY_MS = 86_400_000;
/** As many as any rule asks for. */
const MOST_PICTURES = 200;

export function createLook({ clock, records, certificateExpiresAt, storage }: LookDeps): () => Promise<AlarmFacts> {
  let counted: { at: number; facts: Counted } | null = null;
  let notedAt: number | null = null;

  async function count(scene: AlarmScene): Promise<Counted> {
    const now = clock.now();
    const pictures = new Map<
      CameraId,
      { newest: { flagged: boolean; faults: string[] }[]; week: { frames: number; flagged: number } }
    >();
    for (const { id } of scene.cameras)
      pictures.set(id, {
        newest: await records.newestVerdicts(id, MOST_PICTURES, now - DAY_MS),
        week: await records.flaggedShare(id, now - 7 * DAY_MS),
      });
    const sites = await sitesOfCameras();
    const timelapses: Counted['timelapses'][number][] = [];
    for await (const timelapse of running()) {
      const siteId = sites.get(timelapse.cameraId);
      if (siteId === undefined) continue;
      const { id, name, nothingPlanned } = timelapse;
      timelapses.push({ id, name, siteId, nothingPlanned, day: await lastDay(timelapse, now) });
    }
    return { pictures, timelapses };
  }

  async function sitesOfCameras(): Promise<Map<CameraId, SiteId>> {
    const sites = new Map<CameraId, SiteId>();
    for (let after: string | null | undefined; after !== null; ) {
      const page = await records.cameras({ limit: 500, after: after ?? undefined });
      for (const { id, siteId } of page.items) sites.set(id, siteId);
      after = page.next;
    }
    return sites;
  }

  async function* running(): AsyncGenerator<TimelapseView, void> {
    for (let after: string | null | undefined; after !== null; ) {
      const page = await records.timelapses({ limit: 200, after: after ?? undefined });
      yield* page.items.filter(({ state }) => state === 'running');
      after = page.next;
    }
  }

  async function lastDay({ id, schedule, startedAt }: TimelapseView, now: number) {
    const { from, to, date } = dayBefore(now, schedule.timeZone);
    if (startedAt >= to) return null;
    const { planned, outcomes } = await records.coverage(id, from, to);
    const reported = planned - (outcomes.unreported ?? 0);
    return planned === 0 ? null : { date, reported, covered: (outcomes.captured ?? 0) + (outcomes.flagged ?? 0) };
  }

  async function noteSpaces(scene: AlarmScene, house: { freeBytes: number } | null): Promise<void> {
    const at = clock.now();
    notedAt ??= newestOf(await records.freeSpaces());
    if (notedAt !== null && at - notedAt < NOTE_EVERY_MS) return;
    notedAt = at;
    if (house !== null) await records.noteFreeSpace(HOUSE, { at, freeBytes: house.freeBytes });
    for (const { id, device, state } of scene.agents)
      if (device !== null && state === 'online')
        await records.noteFreeSpace(id, { at, freeBytes: device.diskFreeBytes });
  }

  return async () => {
    const scene = await records.alarmScene();
    const space = await storage();
    await noteSpaces(scene, space);
    if (counted === null || Math.abs(clock.now() - counted.at) >= COUNT_EVERY_MS)
      counted = { at: clock.now(), facts: await count(scene) };
    return {
      ...scene,
      ...counted.facts,
      spaces: await records.freeSpaces(),
      certificateExpiresAt: certificateExpiresAt(),
      storage: space,
    };
  };
}

function newestOf(spaces: ReadonlyMap<string, readonly { at: number }[]>): number | null {
  const all = [...spaces.values()].flatMap((list) => list.at(-1)?.at ?? []);
  return all.length === 0 ? null : Math.max(...all);
}

/** The last whole day on the wall of a time zone. Pure. */
export function dayBefore(now: number, timeZone: string): { from: number; to: number; date: string } {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate();
  const yesterday = today.subtract({ days: 1 });
  const begin = (date: Temporal.PlainDate) => date.toZonedDateTime(timeZone).epochMilliseconds;
  return { from: begin(yesterday), to: begin(today), date: yesterday.toString() };
}
