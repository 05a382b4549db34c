/** Who is told of the feed over HTTP, and how far. Secrets are sealed before they come here. */
import type { WebhookId } from '@slowlight/protocol';
import type { Selectable } from 'kysely';
import type { Webhook, WebhookProgress, WebhookRecords, WebhookWrite } from '../ports-alarms.ts';
import type { Database } from './database.ts';
import { BY_ITSELF, noteOwnChange } from './own-changes.ts';
import type { WebhooksTable } from './schema-alarms.ts';
import { lastPosition } from './watch.ts';

const view = (row: Selectable<WebhooksTable>): Webhook => ({
  id: row.id,
  name: row.name,
  url: row.url,
  topics: JSON.parse(row.topics) as string[],
  enabled: row.enabled === 1,
  sealedSecret: row.sealed_secret,
  position: row.position,
  attempts: row.attempts,
  failingSince: row.failing_since,
  lastError: row.last_error,
  nextTryAt: row.next_try_at,
  lastDeliveredAt: row.last_delivered_at,
  pausedAt: row.paused_at,
  pausedReason: row.paused_reason,
  createdAt: row.created_at,
});

const columnsOf = (webhook: WebhookWrite) => ({
  name: webhook.name,
  url: webhook.url,
  topics: JSON.stringify(webhook.topics),
  enabled: webhook.enabled ? (1 as const) : (0 as const),
  sealed_secret: webhook.sealedSecret,
});

const progressOf = (progress: WebhookProgress) =>
  Object.fromEntries(
    (
      [
        ['attempts', progress.attempts],
        ['failing_since', progress.failingSince],
        ['last_error', progress.lastError],
        ['next_try_at', progress.nextTryAt],
        ['last_delivered_at', progress.lastDeliveredAt],
        ['paused_at', progress.pausedAt],
        ['paused_reason', progress.pausedReason],
      ] as const
    ).filter(([, value]) => value !== undefined),
  );

const WORKS = { attempts: 0, failing_since: null, last_error: null, next_try_at: null };

export function createWebhooks({ db, change }: Database): WebhookRecords {
  const find = (id: WebhookId) => db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
  return {
    async webhooks() {
      return (await db.selectFrom('webhooks').selectAll().orderBy('created_at').orderBy('id').execute()).map(view);
    },
    async webhook(id) {
      const row = await find(id);
      return row === undefined ? null : view(row);
    },
    createWebhook: (id, webhook) =>
      change(async ({ tx, now }) => {
        const row = { id, ...columnsOf(webhook), ...WORKS, position: await lastPosition(tx), created_at: now };
        return view(await tx.insertInto('webhooks').values(row).returningAll().executeTakeFirstOrThrow());
      }),
    changeWebhook: (id, wanted) =>
      change(async ({ tx }) => {
        const before = await tx.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
        if (before === undefined) return null;
        // Another address or secret is tried at once.
        const row = { ...columnsOf({ ...view(before), ...wanted }), next_try_at: null };
        await tx.updateTable('webhooks').set(row).where('id', '=', id).execute();
        return view({ ...before, ...row });
      }),
    deleteWebhook: (id) =>
      change(async ({ tx }) => {
        return (await tx.deleteFrom('webhooks').where('id', '=', id).returning('id').executeTakeFirst()) !== undefined;
      }),
    moveWebhook: (id, from, to, progress) =>
      change(async (within) => {
        const { tx } = within;
        const moved = await tx
          .updateTable('webhooks')
          .set({ position: to, ...progressOf(progress) })
          .where('id', '=', id)
          .where('position', '=', from)
          .returning(['id', 'name'])
          .executeTakeFirst();
        if (moved !== undefined && progress.pausedAt != null)
          await noteOwnChange(within, {
            actor: BY_ITSELF,
            action: 'webhook: it is paused, because nothing gets through',
            subject: id,
            siteId: null,
            before: { name: moved.name, paused: false },
            after: { paused: true, reason: progress.pausedReason ?? null },
          });
        return moved !== undefined;
      }),
    resumeWebhook: (id, position) =>
      change(async ({ tx }) => {
        const row = await tx
          .updateTable('webhooks')
          .set({ ...WORKS, paused_at: null, paused_reason: null, ...(position !== null && { position }) })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        return row === undefined ? null : view(row);
      }),
  };
}
