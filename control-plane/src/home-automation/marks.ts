/** What an entry of the feed makes out of date at a house, and what is passed on as it is. Pure. */
import type { AgentId, CameraId, FeedEvent, SiteId, TimelapseId } from '@slowlight/protocol';

export type Mark =
  | { kind: 'camera'; id: CameraId }
  /** With its cameras: whether they can be reached depends on it. */
  | { kind: 'agent'; id: AgentId }
  | { kind: 'device'; id: AgentId }
  | { kind: 'timelapse'; id: TimelapseId }
  | { kind: 'site'; id: SiteId }
  | { kind: 'everything' };

/** Of these kinds; what concerns people, settings and the work of the control plane stays inside. */
const PASSED_ON = /^(frame|slot|capture|thumbnail|camera|site|agent|timelapse|video|weather|command)\./;
export const isPassedOn = ({ type }: FeedEvent): boolean => PASSED_ON.test(type);

export function marksOf(event: FeedEvent): Mark[] {
  if (event.type === 'site.changed') return [{ kind: 'everything' }];
  if (event.type === 'weather.updated') return [{ kind: 'site', id: event.body.siteId }];
  if (event.type === 'agent.reported') return [{ kind: 'device', id: event.body.agentId }];
  const marks: Mark[] = [];
  const { body, type } = event;
  if (!isPassedOn(event)) return marks;
  if ('agentId' in body && body.agentId !== null && type.startsWith('agent.'))
    marks.push({ kind: 'agent', id: body.agentId });
  if ('cameraId' in body && body.cameraId !== null) marks.push({ kind: 'camera', id: body.cameraId });
  if ('timelapseId' in body && body.timelapseId !== null && !type.startsWith('video.'))
    marks.push({ kind: 'timelapse', id: body.timelapseId });
  return marks;
}
