// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Who hears the feed over HTTP, and how far */
export const getWebhooks = (asked: Asked = {}): Promise<{ items: (Out<typeof p.webhookView>)[]; next: string | null }> =>
  call('GET', '/api/webhooks', asked);

/** Send what happens from now on to an address, in order and signed as Standard Webhooks has it; the secret is in the answer and never shown again */
export const postWebhooks = (asked: { body: In<typeof p.webhookInput> } & Asked): Promise<Out<typeof p.webhookCreated>> =>
  call('POST', '/api/webhooks', asked);

/** Change a webhook; only what is given changes */
export const patchWebhooksById = ({ id, ...asked }: { id: string; body: In<typeof p.webhookChange> } & Asked): Promise<Out<typeof p.webhookView>> =>
  call('PATCH', `/api/webhooks/${encodeURIComponent(id)}`, asked);

/** Send nothing there any more */
export const deleteWebhooksById = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/webhooks/${encodeURIComponent(id)}`, asked);

/** Let a paused webhook go on, from where it stopped or from now */
export const postWebhooksByIdResume = ({ id, ...asked }: { id: string; body: In<typeof p.webhookResume> } & Asked): Promise<Out<typeof p.webhookView>> =>
  call('POST', `/api/webhooks/${encodeURIComponent(id)}/resume`, asked);

/** Send a test message */
export const postWebhooksByIdTest = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.sendTestResult>> =>
  call('POST', `/api/webhooks/${encodeURIComponent(id)}/test`, asked);
