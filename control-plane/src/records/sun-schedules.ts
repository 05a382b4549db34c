/** Schedules that follow the sun hold the place of their site: where the site is moved, they are moved with it. */
import { type AgentId, followsTheSun, type Place, type Schedule, type SiteId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { Change } from './database.ts';

/** Null where one of the two is not known. */
export function placeOf(site: { latitude: number | null; longitude: number | null } | null | undefined): Place | null {
  if (site == null || site.latitude === null || site.longitude === null) return null;
  return { latitude: site.latitude, longitude: site.longitude };
}

/**
 * Writes the new place into the schedules that run or are paused at this site. Gives the agents whose settings that changes.
 * @throws Failure `site.in-use` when they need a place and there is none any more
 */
export async function moveSunSchedules({ tx }: Change, site: SiteId, to: Place | null): Promise<Set<AgentId>> {
  const rows = await tx
    .selectFrom('timelapses')
    .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
    .innerJoin('agents', 'agents.id', 'cameras.agent_id')
    .select(['timelapses.id', 'timelapses.schedule', 'cameras.agent_id'])
    .where('agents.site_id', '=', site)
    .where('timelapses.state', 'in', ['running', 'paused'])
    .execute();
  const moved = new Set<AgentId>();
  for (const row of rows) {
    const schedule = JSON.parse(row.schedule) as Schedule;
    if (!followsTheSun(schedule)) continue;
    if (to === null) throw inUse();
    const next: Schedule = { ...schedule, location: to };
    await tx
      .updateTable('timelapses')
      .set({ schedule: JSON.stringify(next) })
      .where('id', '=', row.id)
      .execute();
    moved.add(row.agent_id);
  }
  return moved;
}

const inUse = () =>
  new Failure({
    code: 'site.in-use',
    message: 'A timelapse at this site follows the sun and needs to know where the site lies.',
    hint: 'Give the site both latitude and longitude, or change the schedule of that timelapse first.',
    retry: 'never',
  });
