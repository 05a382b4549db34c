/**
 * Where a request belongs: which site it is about. Most routes say it by their address (`/api/cameras/:id/…` is about the
 * site of that camera); the others say it in their `config.site`. One that says nothing is about the whole house.
 */
import {
  agentId,
  alarmId,
  cameraId,
  commandId,
  enrolmentId,
  frameId,
  type SiteId,
  shareId,
  siteId,
  timelapseId,
  videoId,
} from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { PlacedKind, WhereRecords } from '../ports-people.ts';
import type { Place } from './grants.ts';

export type SiteSource =
  /** The own session: everybody's who is logged in, whatever else they may. */
  | 'own'
  /** What is for everybody who may look anywhere. */
  | 'anywhere'
  /** Everything at once: the role must hold for the whole house. */
  | 'house'
  /** A list, whose handler shows only what belongs to the sites that somebody sees. */
  | 'seen'
  /** Fields of the body of which the first that is given names the thing; none given: as `anywhere`. */
  | { body: Readonly<Record<string, PlacedKind>> };

const SCHEMAS = {
  site: siteId,
  agent: agentId,
  camera: cameraId,
  timelapse: timelapseId,
  frame: frameId,
  video: videoId,
  command: commandId,
  share: shareId,
  enrolment: enrolmentId,
  alarm: alarmId,
} satisfies Record<PlacedKind, unknown>;

const KIND_OF_ADDRESS: Readonly<Record<string, PlacedKind>> = {
  sites: 'site',
  agents: 'agent',
  cameras: 'camera',
  timelapses: 'timelapse',
  frames: 'frame',
  videos: 'video',
  commands: 'command',
  shares: 'share',
  enrolments: 'enrolment',
  alarms: 'alarm',
};

/** The kind of thing that `:id` names in the address of a route; null: the address says nothing. Pure. */
export function kindOfAddress(url: string): PlacedKind | null {
  const [, collection] = /^\/api\/([a-z-]+)\/:id(?:\/|\.|$)/.exec(url) ?? [];
  return collection === undefined ? null : (KIND_OF_ADDRESS[collection] ?? null);
}

/** Whether a route says where it belongs. Pure. */
export const saysWhere = (url: string, said: SiteSource | undefined): boolean =>
  said !== undefined || kindOfAddress(url) !== null;

/** Where a request belongs as far as its address tells; `later`: its body will. */
export async function placeOfAddress(
  route: { url: string; site: SiteSource | undefined; id: unknown },
  siteOf: WhereRecords['siteOf'],
): Promise<Place | 'later'> {
  const { url, site: said, id } = route;
  if (typeof said === 'object') return 'later';
  if (said === 'house' || said === 'own') return { kind: said };
  if (said !== undefined) return { kind: 'anywhere' };
  const kind = kindOfAddress(url);
  return kind === null ? { kind: 'house' } : placeOf(kind, id, siteOf);
}

/** Where a request belongs by what its body names. */
export async function placeOfBody(
  fields: Readonly<Record<string, PlacedKind>>,
  body: unknown,
  siteOf: WhereRecords['siteOf'],
): Promise<Place> {
  const given = typeof body === 'object' && body !== null ? new Map(Object.entries(body)) : new Map<string, unknown>();
  for (const [field, kind] of Object.entries(fields)) {
    const id = given.get(field);
    if (id !== undefined && id !== null) return placeOf(kind, id, siteOf);
  }
  return { kind: 'anywhere' };
}

async function placeOf(kind: PlacedKind, id: unknown, siteOf: WhereRecords['siteOf']): Promise<Place> {
  const read = SCHEMAS[kind].safeParse(id);
  return { kind: 'site', thing: kind, site: read.success ? await siteOf(kind, read.data) : null };
}

/** A thing hardly ever moves to another site; a moment late is soon enough, ms. */
const KNOWN_FOR_MS = 30_000;
const MOST_KNOWN = 5000;

/** `siteOf` for somebody who asks often, such as each viewer of the feed. What is not there is asked for anew each time. */
export function rememberSites(records: WhereRecords, clock: Clock): WhereRecords['siteOf'] {
  const known = new Map<string, { site: SiteId; until: number }>();
  return async (kind, id) => {
    const kept = known.get(id);
    if (kept !== undefined && kept.until > clock.now()) return kept.site;
    const site = await records.siteOf(kind, id);
    known.delete(id);
    if (site === null) return null;
    known.set(id, { site, until: clock.now() + KNOWN_FOR_MS });
    for (const oldest of known.keys()) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(oldest);
    }
    return site;
  };
}
