/** What events say of cameras, devices, schedules and commands. Of two reports the one with the higher `seq` is the newer. */
import type { AgentEvent, Span } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { Change } from './database.ts';
import type { Heard, Owners } from './heard.ts';
import type { SpansTable } from './schema.ts';

type Of<Type extends AgentEvent['type']> = Extract<AgentEvent, { type: Type }>;

export async function recordReports(change: Change, fresh: readonly Heard[], owners: Owners): Promise<void> {
  for (const { agentId, event } of fresh) {
    switch (event.type) {
      case 'camera.health-changed':
        await recordHealth(change, event);
        break;
      case 'device.reported':
        await recordDevice(change, agentId, event);
        break;
      case 'schedule.applied':
        await recordSchedule(change, agentId, event);
        break;
      case 'command.done':
        await recordCommand(change, event, owners);
        break;
      default:
        break;
    }
  }
}

async function recordHealth({ tx, tell }: Change, { seq, body }: Of<'camera.health-changed'>): Promise<void> {
  const { cameraId, health, code, hint } = body;
  await tx
    .updateTable('cameras')
    .set({ health, health_code: code, health_hint: hint, health_seq: seq })
    .where('id', '=', cameraId)
    .where('health_seq', '<', seq)
    .execute();
  tell({ type: 'camera.health-changed', body: { cameraId, health, code, hint } });
}

async function recordDevice(
  { tx, tell }: Change,
  agentId: Heard['agentId'],
  { seq, body }: Of<'device.reported'>,
): Promise<void> {
  const device = {
    at: body.at,
    diskFreeBytes: body.diskFreeBytes,
    diskTotalBytes: body.diskTotalBytes,
    temperatureCelsius: body.temperatureCelsius,
    backlogFrames: body.backlogFrames,
    backlogBytes: body.backlogBytes,
    quarantinedFrames: body.quarantinedFrames,
    clock: body.clock,
    ffmpegVersion: body.ffmpegVersion,
  };
  await tx
    .updateTable('agents')
    .set({ device: JSON.stringify(device), device_seq: seq })
    .where('id', '=', agentId)
    .where('device_seq', '<', seq)
    .execute();
  tell({ type: 'agent.reported', body: { agentId } });
}

async function recordSchedule(
  { tx, tell }: Change,
  agentId: Heard['agentId'],
  { seq, body }: Of<'schedule.applied'>,
): Promise<void> {
  for (const span of body.spans) {
    const report = spanRow(span, agentId, seq);
    const before = await tx.selectFrom('spans').selectAll().where('id', '=', span.id).executeTakeFirst();
    if (before === undefined) await tx.insertInto('spans').values(report).execute();
    else if (before.agent_id === agentId)
      await tx.updateTable('spans').set(mergedSpan(before, report)).where('id', '=', span.id).execute();
  }
  await tx
    .updateTable('agents')
    .set({ settings_applied: body.settingsVersion })
    .where('id', '=', agentId)
    .where('settings_applied', '<', body.settingsVersion)
    .execute();
  tell({ type: 'settings.applied', body: { agentId, version: body.settingsVersion } });
}

const spanRow = (span: Span, agentId: Heard['agentId'], seq: number): Selectable<SpansTable> => ({
  id: span.id,
  agent_id: agentId,
  timelapse_id: span.timelapseId,
  schedule: JSON.stringify(span.schedule),
  from_at: span.from,
  until_at: span.until,
  first_at_once: span.firstAtOnce ? 1 : 0,
  seq,
});

/** What a span is was said first; that it ended, and when at the earliest, may be said at any time. */
export function mergedSpan(a: Selectable<SpansTable>, b: Selectable<SpansTable>): Selectable<SpansTable> {
  const first = a.seq <= b.seq ? a : b;
  const ends = [a.until_at, b.until_at].filter((until) => until !== null);
  return { ...first, until_at: ends.length === 0 ? null : Math.min(...ends) };
}

async function recordCommand({ tx, tell }: Change, { seq, body }: Of<'command.done'>, owners: Owners): Promise<void> {
  const answer =
    body.result === 'done'
      ? { state: 'done' as const, frame_id: body.frameId, answer: JSON.stringify(body.answer), code: null, hint: null }
      : { state: 'refused' as const, frame_id: null, answer: null, code: body.code, hint: body.hint };
  await tx
    .updateTable('commands')
    .set({ ...answer, done_seq: seq })
    .where('id', '=', body.commandId)
    .where((eb) => eb.or([eb('done_seq', 'is', null), eb('done_seq', '>', seq)]))
    .execute();
  tell({
    type: 'command.done',
    body: {
      commandId: body.commandId,
      cameraId: owners.commands.get(body.commandId)?.cameraId ?? null,
      result: body.result,
      hint: answer.hint,
    },
  });
}
