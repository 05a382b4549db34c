/** What events say of cameras, devices, schedules and commands. Of two reports the one with the higher `seq` is the newer. */
import type { AgentEvent, DeviceView, Span } from '@slowlight/protocol';
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
      case 'camera.degraded': {
        const { at: _at, ...body } = event.body;
        change.tell({ type: 'camera.degraded', body });
        break;
      }
      case 'camera.recovered':
        change.tell({ type: 'camera.recovered', body: { cameraId: event.body.cameraId, by: event.body.by } });
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
  const device: DeviceView = body;
  await tx
    .updateTable('agents')
    .set({ device: JSON.stringify(device), device_seq: seq })
    .where('id', '=', agentId)
    .where('device_seq', '<', seq)
    .execute();
  tell({ type: 'agent.reported', body: { agentId } });
}

async function recordSchedule(
  { tx, tell, touch }: Change,
  agentId: Heard['agentId'],
  { seq, body }: Of<'schedule.applied'>,
): Promise<void> {
  for (const span of body.spans) {
    const report = spanRow(span, agentId, seq);
    const before = await tx.selectFrom('spans').selectAll().where('id', '=', span.id).executeTakeFirst();
    if (before === undefined) {
      await tx.insertInto('spans').values(report).execute();
      touch(span.timelapseId, span.from, span.until ?? Number.MAX_SAFE_INTEGER);
    } else if (before.agent_id === agentId) {
      const merged = mergedSpan(before, report);
      await tx.updateTable('spans').set(merged).where('id', '=', span.id).execute();
      const from = changedFrom(before, merged);
      if (from !== null) touch(span.timelapseId, from, Number.MAX_SAFE_INTEGER);
    }
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

/** From when on a span plans other slots than before; null: it does not. */
function changedFrom(before: Selectable<SpansTable>, after: Selectable<SpansTable>): number | null {
  const end = (row: Selectable<SpansTable>) => row.until_at ?? Number.MAX_SAFE_INTEGER;
  const isSame =
    before.schedule === after.schedule &&
    before.from_at === after.from_at &&
    before.first_at_once === after.first_at_once &&
    before.timelapse_id === after.timelapse_id;
  if (!isSame) return Math.min(before.from_at, after.from_at);
  return end(before) === end(after) ? null : Math.min(end(before), end(after));
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
