/** What of the feed somebody hears who may not look everywhere: what belongs to the sites that are seen, and what is for all. */
import { agentOfFrame, type FeedEntry, type FeedEvent, type SiteId } from '@slowlight/protocol';
import { z } from 'zod';
import type { PlacedKind, WhereRecords } from '../ports-people.ts';

/** Overlay templates and their pictures are for everybody who may look anywhere. */
const FOR_ALL: ReadonlySet<string> = new Set(['overlay.template-changed', 'overlay.asset-changed']);

const named = z.object({
  siteId: z.string().nullish(),
  agentId: z.string().nullish(),
  cameraId: z.string().nullish(),
  timelapseId: z.string().nullish(),
  videoId: z.string().nullish(),
  frameId: z.string().nullish(),
  commandId: z.string().nullish(),
});

/** What an event is about; `house`: something that concerns the whole house. Pure. */
export function aboutOf({ type, body }: FeedEvent): { kind: PlacedKind; id: string } | 'all' | 'house' {
  if (FOR_ALL.has(type)) return 'all';
  const { siteId, agentId, cameraId, timelapseId, videoId, frameId, commandId } = named.parse(body);
  if (siteId != null) return { kind: 'site', id: siteId };
  if (agentId != null) return { kind: 'agent', id: agentId };
  if (cameraId != null) return { kind: 'camera', id: cameraId };
  if (timelapseId != null) return { kind: 'timelapse', id: timelapseId };
  if (videoId != null) return { kind: 'video', id: videoId };
  // A frame may be gone from the records; its agent is told by its name.
  if (frameId != null) return { kind: 'agent', id: agentOfFrame(frameId as Parameters<typeof agentOfFrame>[0]) };
  if (commandId != null) return { kind: 'command', id: commandId };
  return 'house';
}

/** Gives the entries that are heard where only these sites are seen. */
export function createFeedSight(
  siteOf: WhereRecords['siteOf'],
): (entries: readonly FeedEntry[], sites: readonly SiteId[]) => Promise<FeedEntry[]> {
  return async (entries, sites) => {
    const heard: FeedEntry[] = [];
    for (const entry of entries) {
      const about = aboutOf(entry.event);
      if (about === 'house') continue;
      const site = about === 'all' ? null : await siteOf(about.kind, about.id);
      if (about === 'all' || (site !== null && sites.includes(site))) heard.push(entry);
    }
    return heard;
  };
}
