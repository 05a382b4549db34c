/** An incoming event on its way through the transaction that records it. */
import { hash } from 'node:crypto';
import {
  type AgentEvent,
  type AgentId,
  type Announcement,
  type CameraId,
  type CommandId,
  eventContent,
  type FrameId,
  frameIdOf,
  type TimelapseId,
} from '@slowlight/protocol';
import type { IncomingEvent } from '../frame.ts';

export interface Heard {
  agentId: AgentId;
  event: AgentEvent;
  receivedAt: number;
  /** What every copy of the event has in common, and its SHA-256. */
  content: string;
  digest: string;
}

export function hear({ agentId, event, receivedAt }: IncomingEvent): Heard {
  const content = eventContent(event);
  return { agentId, event, receivedAt, content, digest: hash('sha256', content, 'hex') };
}

export const keyOf = (heard: Heard): string => `${heard.agentId} ${heard.event.seq}`;

/** The picture that an event announces, if it does. */
export function announcedBy(event: AgentEvent): Announcement | null {
  if (event.type === 'frame.taken') return event.body.frame;
  if (event.type !== 'slot.settled') return null;
  return event.body.outcome === 'captured' || event.body.outcome === 'flagged' ? event.body.frame : null;
}

/** What an event speaks of. */
export interface Mentions {
  cameras: CameraId[];
  timelapses: TimelapseId[];
  commands: CommandId[];
  /** Frames of earlier events; each must be the agent's own. */
  frames: FrameId[];
}

const nothing: Mentions = { cameras: [], timelapses: [], commands: [], frames: [] };

export function mentionsOf(event: AgentEvent): Mentions {
  switch (event.type) {
    case 'slot.settled': {
      const frame = announcedBy(event);
      return {
        ...nothing,
        timelapses: [event.body.slot.timelapseId],
        cameras: frame === null ? [] : [frame.cameraId],
      };
    }
    case 'frame.taken':
      return {
        ...nothing,
        cameras: [event.body.frame.cameraId],
        commands: event.body.commandId === null ? [] : [event.body.commandId],
      };
    case 'slots.missed':
      return { ...nothing, timelapses: [event.body.timelapseId] };
    case 'frame.uploaded':
      return { ...nothing, frames: [event.body.frameId] };
    case 'frames.evicted':
      return { ...nothing, frames: event.body.frameIds };
    case 'frames.held':
      return { ...nothing, frames: event.body.frames.map((frame) => frame.frameId) };
    case 'camera.health-changed':
    case 'camera.degraded':
    case 'camera.recovered':
      return { ...nothing, cameras: [event.body.cameraId] };
    case 'schedule.applied':
      return { ...nothing, timelapses: event.body.spans.map((span) => span.timelapseId) };
    case 'command.done':
      return { ...nothing, commands: [event.body.commandId] };
    case 'clock.corrected':
      return { ...nothing, timelapses: event.body.waiting.map((one) => one.timelapseId) };
    case 'device.reported':
      return nothing;
  }
}

/** Whom the things that events speak of belong to, as far as the records know them. */
export interface Owners {
  cameras: ReadonlyMap<CameraId, AgentId>;
  timelapses: ReadonlyMap<TimelapseId, { agentId: AgentId; cameraId: CameraId }>;
  commands: ReadonlyMap<CommandId, { agentId: AgentId; cameraId: CameraId | null }>;
}

export interface Refusal {
  code: string;
  reason: string;
}

/**
 * Why an event can never be recorded; null: it can. What the records do not know is no reason (it may have been deleted,
 * or these records come from a backup), what belongs to another agent is.
 */
export function refusalOf({ agentId, event }: Heard, owners: Owners): Refusal | null {
  const { cameras, timelapses, commands, frames } = mentionsOf(event);
  const foreign = (what: string, id: string): Refusal => ({
    code: 'ingest.foreign',
    reason: `The event speaks of ${what} ${id}, which belongs to another agent.`,
  });
  const isForeign = (owner: AgentId | undefined) => owner !== undefined && owner !== agentId;
  for (const id of cameras) if (isForeign(owners.cameras.get(id))) return foreign('camera', id);
  for (const id of timelapses) if (isForeign(owners.timelapses.get(id)?.agentId)) return foreign('timelapse', id);
  for (const id of commands) if (isForeign(owners.commands.get(id)?.agentId)) return foreign('command', id);
  for (const id of frames) if (!isFrameOf(agentId, id)) return foreign('frame', id);

  const announced = announcedBy(event);
  if (announced !== null && announced.frameId !== frameIdOf(agentId, event.seq))
    return {
      code: 'ingest.wrong-frame-id',
      reason: `The event ${event.seq} of ${agentId} must announce ${frameIdOf(agentId, event.seq)}, not ${announced.frameId}.`,
    };
  if (event.type === 'slots.missed' && event.body.firstDueAt > event.body.lastDueAt)
    return { code: 'ingest.bad-range', reason: 'The range of missed slots ends before it begins.' };
  return null;
}

const isFrameOf = (agent: AgentId, frame: FrameId): boolean => frame.startsWith(`frm-${agent.slice('agt-'.length)}-`);
