/** What of all that is seen is worth an alarm. Pure. */
import type {
  AlarmKind,
  AlarmRules,
  AlarmSeverity,
  AlarmView,
  CameraId,
  SiteId,
  TimelapseId,
} from '@slowlight/protocol';
import type { AlarmScene, FreeSpace } from '../ports-alarms.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
export const HOUSE = 'house';
const THE_HOUSE = { subject: HOUSE, name: 'Slowlight', siteId: null };

/** What has to be counted, and is looked at less often. */
export interface Counted {
  pictures: ReadonlyMap<
    CameraId,
    {
      /** Of the last day, newest first. */
      newest: readonly { flagged: boolean; faults: readonly string[] }[];
      /** Of the last seven days. */
      week: { frames: number; flagged: number };
    }
  >;
  timelapses: readonly {
    id: TimelapseId;
    siteId: SiteId;
    name: string;
    nothingPlanned: boolean;
    /** The last whole day; null: it had nothing to do on it. `reported`: slots of which something is known. */
    day: { date: string; reported: number; covered: number } | null;
  }[];
}
export interface AlarmFacts extends AlarmScene, Counted {
  /** By agent, or `house`; oldest first. */
  spaces: ReadonlyMap<string, readonly FreeSpace[]>;
  /** null: there is none. */
  certificateExpiresAt: number | null;
  /** Of the disk with the data folder; null: not known. */
  storage: { freeBytes: number; totalBytes: number } | null;
}

interface About {
  subject: string;
  name: string;
  /** null: the whole house. */
  siteId: SiteId | null;
}
export interface Finding extends About {
  /** Kind and subject. */
  key: string;
  kind: AlarmKind;
  severity: AlarmSeverity;
  detail: AlarmView['detail'];
  /** Since when it is so, as far as somebody knows, wall time in ms. */
  since: number | null;
  /** It is an alarm when it has been so for this long. */
  afterMs: number;
}
export interface Looking {
  rulesOf(site: SiteId | null): AlarmRules;
  /** Whether an alarm of this key is open. */
  isOpen(key: string): boolean;
  now: number;
}
export interface Found {
  findings: Finding[];
  /** Keys of which nobody can say anything now: their alarms stay as they are. */
  unknown: ReadonlySet<string>;
}

export const keyOf = (kind: AlarmKind, subject: string): string => `${kind} ${subject}`;

/** What is above a limit is good again only so far above it, so that an alarm does not come and go, percent points. */
const AGAIN_PERCENT = 2;

const SEVERE: ReadonlySet<AlarmKind> = new Set(['agent-clone', 'card-filling', 'camera-failing', 'storage-low']);

export function findAll(facts: AlarmFacts, looking: Looking): Found {
  const findings: Finding[] = [];
  const unknown = new Set<string>();
  const { rulesOf, now } = looking;
  const add = (
    kind: AlarmKind,
    about: About,
    how: { detail?: Finding['detail']; since?: number | null; afterMinutes?: number; severity?: AlarmSeverity } = {},
  ) => {
    if (!rulesOf(about.siteId)[kind].enabled) return;
    const { detail = {}, since = null, afterMinutes = 0, severity = SEVERE.has(kind) ? 'critical' : 'warning' } = how;
    const { subject, name, siteId } = about;
    const afterMs = afterMinutes * MINUTE_MS;
    findings.push({ key: keyOf(kind, subject), kind, severity, subject, name, siteId, detail, since, afterMs });
  };

  const online = new Set(facts.agents.filter(({ state }) => state === 'online').map(({ id }) => id));
  for (const agent of facts.agents) {
    const about = { subject: agent.id, name: agent.name, siteId: agent.siteId };
    const rules = rulesOf(agent.siteId);
    if (agent.state === 'offline' || agent.state === 'stopped')
      add('agent-offline', about, {
        since: agent.stateSince,
        afterMinutes: rules['agent-offline'].afterMinutes,
        detail: { state: agent.state, since: agent.stateSince },
      });
    if (agent.clone !== null) add('agent-clone', about, { detail: { reason: agent.clone } });
    if (agent.state !== 'online' || agent.device === null) {
      unknown.add(keyOf('card-filling', agent.id)).add(keyOf('clock-untrusted', agent.id));
      continue;
    }
    if (agent.device.clock === 'untrusted')
      add('clock-untrusted', about, { afterMinutes: rules['clock-untrusted'].afterMinutes });
    const { diskFreeBytes: freeBytes, diskTotalBytes: totalBytes } = agent.device;
    const filling = fillingOf({ freeBytes, totalBytes }, facts.spaces.get(agent.id) ?? [], {
      ...rules['card-filling'],
      isOpen: looking.isOpen(keyOf('card-filling', agent.id)),
    });
    if (filling !== null) add('card-filling', about, { detail: filling });
  }

  for (const camera of facts.cameras) {
    const about = { subject: camera.id, name: camera.name, siteId: camera.siteId };
    const rules = rulesOf(camera.siteId);
    if (!online.has(camera.agentId)) unknown.add(keyOf('camera-failing', camera.id));
    else if (camera.health === 'offline')
      add('camera-failing', about, {
        afterMinutes: rules['camera-failing'].afterMinutes,
        detail: { code: camera.code, hint: camera.hint },
      });
    const pictures = facts.pictures.get(camera.id);
    if (pictures === undefined || pictures.newest.length === 0) {
      unknown.add(keyOf('view-moved', camera.id)).add(keyOf('quality-falling', camera.id));
      continue;
    }
    const { newest, week } = pictures;
    const moved = newest.slice(0, rules['view-moved'].pictures).filter(({ faults }) => faults.includes('view-moved'));
    const enough = looking.isOpen(keyOf('view-moved', camera.id)) ? 1 : rules['view-moved'].pictures;
    if (moved.length >= enough) add('view-moved', about, { detail: { pictures: moved.length } });
    const falling = fallingOf(newest, week, {
      ...rules['quality-falling'],
      isOpen: looking.isOpen(keyOf('quality-falling', camera.id)),
    });
    if (falling !== null) add('quality-falling', about, { detail: falling });
  }

  for (const { id, name, siteId, nothingPlanned, day } of facts.timelapses) {
    const about = { subject: id, name, siteId };
    if (nothingPlanned) add('nothing-planned', about);
    if (day === null || day.reported === 0) continue;
    const percent = Math.floor((day.covered / day.reported) * 1000) / 10;
    if (percent < rulesOf(siteId)['coverage-low'].belowPercent)
      add('coverage-low', about, { detail: { percent, date: day.date, missing: day.reported - day.covered } });
  }

  for (const { timelapseId: subject, name, siteId, films, reason } of facts.failedFilms)
    add('render-failed', { subject, name, siteId }, { detail: { films, reason } });
  if (facts.deadJobs > 0) add('jobs-dead', THE_HOUSE, { detail: { jobs: facts.deadJobs } });
  for (const { id, name, reason } of facts.pausedWebhooks)
    add('webhook-paused', { subject: id, name, siteId: null }, { detail: { reason } });
  lookAtHouse();
  return { findings, unknown };

  function lookAtHouse(): void {
    const rules = rulesOf(null);
    const { certificateExpiresAt: ends, storage } = facts;
    const days = ends === null ? null : Math.floor((ends - now) / DAY_MS);
    if (days !== null && days < rules['certificate-expiring'].withinDays)
      add('certificate-expiring', THE_HOUSE, {
        detail: { days: Math.max(0, days), expiresAt: ends },
        severity: days < 2 ? 'critical' : 'warning',
      });
    if (storage === null) unknown.add(keyOf('storage-low', HOUSE));
    const low =
      storage === null
        ? null
        : fillingOf(storage, facts.spaces.get(HOUSE) ?? [], {
            ...rules['storage-low'],
            isOpen: looking.isOpen(keyOf('storage-low', HOUSE)),
          });
    if (low !== null) add('storage-low', THE_HOUSE, { detail: low });
  }
}

/** A forecast needs to have seen so much, ms. */
const LEAST_SEEN_MS = DAY_MS / 2;

/** Whether a disk has little room, or will have none soon; null: it has. The days are reckoned from the line between the oldest and the newest that was noted. */
export function fillingOf(
  { freeBytes, totalBytes }: { freeBytes: number; totalBytes: number },
  noted: readonly FreeSpace[],
  { belowPercent, withinDays, isOpen }: { belowPercent: number; withinDays: number; isOpen: boolean },
): { freePercent: number; freeBytes: number; daysLeft: number | null } | null {
  if (totalBytes <= 0) return null;
  const freePercent = Math.round((freeBytes / totalBytes) * 1000) / 10;
  const [oldest, newest] = [noted.at(0), noted.at(-1)];
  const seenMs = oldest === undefined || newest === undefined ? 0 : newest.at - oldest.at;
  const goneBytes = (oldest?.freeBytes ?? 0) - freeBytes;
  const daysLeft =
    seenMs < LEAST_SEEN_MS || goneBytes <= 0
      ? null
      : Math.round((freeBytes / (goneBytes / (seenMs / DAY_MS))) * 10) / 10;
  const again = isOpen ? 1 : 0;
  const isLow = freePercent < belowPercent + again * AGAIN_PERCENT;
  const isEnding = daysLeft !== null && withinDays > 0 && daysLeft < withinDays + again;
  return isLow || isEnding ? { freePercent, freeBytes, daysLeft } : null;
}

/** Whether the newest pictures are flagged much more often than those of the week; null: they are not. */
export function fallingOf(
  newest: readonly { flagged: boolean }[],
  week: { frames: number; flagged: number },
  { pictures, morePercent, isOpen }: { pictures: number; morePercent: number; isOpen: boolean },
): { percent: number; weekPercent: number; pictures: number } | null {
  const looked = newest.slice(0, pictures);
  if (looked.length < pictures || week.frames === 0) return null;
  const percent = Math.round((looked.filter(({ flagged }) => flagged).length / looked.length) * 100);
  const weekPercent = Math.round((week.flagged / week.frames) * 100);
  // While bad pictures pile up the week gets bad too: what is open ends when the pictures are good again.
  const isFalling = isOpen ? percent >= morePercent / 2 : percent - weekPercent >= morePercent;
  return isFalling ? { percent, weekPercent, pictures: looked.length } : null;
}
