/** Which cameras are on the wall, in which order, in which rows. Pure. */
import type { AgentView, CameraView, SiteId, SiteView, WallItem } from '@slowlight/protocol';
import type { Sort, WallPlace } from './place.ts';

/** A camera with all that its card needs. */
export interface Placed {
  camera: CameraView;
  site: Pick<SiteView, 'id' | 'name' | 'timeZone'> | undefined;
  agent: AgentView | undefined;
  /** undefined: not known yet. */
  item: WallItem | undefined;
}
export interface Group {
  /** null: all in one, without a title. */
  title: string | null;
  siteId: SiteId | null;
  cameras: Placed[];
}

/** Whether somebody should look after it. */
export function inTrouble({ camera, agent, item }: Placed): boolean {
  if (!camera.enabled) return false;
  return (
    camera.health === 'offline' ||
    camera.health === 'degraded' ||
    (agent !== undefined && agent.state !== 'online') ||
    (item?.verdict?.faults.length ?? 0) > 0 ||
    item?.timelapse?.nothingPlanned === true
  );
}

const SHOWS: Record<NonNullable<WallPlace['show']>, (placed: Placed) => boolean> = {
  trouble: inTrouble,
  recording: ({ camera }) => camera.timelapseState === 'running',
  idle: ({ camera }) => camera.timelapseState !== 'running',
  waiting: ({ item }) => (item?.waiting.frames ?? 0) > 0,
};

/** Smallest first; what is not known comes last. */
const KEYS: Record<Exclude<Sort, 'name'>, (placed: Placed) => number> = {
  silent: ({ camera }) => camera.newest?.at ?? Number.NEGATIVE_INFINITY,
  coverage: ({ item }) => item?.today?.covered ?? Number.POSITIVE_INFINITY,
  quality: ({ item }) => item?.verdict?.score ?? Number.POSITIVE_INFINITY,
  backlog: ({ item }) => -(item?.waiting.frames ?? 0),
};

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** @param locale names are sorted as people of this language do, with numbers in them as numbers */
export function arrange(all: readonly Placed[], place: WallPlace, locale: string): Group[] {
  const wanted = fold(place.find ?? '')
    .split(/\s+/)
    .filter(Boolean);
  const shown = all.filter((placed) => {
    if (place.show !== undefined && !SHOWS[place.show](placed)) return false;
    if (wanted.length === 0) return true;
    const text = fold(`${placed.camera.name} ${placed.site?.name ?? ''} ${placed.item?.timelapse?.name ?? ''}`);
    return wanted.every((word) => text.includes(word));
  });
  const { sort, group } = place;
  if (sort === undefined && group === undefined) return [{ title: null, siteId: null, cameras: shown }];
  const names = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  if (sort === 'name') shown.sort((a, b) => names.compare(a.camera.name, b.camera.name));
  else if (sort !== undefined) {
    const key = KEYS[sort];
    shown.sort((a, b) => compare(key(a), key(b)) || names.compare(a.camera.name, b.camera.name));
  }
  if (group === undefined) return [{ title: null, siteId: null, cameras: shown }];
  const bySite = Map.groupBy(shown, ({ site }) => site?.id ?? null);
  return Array.from(bySite, ([siteId, cameras]) => ({ title: cameras[0]?.site?.name ?? '', siteId, cameras })).sort(
    (a, b) => names.compare(a.title, b.title),
  );
}

/** Infinities are equal to themselves. */
const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);

export type Row = { kind: 'title'; key: string; group: Group } | { kind: 'cards'; key: string; cards: Placed[] };

/** Groups cut into rows of so many cards. */
export function rowsOf(groups: readonly Group[], columns: number): Row[] {
  return groups.flatMap((group): Row[] => {
    const rows: Row[] = group.title === null ? [] : [{ kind: 'title', key: `t ${group.siteId}`, group }];
    for (let start = 0; start < group.cameras.length; start += columns) {
      const cards = group.cameras.slice(start, start + columns);
      rows.push({ kind: 'cards', key: `${group.siteId} ${cards[0]?.camera.id}`, cards });
    }
    return rows;
  });
}
