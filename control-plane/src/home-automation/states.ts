/**
 * What is said of the house, its sites, agents, cameras and timelapses: one JSON object each, on one retained topic. What is
 * yes or no is said as `ON` and `OFF`, because templates of Home Assistant write JSON's own as `True` and `False`; what is
 * not known is null. Pure.
 */
import type { AgentView, CameraView, FrameView, HouseId, SiteView, TimelapseView } from '@slowlight/protocol';

const yes = (is: boolean) => (is ? 'ON' : 'OFF');
const moment = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const round = (value: number, places: number) => Math.round(value * 10 ** places) / 10 ** places;

/** All that is known of a camera. */
export interface CameraLook {
  camera: CameraView;
  agent: AgentView;
  site: SiteView | null;
  /** The one that is running or paused. */
  timelapse: TimelapseView | null;
  newest: FrameView | null;
  /** Of the last 24 hours, 0 to 1; null: nothing was planned. */
  covered: number | null;
  /** Announced pictures that are still at the edge. */
  waiting: number;
}
export interface AgentLook {
  agent: AgentView;
  site: SiteView | null;
}

/** @param withPicture whether its newest picture is kept at this broker; said so that it is found and cleared when it is not any more */
export function cameraState(
  { camera, agent, site, timelapse, newest, covered, waiting }: CameraLook,
  { house, withPicture }: { house: HouseId; withPicture: boolean },
) {
  const reachable = agent.state === 'online';
  const online = !reachable ? 'OFF' : camera.health === 'unknown' ? null : yes(camera.health !== 'offline');
  const rhythm = timelapse?.schedule.rhythm;
  const problem = problemOf(camera, { reachable, timelapse });
  return {
    house,
    id: camera.id,
    name: camera.name,
    site: site?.name ?? null,
    agent: agent.id,
    enabled: yes(camera.enabled),
    online,
    health: camera.health,
    problem: yes(problem !== null),
    problem_text: problem,
    paused: timelapse === null ? null : yes(timelapse.state === 'paused'),
    interval: rhythm?.kind === 'interval' ? rhythm.everyMs / 1000 : null,
    quality: newest?.score ?? null,
    coverage: covered === null ? null : round(covered * 100, 1),
    backlog: waiting,
    last_capture: moment(newest?.takenAt ?? null),
    last_frame: newest?.id ?? null,
    picture: yes(withPicture),
    next_due: moment(camera.nextDueAt),
    timelapse: timelapse?.id ?? null,
    timelapse_name: timelapse?.name ?? null,
    timelapse_state: timelapse?.state ?? null,
    frames: timelapse?.frames ?? null,
    day: timelapse?.dayNumber ?? null,
  };
}

/** null: there is none. */
function problemOf(
  camera: CameraView,
  { reachable, timelapse }: { reachable: boolean; timelapse: TimelapseView | null },
): string | null {
  if (!camera.enabled) return null;
  if (!reachable) return 'The agent beside this camera is not connected.';
  if (camera.health === 'offline' || camera.health === 'degraded')
    return camera.healthHint ?? 'The camera gives no good pictures.';
  if (timelapse?.nothingPlanned === true) return 'Nothing is planned for the next 7 days.';
  return null;
}

/** @param ownVersion of the control plane, which an agent is never older than for long */
export function agentState({ agent, site }: AgentLook, { house, ownVersion }: { house: HouseId; ownVersion: string }) {
  const { device } = agent;
  return {
    house,
    id: agent.id,
    name: agent.name,
    site: site?.name ?? null,
    online: yes(agent.state === 'online'),
    state: agent.state,
    since: moment(agent.stateSince),
    version: agent.version,
    latest_version: agent.version === null ? null : newerOf(agent.version, ownVersion),
    settings_applied: yes(agent.settingsApplied >= agent.settingsVersion),
    disk_free: device === null ? null : round(device.diskFreeBytes / 1e9, 2),
    disk_total: device === null ? null : round(device.diskTotalBytes / 1e9, 2),
    temperature: device?.temperatureCelsius == null ? null : round(device.temperatureCelsius, 1),
    backlog: device?.backlogFrames ?? null,
    backlog_bytes: device?.backlogBytes ?? null,
    set_aside: device?.quarantinedFrames ?? null,
    clock: device?.clock ?? null,
    reported: moment(device?.at ?? null),
  };
}

/** Versions as `1.2.3`; whatever follows a `-` makes one earlier than the same without. */
function newerOf(one: string, other: string): string {
  const [a, b] = [partsOf(one), partsOf(other)];
  for (const index of [0, 1, 2, 3]) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference > 0 ? one : other;
  }
  return one;
}
function partsOf(version: string): number[] {
  const [numbers = '', ...before] = version.replace(/^v/, '').split('-');
  const [major = 0, minor = 0, patch = 0] = numbers.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return [major, minor, patch, before.length > 0 ? 0 : 1];
}

export function siteState({ id, name, timeZone, latitude, longitude, weather }: SiteView, house: HouseId) {
  return {
    house,
    id,
    name,
    time_zone: timeZone,
    latitude,
    longitude,
    weather: weather === null ? null : { hour: moment(weather.hour), ...weather.facts },
  };
}

export function timelapseState(timelapse: TimelapseView, house: HouseId) {
  const { id, cameraId, name, state, frames, flagged, bytes, dayNumber, schedule } = timelapse;
  return {
    house,
    id,
    name,
    camera: cameraId,
    state,
    frames,
    flagged,
    bytes,
    day: dayNumber,
    rhythm: schedule.rhythm,
    time_zone: schedule.timeZone,
    started: moment(timelapse.startedAt),
    completed: moment(timelapse.completedAt),
    first_frame: moment(timelapse.firstFrameAt),
    last_frame: moment(timelapse.lastFrameAt),
    next_due: moment(timelapse.nextDueAt),
    nothing_planned: yes(timelapse.nothingPlanned),
  };
}

export function houseState(
  house: HouseId,
  { version, url, topicRoot }: { version: string; url: string | null; topicRoot: string },
) {
  return { house, name: 'Slowlight', version, url, topic_root: topicRoot };
}
