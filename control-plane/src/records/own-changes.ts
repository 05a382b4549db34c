/**
 * Changes that nobody asks for over the API: by an agent, or by Slowlight itself. Promise: the audit log tells of each in the
 * commit of the change itself, so neither is there without the other. What agents report (frames, outcomes, health) is no
 * change but what is recorded.
 */
import type { AgentId, AuditEntry, SiteId, TimelapseId } from '@slowlight/protocol';
import { writeValue } from './audit.ts';
import type { Change } from './database.ts';

export interface OwnChange {
  actor: AuditEntry['actor'];
  /** What was done, in words; they begin with what it was done to. */
  action: string;
  subject: string | null;
  siteId: SiteId | null;
  address?: string | null;
  /** Nothing: it was done. */
  refusedAs?: string;
  before: unknown;
  after: unknown;
}

export const BY_ITSELF: AuditEntry['actor'] = { kind: 'system', id: null, name: null };

export async function noteOwnChange({ tx, now }: Pick<Change, 'tx' | 'now'>, change: OwnChange): Promise<void> {
  const { actor, action, subject, siteId, address = null, refusedAs, before, after } = change;
  await tx
    .insertInto('audit')
    .values({
      at: now,
      actor_kind: actor.kind,
      actor_id: actor.id,
      actor_name: actor.name,
      address,
      action,
      subject,
      site_id: siteId,
      result: refusedAs === undefined ? 'done' : 'refused',
      code: refusedAs ?? null,
      before: writeValue(before),
      after: writeValue(after),
    })
    .execute();
}

type Of = Pick<OwnChange, 'action' | 'before' | 'after'>;

/** About an agent, by itself unless Slowlight did it. */
export async function noteAboutAgent(
  within: Pick<Change, 'tx' | 'now'>,
  agent: AgentId,
  { by = 'agent', ...change }: Of & { by?: 'agent' | 'system' },
): Promise<void> {
  const row = await within.tx
    .selectFrom('agents')
    .select(['name', 'site_id'])
    .where('id', '=', agent)
    .executeTakeFirst();
  const actor = by === 'system' ? BY_ITSELF : { kind: by, id: agent, name: row?.name ?? null };
  await noteOwnChange(within, { ...change, actor, subject: agent, siteId: row?.site_id ?? null });
}

/** The site of a timelapse, for an entry about it or something of it. */
export async function siteOfTimelapse({ tx }: Pick<Change, 'tx'>, timelapse: TimelapseId): Promise<SiteId | null> {
  const row = await tx
    .selectFrom('timelapses')
    .innerJoin('cameras', 'cameras.id', 'timelapses.camera_id')
    .innerJoin('agents', 'agents.id', 'cameras.agent_id')
    .select('agents.site_id')
    .where('timelapses.id', '=', timelapse)
    .executeTakeFirst();
  return row?.site_id ?? null;
}
