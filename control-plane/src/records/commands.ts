import type { CommandView } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { CommandRecords } from '../ports.ts';
import type { Database } from './database.ts';
import type { CommandsTable } from './schema-work.ts';

/** How long the picture of a test shot is kept, ms. */
const TEST_SHOT_KEPT_MS = 3_600_000;

/** What was asked of agents, and what they answered; unanswered in time is expired. */
export function createCommands({ db, clock, change }: Database): CommandRecords {
  const view = (row: Selectable<CommandsTable>): CommandView => ({
    id: row.id,
    agentId: row.agent_id,
    cameraId: row.camera_id,
    type: row.type,
    state: row.state === 'sent' && row.expires_at <= clock.now() ? 'expired' : row.state,
    code: row.code,
    hint: row.hint,
    frameId: row.frame_id,
    answer: row.answer === null ? null : (JSON.parse(row.answer) as CommandView['answer']),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  });
  return {
    createCommand: (command, agent) =>
      change(async ({ tx, now }) => {
        // A test shot's picture is looked at when it comes, and never again.
        await tx
          .updateTable('commands')
          .set({ answer: null })
          .where('type', '=', 'test-shot')
          .where('answer', 'is not', null)
          .where('created_at', '<', now - TEST_SHOT_KEPT_MS)
          .execute();
        const row = await tx
          .insertInto('commands')
          .values({
            id: command.id,
            agent_id: agent,
            camera_id: 'cameraId' in command.body ? command.body.cameraId : null,
            type: command.type,
            state: 'sent',
            created_at: now,
            expires_at: command.expiresAt,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        return view(row);
      }),

    async command(id) {
      const row = await db.selectFrom('commands').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : view(row);
    },
  };
}
